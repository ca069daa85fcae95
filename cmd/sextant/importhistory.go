package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"sextant/content"
	"sextant/server/api"
	"sextant/server/client"
	"sextant/server/client/git"
)

// importedDocument is a document as the history has made it so far.
type importedDocument struct {
	id, head, blob string
	// named is set where head is a checkpoint already.
	named bool
}

// importedFolder is a folder that the import made, and how much is in it.
type importedFolder struct {
	id       string
	children int
}

// historyImport makes revisions of a repository's commits, one after the other. A file that git takes for renamed is a
// document that is moved.
type historyImport struct {
	t        *terminal
	server   *client.Client
	objects  *git.Objects
	progress *progress
	message  string

	documents map[string]*importedDocument
	folders   map[string]*importedFolder // "." is the folder that is imported into
	tags      map[string][]string        // by commit
	listing   string                     // the blob of the listingFile, as it is last
	told      map[string]bool            // what was said once

	commits, revisions, names, cut int
}

// importHistory imports the history of the repository that c.Dir is in.
func (c *importCommand) importHistory(t *terminal, server *client.Client) (err error) {
	if err := git.Check(t.ctx, c.Dir, c.Ref); err != nil {
		return err
	}
	top, err := c.newFolder(t, server)
	if err != nil {
		return err
	}
	x := &historyImport{t: t, server: server, progress: newProgress(t), message: c.Message, documents: map[string]*importedDocument{},
		folders: map[string]*importedFolder{".": {id: top}}, tags: map[string][]string{}, told: map[string]bool{}}
	tags, err := git.Tags(t.ctx, c.Dir)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		if _, told := trailers(tag.Message); told["Document"] == "" { // else the commit itself says which revision has the name
			x.tags[tag.Commit] = append(x.tags[tag.Commit], tag.Name)
		}
	}
	if x.objects, err = git.OpenObjects(t.ctx, c.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.objects.Close()) }()
	err = git.Log(t.ctx, c.Dir, c.Ref, func(s git.Step) error {
		x.progress.tell("commits imported", x.commits, 0)
		x.commits++
		if err := x.step(s); err != nil {
			return fmt.Errorf("commit %.12s: %w", s.Hash, err)
		}
		return nil
	})
	if err == nil {
		err = x.described()
	}
	if err != nil {
		return fmt.Errorf("%w\nwhat was imported so far is in %s: %d revisions of %d documents", err, c.Path, x.revisions, len(x.documents))
	}
	for commit, names := range x.tags {
		for _, name := range names {
			fmt.Fprintf(clean{t.errOut}, "left out: the tag %s names commit %.12s, which is not among those imported\n", name, commit)
		}
	}
	if x.cut > 0 {
		fmt.Fprintf(t.errOut, "cut: %d messages were longer than %d bytes\n", x.cut, content.MaxMessageLength)
	}
	_, err = fmt.Fprintf(t.out, "%d documents, %d revisions, %d names from %d commits\n", len(x.documents), x.revisions, x.names, x.commits)
	return err
}

// newFolder gives the folder to import into, which is made where it is not there and must be empty where it is: what a
// history does to documents it does not know would not be what their owners meant.
func (c *importCommand) newFolder(t *terminal, server *client.Client) (string, error) {
	id, err := c.ensure(t, server, path.Clean(c.Path))
	if err != nil {
		return "", err
	}
	var page api.Page[api.Resource]
	err = server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("resources", id, "children"), Query: url.Values{"pageSize": {"1"}}}, &page)
	if err == nil && len(page.Items) > 0 {
		err = fmt.Errorf("%s is not empty: a history is imported into a folder of its own", c.Path)
	}
	return id, err
}

// say tells something once.
func (x *historyImport) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !x.told[text] {
		x.told[text] = true
		fmt.Fprintln(clean{x.t.errOut}, text)
	}
}

// name gives a file's path as a document's; empty for what is left out.
func (x *historyImport) name(p string) string {
	if p == "" {
		return ""
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ".") {
			return ""
		}
		cleaned, err := content.CleanName(part)
		if err != nil {
			x.say("left out: %s: %v", p, err)
			return ""
		}
		parts[i] = cleaned
	}
	return strings.Join(parts, "/")
}

// step imports one commit: what it deletes first, then what it moves, then what it adds and changes.
func (x *historyImport) step(s git.Step) error {
	message, told := trailers(s.Message)
	v := x.version(s, message, told)
	var deleted, moved, changed []git.Change
	for _, c := range s.Changes {
		if c.Path == listingFile && (c.IsFile() || c.Kind == 'D') {
			x.listing = c.Blob
			continue
		}
		from := x.name(c.From)
		c.Path = x.name(c.Path)
		switch {
		case c.Kind == 'R' && x.documents[from] != nil && c.Path != "" && c.IsFile():
			c.From = from
			moved = append(moved, c)
		case c.Kind == 'R' && x.documents[from] != nil: // it became something that is no document
			deleted = append(deleted, git.Change{Path: from})
		case c.Path == "":
		case c.Kind == 'D' || !c.IsFile():
			if c.Kind != 'D' {
				x.say("left out: %s is no file", c.Path)
			}
			deleted = append(deleted, c)
		default:
			changed = append(changed, c)
		}
	}
	for _, c := range deleted {
		if err := x.delete(c.Path); err != nil {
			return fmt.Errorf("%s: %w", c.Path, err)
		}
	}
	if err := x.move(moved); err != nil {
		return err
	}
	for _, c := range append(moved, changed...) {
		if d := x.documents[c.Path]; d != nil && d.blob == c.Blob {
			continue // only its place or its mode has changed
		}
		if err := x.save(c.Path, c.Blob, v, told["Type"]); err != nil {
			return fmt.Errorf("%s: %w", c.Path, err)
		}
	}
	// A revision can have a name of its own and the content of the one before.
	if d := x.documents[told["Document"]]; d != nil && len(s.Changes) == 0 && v.Name != "" {
		if err := x.save(told["Document"], d.blob, v, ""); err != nil {
			return fmt.Errorf("%s: %w", told["Document"], err)
		}
	}
	return x.tagged(s.Hash)
}

// version is what a commit says of its revisions.
func (x *historyImport) version(s git.Step, message string, told map[string]string) client.Version {
	author, at := s.Author.String(), s.AuthoredAt
	// Git keeps seconds; what Sextant wrote says more, where nobody has changed the commit since.
	if date, err := time.Parse(time.RFC3339Nano, told["Date"]); err == nil && date.Unix() == at.Unix() {
		at = date
	}
	if date, err := time.Parse(time.RFC3339Nano, told["Imported-Date"]); err == nil && told["Imported"] != "" {
		author, at = told["Imported"], date
	}
	if author = clip(author, content.MaxAuthorLength); author == "<>" {
		author = "unknown"
	}
	if len(message) > content.MaxMessageLength {
		x.cut++
		message = clip(message, content.MaxMessageLength-len("…")) + "…"
	}
	return client.Version{Message: message, Name: told["Name"], Imported: &api.Imported{Author: author, At: at}}
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// save makes a revision of a document, or the document.
func (x *historyImport) save(p, blob string, v client.Version, kind string) error {
	r, size, err := x.objects.Open(blob)
	if err != nil {
		return err
	}
	body := io.Reader(r)
	if size == 0 {
		body = strings.NewReader("")
	}
	if d := x.documents[p]; d != nil {
		saved, err := x.server.Save(x.t.ctx, d.id, d.head, v, body)
		if x.tooLarge(p, err) {
			return nil
		}
		if err != nil {
			return err
		}
		if saved.Saved {
			x.revisions++
			d.named = false
		}
		d.head, d.blob = saved.Revision.ID, blob
		x.problem(p, saved.Revision.Problem)
		x.counted(d, v.Name)
		return nil
	}
	folder, err := x.folder(path.Dir(p))
	if err != nil {
		return err
	}
	made, err := x.server.Upload(x.t.ctx, folder.id, path.Base(p), kind, v, body)
	if x.tooLarge(p, err) {
		return nil
	}
	if err != nil {
		return err
	}
	folder.children++
	x.revisions++
	x.problem(p, made.Problem)
	d := &importedDocument{id: made.ID, head: made.Revision, blob: blob}
	x.documents[p] = d
	if v.Name != "" {
		if err := x.server.NameRevision(x.t.ctx, d.id, d.head, v.Name); err != nil {
			return err
		}
	}
	x.counted(d, v.Name)
	return nil
}

// problem tells that a version of a document was kept as it is.
func (x *historyImport) problem(p, problem string) {
	if problem != "" {
		x.say("kept byte for byte, since it cannot be read: a version of %s: %s", p, problem)
	}
}

// counted notes a name that a document's newest revision was given.
func (x *historyImport) counted(d *importedDocument, name string) {
	if name != "" {
		d.named = true
		x.names++
	}
}

// tooLarge reports whether the server takes no such content, and tells so.
func (x *historyImport) tooLarge(p string, err error) bool {
	if statusOf(err) != http.StatusRequestEntityTooLarge {
		return false
	}
	x.say("left out: a version of %s: %v", p, err)
	return true
}

// folder gives a folder, making it and those above it.
func (x *historyImport) folder(dir string) (*importedFolder, error) {
	if f := x.folders[dir]; f != nil {
		return f, nil
	}
	up, err := x.folder(path.Dir(dir))
	if err != nil {
		return nil, err
	}
	made, err := x.server.CreateFolder(x.t.ctx, up.id, path.Base(dir))
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", dir, err)
	}
	up.children++
	f := &importedFolder{id: made.ID}
	x.folders[dir] = f
	return f, nil
}

// left notes that something has left a folder. One that is empty goes too: git knows none.
func (x *historyImport) left(dir string) error {
	f := x.folders[dir]
	if f.children--; f.children > 0 || dir == "." {
		return nil
	}
	if err := x.server.Trash(x.t.ctx, f.id); err != nil {
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	delete(x.folders, dir)
	return x.left(path.Dir(dir))
}

// delete puts a document into the trash, with its history.
func (x *historyImport) delete(p string) error {
	d := x.documents[p]
	if d == nil {
		return nil // it was left out
	}
	if err := x.server.Trash(x.t.ctx, d.id); err != nil {
		return err
	}
	delete(x.documents, p)
	return x.left(path.Dir(p))
}

// move moves documents. Where one goes to a place that another is about to leave, or where a folder is still, all of them
// wait in the meantime, under names of their own.
func (x *historyImport) move(changes []git.Change) error {
	moving := make([]*importedDocument, len(changes))
	crossing := false
	for i, c := range changes {
		moving[i] = x.documents[c.From]
		delete(x.documents, c.From)
		crossing = crossing || x.folders[c.Path] != nil || slices.ContainsFunc(changes, func(other git.Change) bool {
			return other.Path == c.From || strings.HasPrefix(other.Path, c.From+"/")
		})
	}
	leave := func() error {
		for _, c := range changes {
			if err := x.left(path.Dir(c.From)); err != nil {
				return err
			}
		}
		return nil
	}
	if crossing {
		for i, c := range changes {
			if _, err := x.server.Move(x.t.ctx, moving[i].id, x.folders["."].id, moving[i].id); err != nil {
				return fmt.Errorf("%s: %w", c.From, err)
			}
		}
		if err := leave(); err != nil {
			return err
		}
	}
	for i, c := range changes {
		folder, err := x.folder(path.Dir(c.Path))
		if err != nil {
			return err
		}
		if _, err := x.server.Move(x.t.ctx, moving[i].id, folder.id, path.Base(c.Path)); err != nil {
			return fmt.Errorf("%s to %s: %w", c.From, c.Path, err)
		}
		folder.children++
		x.documents[c.Path] = moving[i]
	}
	if crossing {
		return nil
	}
	return leave()
}

// tagged names, for each tag on a commit, the newest revision of every document that has no name yet: a tag is the state
// of all files.
func (x *historyImport) tagged(commit string) error {
	for _, name := range x.tags[commit] {
		if len(name) > content.MaxRevisionNameLength {
			x.say("left out: the tag %s is longer than %d bytes", name, content.MaxRevisionNameLength)
			continue
		}
		for p, d := range x.documents {
			if d.named {
				continue
			}
			if err := x.server.NameRevision(x.t.ctx, d.id, d.head, name); err != nil {
				return fmt.Errorf("%s: name %s: %w", p, name, err)
			}
			d.named = true
			x.names++
		}
	}
	delete(x.tags, commit)
	return nil
}

// described makes what a listingFile tells: folders without documents, descriptions and tags.
func (x *historyImport) described() error {
	if x.listing == "" {
		return nil
	}
	r, size, err := x.objects.Open(x.listing)
	if err != nil {
		return err
	}
	if size > maxListing {
		return fmt.Errorf("%s is larger than %d bytes", listingFile, maxListing)
	}
	var all listing
	if err := json.NewDecoder(r).Decode(&all); err != nil || all.Version != 1 {
		x.say("left out: folders, descriptions and tags: %s is none of ours", listingFile)
		return nil
	}
	for _, entry := range all.Resources {
		p := x.name(entry.Path)
		if p == "" {
			continue
		}
		id := ""
		if entry.Folder {
			f, err := x.folder(p)
			if err != nil {
				return err
			}
			id = f.id
		} else if d := x.documents[p]; d != nil {
			id = d.id
		}
		if id == "" || entry.Description == "" && len(entry.Tags) == 0 {
			continue
		}
		body := map[string]any{"description": entry.Description}
		if len(entry.Tags) > 0 {
			body["tags"] = entry.Tags
		}
		if err := x.server.Call(x.t.ctx, client.Request{Method: http.MethodPatch, Path: client.Path("resources", id), Body: body}, nil); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return nil
}

// trailers takes what commitMessage added off a message.
func trailers(text string) (message string, told map[string]string) {
	told = map[string]string{}
	at := strings.LastIndex(text, "\n\n")
	if at < 0 {
		return text, told
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text[at+2:], "\n"), "\n") {
		key, value, ok := strings.Cut(strings.TrimPrefix(line, trailerPrefix), ": ")
		var s string
		if !ok || !strings.HasPrefix(line, trailerPrefix) || json.Unmarshal([]byte(value), &s) != nil {
			return text, map[string]string{}
		}
		told[key] = s
	}
	message = text[:at]
	if _, madeUp := told["Message"]; madeUp {
		message = ""
	}
	return message, told
}
