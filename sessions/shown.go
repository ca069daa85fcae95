package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/files"
)

// shownFolder is a folder of content in a working directory.
type shownFolder struct {
	view *files.View
	dir  string
}

func (f *shownFolder) close() error {
	if f == nil {
		return nil
	}
	return f.view.Close()
}

// freshFor is how long a working directory is taken to be up to date.
const freshFor = 2 * time.Second

// show shows a folder in a directory, which is there or is made.
func (m *Manager) show(ctx context.Context, user iam.Member, folder content.ResourceID, dir string, uid int) (*shownFolder, error) {
	if m.Service == nil {
		return nil, nil
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	} else if err == nil && uid != 0 {
		if err := os.Lchown(dir, uid, uid); err != nil {
			return nil, err
		}
	}
	view, notes, err := files.Open(as(ctx, user), m.Service, folder, dir, uid, m.Files)
	if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) {
		return nil, nil // it may be opened, but its folder not be listed
	}
	if err != nil {
		return nil, fmt.Errorf("working directory: %w", err)
	}
	for _, n := range notes {
		m.log.Info("working directory", "user", user, "note", n)
	}
	return &shownFolder{view, dir}, nil
}

// as gives a context in which a session's user acts.
func as(ctx context.Context, user iam.Member) context.Context {
	return content.WithActor(ctx, content.Actor{Principal: user})
}

// folderDir is where a shared session shows a folder.
func (s *Session) folderDir(folder string) string {
	if folder == "" {
		return filepath.Join(s.handle.Dir, WorkDir)
	}
	return filepath.Join(s.handle.Dir, WorkDir, folder[max(0, len(folder)-12):])
}

// show shows a folder in a shared session, unless it does already.
func (s *Session) show(ctx context.Context, folder string) error {
	if folder == "" {
		return nil
	}
	s.mu.Lock()
	there := s.shown[folder] != nil
	s.mu.Unlock()
	if there {
		return nil
	}
	f, err := s.m.show(ctx, s.meta.User, content.ResourceID(folder), s.folderDir(folder), s.meta.UID)
	if err != nil || f == nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown[folder] != nil { // somebody was faster
		return f.close()
	}
	s.shown[folder] = f
	return nil
}

// reshow shows the folders of a session that was taken over again.
func (s *Session) reshow(ctx context.Context) {
	for _, k := range s.kernels {
		if k.folder == "" || s.shown[k.folder] != nil {
			continue
		}
		dir := s.folderDir(k.folder)
		if !s.meta.Shared {
			dir = filepath.Join(s.handle.Dir, WorkDir)
		}
		f, err := s.m.show(ctx, s.meta.User, content.ResourceID(k.folder), dir, s.meta.UID)
		if err != nil {
			s.m.log.Warn("working directory", "session", s.meta.ID, "error", err)
		}
		if f != nil {
			s.shown[k.folder] = f
		}
	}
}

func (s *Session) unshow() {
	s.mu.Lock()
	shown := s.shown
	s.shown = map[string]*shownFolder{}
	s.mu.Unlock()
	for _, f := range shown {
		if err := f.close(); err != nil {
			s.m.log.Warn("working directory", "session", s.meta.ID, "error", err)
		}
	}
}

// workDir is the working directory of a kernel in a shared session.
func (s *Session) workDir(k *Kernel) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.shown[k.folder]; f != nil {
		return f.dir
	}
	return s.folderDir("")
}

// shownFolder is what the kernel's working directory shows; nil for nothing.
func (k *Kernel) shownFolder() *files.View {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if f := k.s.shown[k.folder]; f != nil {
		return f.view
	}
	return nil
}

// refresh brings the working directory up to date before a cell is executed. What there is to say of it, and of what the
// cells before have written, becomes output of this one.
func (k *Kernel) refresh(request *wire.Message) {
	view := k.shownFolder()
	if view == nil {
		return
	}
	ctx, cancel := context.WithTimeout(as(k.s.m.ctx, k.s.meta.User), 10*time.Second)
	defer cancel()
	notes, err := view.Refresh(ctx, freshFor)
	if err != nil && ctx.Err() == nil {
		k.s.m.log.Warn("working directory", "kernel", k.id, "error", err)
	}
	k.s.mu.Lock()
	notes = append(k.notes, notes...)
	k.notes = nil
	k.s.mu.Unlock()
	if len(notes) == 0 {
		return
	}
	m, err := wire.NewOutput(k.s.own, "server", request, "stream", wire.Stream{Name: wire.Stderr, Text: strings.Join(notes, "\n") + "\n"})
	if err != nil {
		k.s.m.log.Error("message", "error", err)
		return
	}
	k.inject(m, nil)
}

// collect saves what a cell has written.
func (k *Kernel) collect() {
	view := k.shownFolder()
	if view == nil {
		return
	}
	s := k.s
	s.mu.Lock()
	settled := time.Duration(0)
	if len(s.executing) > 0 { // another cell may be writing
		settled = time.Second
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(as(s.m.ctx, s.meta.User), time.Minute)
	defer cancel()
	notes, err := view.Collect(ctx, settled)
	if err != nil && ctx.Err() == nil {
		notes = append(notes, "Files that the cell wrote could not be saved: "+err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.notes = append(k.notes, notes...)
}
