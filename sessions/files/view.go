// Package files shows a session the folder that its document lies in, as files in its working directory, and makes content
// of what its code writes there.
//
// A [View] is a copy of one folder: what the session's user may read there, below it too, within bounds. It is brought up to
// date before a cell is executed, and what changed in it is saved after. The directory is the session's to write, and may
// hold anything: nothing in it is followed out of it.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"sextant/content"
)

// Limits bound a View. The zero value takes the defaults.
type Limits struct {
	// Files is how many are shown, 2,000 by default; Bytes how much together, 256 MiB; FileBytes how large each may be,
	// 64 MiB; Depth how many folders deep, 6.
	Files     int
	Bytes     int64
	FileBytes int64
	Depth     int
	// NewFiles is how many files are saved after one cell, 200 by default.
	NewFiles int
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		p        *int
		fallback int
	}{{&l.Files, 2000}, {&l.Depth, 6}, {&l.NewFiles, 200}} {
		if *d.p == 0 {
			*d.p = d.fallback
		}
	}
	for _, d := range []struct {
		p        *int64
		fallback int64
	}{{&l.Bytes, 256 << 20}, {&l.FileBytes, 64 << 20}} {
		if *d.p == 0 {
			*d.p = d.fallback
		}
	}
	return l
}

// Scratch is the directory in a View whose files stay the session's own.
const Scratch = "scratch"

// View shows one folder in one directory. Its methods are safe for concurrent use, and act as the actor of their context.
// Whoever opened it closes it.
type View struct {
	service *content.Service
	folder  content.ResourceID
	root    *os.Root
	limits  Limits
	uid     int // who the files are given to; 0 keeps them

	mu      sync.Mutex
	known   map[string]*known // by path below the directory
	folders map[string]content.ResourceID
	told    map[string]string // what was said of a path, so that it is said once
	fresh   time.Time         // when it was last brought up to date
}

// notebookAge is how old a notebook may be: while it runs it is saved all the time, for its outputs.
const notebookAge = time.Minute

// known is a file as the view last had it.
type known struct {
	id       content.ResourceID
	revision content.RevisionID
	size     int64
	modified time.Time
	fetched  time.Time
}

// Open shows a folder in a directory, which is there and empty. Files are given to uid, where that is not 0. Notes tell what
// is left out.
func Open(ctx context.Context, service *content.Service, folder content.ResourceID, dir string, uid int, limits Limits) (v *View, notes []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	v = &View{service: service, folder: folder, root: root, limits: limits.withDefaults(), uid: uid, known: map[string]*known{},
		folders: map[string]content.ResourceID{"": folder}, told: map[string]string{}}
	err = v.mkdir(Scratch)
	if err == nil {
		notes, err = v.Refresh(ctx, 0)
	}
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return v, notes, nil
}

// Close lets go of the directory, and leaves it as it is.
func (v *View) Close() error { return v.root.Close() }

// listed is a document that the view is to show.
type listed struct {
	path string
	r    content.Resource
}

// Refresh brings the directory up to date with what others have saved, unless it was within age. What the session's code
// has changed itself is left alone. Notes tell what is left out, each once.
func (v *View) Refresh(ctx context.Context, age time.Duration) (notes []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if age > 0 && time.Since(v.fresh) < age {
		return nil, nil
	}
	all, notes, err := v.list(ctx)
	if err != nil {
		return notes, err
	}
	seen := map[string]bool{}
	for _, l := range all {
		seen[l.path] = true
		k := v.known[l.path]
		if k != nil && (k.revision == l.r.Head || v.changed(l.path, k)) {
			continue
		}
		if k != nil && l.r.Type == content.Notebook && time.Since(k.fetched) < notebookAge {
			continue
		}
		if k == nil {
			if _, err := v.root.Lstat(l.path); err == nil {
				continue // the session's code was there first
			}
		}
		if err := v.fetch(ctx, l); err != nil {
			if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) {
				continue // it has just gone, or may be seen but not read
			}
			return notes, fmt.Errorf("%s: %w", l.path, err)
		}
	}
	for name, k := range v.known {
		if !seen[name] && k.id != "" && !v.changed(name, k) {
			_ = v.root.Remove(name) // what cannot be removed is only stale
			delete(v.known, name)
		}
	}
	v.fresh = time.Now()
	return notes, nil
}

// list walks the folder, within the limits.
func (v *View) list(ctx context.Context) (out []listed, notes []string, err error) {
	type level struct {
		path   string
		folder content.ResourceID
		depth  int
	}
	var bytes int64
	queue := []level{{"", v.folder, 0}}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for page := (content.PageRequest{Size: content.MaxPageSize}); ; {
			got, err := v.service.List(ctx, at.folder, content.ByName, page)
			if err != nil {
				if at.path != "" && (errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied)) {
					break
				}
				return nil, notes, err
			}
			for _, r := range got.Items {
				name := path.Join(at.path, r.Name)
				switch {
				case strings.HasPrefix(r.Name, ".") || name == Scratch || !fs.ValidPath(name):
				case r.Type == content.Folder:
					v.folders[name] = r.ID
					if at.depth+1 < v.limits.Depth {
						if err := v.mkdir(name); err != nil {
							return nil, notes, err
						}
						queue = append(queue, level{name, r.ID, at.depth + 1})
					}
				case !r.Type.HasContent() || r.Type == content.Environment || r.Type == content.DataSource:
				case r.Size > v.limits.FileBytes:
					notes = v.tell(notes, name, fmt.Sprintf("%s is not in the working directory: it has %d MB, and files of at most %d MB are shown. Register its folder as a data source to read it.",
						name, r.Size>>20, v.limits.FileBytes>>20))
				case len(out) >= v.limits.Files || bytes+r.Size > v.limits.Bytes:
					notes = v.tell(notes, "", fmt.Sprintf("The working directory does not show all of the folder: only %d files, or %d MB.", v.limits.Files, v.limits.Bytes>>20))
				default:
					bytes += r.Size
					out = append(out, listed{name, r})
				}
			}
			if page.Token = got.Next; page.Token == "" {
				break
			}
		}
	}
	return out, notes, nil
}

// tell adds a note about a path, unless the same was said of it before.
func (v *View) tell(notes []string, name, text string) []string {
	if v.told[name] == text {
		return notes
	}
	v.told[name] = text
	return append(notes, text)
}

func (v *View) mkdir(name string) error {
	err := v.root.Mkdir(name, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return v.give(name)
}

func (v *View) give(name string) error {
	if v.uid == 0 {
		return nil
	}
	return v.root.Lchown(name, v.uid, v.uid)
}

// fetch writes a document's newest content into the directory, whole or not at all.
func (v *View) fetch(ctx context.Context, l listed) (err error) {
	reading, err := v.service.Read(ctx, l.r.ID, content.ReadOptions{})
	if err != nil {
		return err
	}
	defer reading.Body.Close() // it only releases
	temporary := path.Join(path.Dir(l.path), ".sextant-"+string(l.r.ID)[24:])
	_ = v.root.Remove(temporary) // of an earlier try
	f, err := v.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = v.root.Remove(temporary)
		}
	}()
	_, err = io.Copy(f, reading.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := v.root.Chtimes(temporary, reading.Revision.CreatedAt, reading.Revision.CreatedAt); err != nil {
		return err
	}
	if err := v.give(temporary); err != nil {
		return err
	}
	if err := v.root.Rename(temporary, l.path); err != nil {
		return err
	}
	info, err := v.root.Lstat(l.path)
	if err != nil {
		return err
	}
	v.known[l.path] = &known{id: l.r.ID, revision: reading.Revision.ID, size: info.Size(), modified: info.ModTime(), fetched: time.Now()}
	return nil
}

// changed reports whether a file is no longer as the view last had it, or gone.
func (v *View) changed(name string, k *known) bool {
	info, err := v.root.Lstat(name)
	return err != nil || info.Size() != k.size || !info.ModTime().Equal(k.modified)
}

// Collect saves what the session's code has written: a new file becomes a document in the folder, a changed one a revision.
// settled is how long a file must not have changed; one that is still written is left for later. Notes tell what is not
// saved, and why, each once.
func (v *View) Collect(ctx context.Context, settled time.Duration) (notes []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	written, notes, err := v.written(settled)
	if err != nil {
		return notes, err
	}
	slices.Sort(written)
	for i, name := range written {
		if i == v.limits.NewFiles {
			return v.tell(notes, "", fmt.Sprintf("Only %d files are saved after one cell; %s and others stay in the session.", v.limits.NewFiles, name)), nil
		}
		err := v.save(ctx, name)
		reason := ""
		switch {
		case err == nil:
			continue
		case errors.Is(err, content.ErrNotFound), errors.Is(err, content.ErrDenied):
			reason = "you may not write in its folder"
		case errors.Is(err, content.ErrConflict):
			reason = "somebody else has saved it since; rename yours to keep both"
		case errors.Is(err, content.ErrExists):
			reason = "the folder has one of that name that you may not see"
		case errors.Is(err, content.ErrTooLarge), errors.Is(err, content.ErrInvalid):
			reason = err.Error()
		default:
			return notes, fmt.Errorf("%s: %w", name, err)
		}
		notes = v.tell(notes, name, fmt.Sprintf("%s stays in the session only: %s.", name, reason))
		if info, err := v.root.Lstat(name); err == nil { // not tried again until it changes
			k := v.known[name]
			if k == nil {
				k = &known{}
				v.known[name] = k
			}
			k.size, k.modified = info.Size(), info.ModTime()
		}
	}
	return notes, nil
}

// skipped are directories whose files are no content.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules"
}

// written lists files that are new or changed.
func (v *View) written(settled time.Duration) (out, notes []string, err error) {
	const most = 100_000
	seen := 0
	err = fs.WalkDir(v.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has just gone, or is not to be read
		}
		if seen++; seen > most {
			notes = v.tell(notes, "", fmt.Sprintf("The working directory has more than %d files; not all were looked at.", most))
			return fs.SkipAll
		}
		if d.IsDir() {
			if name != "." && (skipped(d.Name()) || name == Scratch) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(d.Name(), "~") || strings.HasSuffix(d.Name(), ".pyc") {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if k := v.known[name]; k != nil && info.Size() == k.size && info.ModTime().Equal(k.modified) {
			return nil
		}
		if settled > 0 && time.Since(info.ModTime()) < settled {
			return nil
		}
		if info.Size() > v.limits.FileBytes {
			notes = v.tell(notes, name, fmt.Sprintf("%s stays in the session only: it has %d MB, and files of at most %d MB are saved.", name, info.Size()>>20, v.limits.FileBytes>>20))
			return nil
		}
		out = append(out, name)
		return nil
	})
	return out, notes, err
}

// save makes a revision, or a new document, of a file.
func (v *View) save(ctx context.Context, name string) error {
	// A pipe in the place of a file must not make us wait, and a link not lead elsewhere.
	f, err := v.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("%w: %w", content.ErrInvalid, err)
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is no file", content.ErrInvalid)
	}
	body := io.LimitReader(f, v.limits.FileBytes)
	k := v.known[name]
	if k != nil && k.id != "" {
		r, _, err := v.service.Save(ctx, k.id, content.NewRevision{Base: k.revision, Content: body, Origin: content.ByRun, Message: "Written by a cell"})
		if err != nil {
			return err
		}
		*k = known{id: k.id, revision: r.ID, size: info.Size(), modified: info.ModTime()}
		return nil
	}
	parent, err := v.parent(ctx, path.Dir(name))
	if err != nil {
		return err
	}
	r, err := v.service.Create(ctx, content.NewResource{Parent: parent, Type: typeOf(name), Name: path.Base(name), Content: body,
		Origin: content.ByRun, Message: "Written by a cell"})
	if err != nil {
		return err
	}
	v.known[name] = &known{id: r.ID, revision: r.Head, size: info.Size(), modified: info.ModTime()}
	return nil
}

// parent finds the folder of a directory, and makes it where the session's code has made the directory.
func (v *View) parent(ctx context.Context, dir string) (content.ResourceID, error) {
	if dir == "." {
		return v.folder, nil
	}
	if id, ok := v.folders[dir]; ok {
		return id, nil
	}
	above, err := v.parent(ctx, path.Dir(dir))
	if err != nil {
		return "", err
	}
	r, err := v.service.Create(ctx, content.NewResource{Parent: above, Type: content.Folder, Name: path.Base(dir), Origin: content.ByRun})
	if err != nil {
		return "", err
	}
	v.folders[dir] = r.ID
	return r.ID, nil
}

// typeOf is the type of a document by its name.
func typeOf(name string) content.Type {
	switch path.Ext(name) {
	case ".ipynb":
		return content.Notebook
	case ".sql":
		return content.SQL
	}
	return content.File
}
