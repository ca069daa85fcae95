package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"sextant/server/api"
	"sextant/server/client"
	"sextant/server/client/git"
)

// historyBranch is the one branch of an exported repository.
const historyBranch = "main"

// listingFile tells, in an exported repository, what its files cannot: folders without documents, descriptions and tags.
const listingFile = ".sextant.json"

// listing is the content of a listingFile.
type listing struct {
	Version   int              `json:"version"`
	Resources []listedResource `json:"resources"`
}

type listedResource struct {
	Path        string   `json:"path"`
	Folder      bool     `json:"folder,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

// maxListing bounds a listingFile in bytes.
const maxListing = 64 << 20

// exportedDocument is a document of the tree, by the path it is exported to.
type exportedDocument struct {
	api.Resource
	path string
}

// exportedRevision is what is kept of each revision until its turn comes: some 300 bytes.
type exportedRevision struct {
	document  int
	number    int64
	id        string
	createdAt time.Time
	author    string
	imported  *api.Imported
	message   string
	origin    string
	name      string
	size      int64
	digest    string
}

// historyExport writes a tree with its history: a commit for each revision, in the order in which they were made, and a
// tag for each that is named.
type historyExport struct {
	t          *terminal
	server     *client.Client
	sourceOnly bool
	progress   *progress

	documents []exportedDocument
	revisions []exportedRevision
	listed    []listedResource
	// blobs are the marks of content that was written already: what was restored or copied is written once.
	blobs map[string]int
	names int
}

// exportHistory writes r and all below it into dir, which must be empty.
func (c *exportCommand) exportHistory(t *terminal, server *client.Client, r api.Resource) (err error) {
	x := &historyExport{t: t, server: server, sourceOnly: c.SourceOnly, progress: newProgress(t), blobs: map[string]int{}}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	w, err := git.Create(t.ctx, c.Dir, historyBranch)
	if err != nil {
		return err
	}
	if err := x.write(w, r); err != nil {
		if aborted := w.Abort(); aborted != nil {
			return fmt.Errorf("%w; the unfinished repository is still there: %v", err, aborted)
		}
		return err
	}
	if err := w.Close(t.ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d documents, %d revisions, %d names\n", len(x.documents), len(x.revisions), x.names)
	return err
}

func (x *historyExport) write(w *git.Writer, r api.Resource) error {
	if r.Type == "folder" {
		if err := x.folder(r, ""); err != nil {
			return err
		}
	} else if err := x.add(r, r.Name); err != nil {
		return err
	}
	for i := range x.documents {
		x.progress.tell("histories listed", i, len(x.documents))
		if err := x.history(i); err != nil {
			return err
		}
	}
	slices.SortFunc(x.revisions, func(a, b exportedRevision) int {
		return cmp.Or(a.createdAt.Compare(b.createdAt), cmp.Compare(a.document, b.document), cmp.Compare(a.number, b.number))
	})
	for i, v := range x.revisions {
		x.progress.tell("revisions written", i, len(x.revisions))
		if err := x.revision(w, v); err != nil {
			return fmt.Errorf("%s, revision %d: %w", x.documents[v.document].path, v.number, err)
		}
	}
	return x.listing(w)
}

// folder takes in what is in a folder, at every depth.
func (x *historyExport) folder(r api.Resource, dir string) error {
	found := 0
	err := client.Each(x.t.ctx, x.server, client.Path("resources", r.ID, "children"), url.Values{"pageSize": {"1000"}}, func(child api.Resource) error {
		found++
		if child.Type == "folder" {
			if !x.keeps(child.Name, path.Join(dir, child.Name)) {
				return nil
			}
			return x.folder(child, path.Join(dir, child.Name))
		}
		return x.add(child, path.Join(dir, child.Name))
	})
	if dir != "" && (found == 0 || r.Description != "" || len(r.Tags) > 0) {
		x.listed = append(x.listed, listedResource{Path: dir, Folder: true, Description: r.Description, Tags: r.Tags})
	}
	return err
}

// keeps reports whether git can keep a name, and tells where not.
func (x *historyExport) keeps(name, p string) bool {
	if git.Keeps(name) && p != listingFile {
		return true
	}
	fmt.Fprintf(clean{x.t.errOut}, "left out: git cannot keep a file named %s\n", p)
	return false
}

func (x *historyExport) add(r api.Resource, p string) error {
	if r.Revision == "" || !x.keeps(r.Name, p) {
		return nil
	}
	x.documents = append(x.documents, exportedDocument{r, p})
	if r.Description != "" || len(r.Tags) > 0 {
		x.listed = append(x.listed, listedResource{Path: p, Description: r.Description, Tags: r.Tags})
	}
	return nil
}

// history takes a document's revisions in. Who may not list them gets the newest.
func (x *historyExport) history(i int) error {
	d := x.documents[i]
	take := func(v api.Revision) error {
		x.revisions = append(x.revisions, exportedRevision{document: i, number: v.Number, id: v.ID, createdAt: v.CreatedAt, author: v.Author,
			imported: v.Imported, message: v.Message, origin: v.Origin, name: v.Name, size: v.Size, digest: v.Digest})
		return nil
	}
	err := client.Each(x.t.ctx, x.server, client.Path("resources", d.ID, "revisions"), url.Values{"pageSize": {"1000"}}, take)
	switch statusOf(err) {
	case http.StatusForbidden:
		fmt.Fprintf(clean{x.t.errOut}, "without its history, which may not be listed: %s\n", d.path)
		return take(api.Revision{Number: d.RevisionNumber, ID: d.Revision, CreatedAt: d.UpdatedAt, Author: d.Owner, Size: d.Size, Digest: d.Digest, Origin: "user"})
	case http.StatusNotFound: // moved away or trashed meanwhile
		fmt.Fprintf(clean{x.t.errOut}, "left out: %s is not there any longer\n", d.path)
		return nil
	}
	return err
}

// revision writes one revision: its content, a commit, and a tag where it has a name.
func (x *historyExport) revision(w *git.Writer, v exportedRevision) error {
	d := x.documents[v.document]
	mark, known := x.blobs[v.digest]
	if !known {
		var there bool
		var err error
		if mark, there, err = x.content(w, d, v); err != nil || !there {
			return err
		}
		x.blobs[v.digest] = mark
	}
	by := personOf(v.author)
	c := git.Commit{Author: by, AuthoredAt: v.createdAt, Committer: by, CommittedAt: v.createdAt, Files: map[string]int{d.path: mark},
		Message: commitMessage(d.path, d.Resource, v)}
	if v.imported != nil {
		c.Author, c.AuthoredAt = git.ParsePerson(v.imported.Author), v.imported.At
	}
	commit, err := w.Commit(c)
	if err != nil || v.name == "" {
		return err
	}
	x.names++
	parts := strings.Split(d.path, "/")
	for i := range parts {
		parts[i] = git.RefName(parts[i])
	}
	name := strings.Join(parts, "/") + "/" + git.RefName(strings.ReplaceAll(v.name, "/", "-"))
	if strings.Contains(v.name, "/") { // not another name with a dash in that place
		name += git.RefName("-" + v.id)
	}
	return w.Tag(name, commit, by, v.createdAt, v.name+"\n\n"+trailer("Document", d.path)+"\n")
}

// content writes a revision's content as a blob; there is false where it may not be read, or was pruned meanwhile.
func (x *historyExport) content(w *git.Writer, d exportedDocument, v exportedRevision) (mark int, there bool, err error) {
	query := url.Values{}
	if v.id != d.Revision { // the newest needs no right to see the others
		query.Set("revision", v.id)
	}
	if x.sourceOnly {
		query.Set("sourceOnly", "true")
	}
	answer, err := x.server.Send(x.t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("resources", d.ID, "content"), Query: query})
	if status := statusOf(err); status == http.StatusForbidden || status == http.StatusNotFound {
		fmt.Fprintf(clean{x.t.errOut}, "left out: revision %d of %s may not be read, or is not there any longer\n", v.number, d.path)
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer answer.Body.Close() // it only reads
	size := answer.ContentLength
	if size < 0 {
		return 0, false, fmt.Errorf("the server does not tell the size of the content")
	}
	mark, err = w.Blob(size, answer.Body)
	return mark, true, err
}

// listing writes what files cannot tell, as a last commit.
func (x *historyExport) listing(w *git.Writer) error {
	if len(x.listed) == 0 {
		return nil
	}
	slices.SortFunc(x.listed, func(a, b listedResource) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.MarshalIndent(listing{1, x.listed}, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	mark, err := w.Blob(int64(len(text)), bytes.NewReader(text))
	if err != nil {
		return err
	}
	var self api.Self
	if err := x.server.Call(x.t.ctx, client.Request{Method: http.MethodGet, Path: "me"}, &self); err != nil {
		return err
	}
	by, now := personOf(self.Member), time.Now()
	_, err = w.Commit(git.Commit{Author: by, AuthoredAt: now, Committer: by, CommittedAt: now, Files: map[string]int{listingFile: mark},
		Message: "Folders, descriptions and tags\n"})
	return err
}

// personOf is a principal as git knows people: a user by the address, others by what they are.
func personOf(member string) git.Person {
	kind, value, _ := strings.Cut(member, ":")
	if kind == "user" {
		return git.Person{Name: value, Email: value}
	}
	return git.Person{Name: value, Email: member}
}

// trailerPrefix begins each line that a commit says of its revision beside the message.
const trailerPrefix = "Sextant-"

func trailer(key, value string) string {
	text, err := json.Marshal(value) // one line, whatever is in it
	if err != nil {
		panic(err)
	}
	return trailerPrefix + key + ": " + string(text)
}

// commitMessage is a revision's message, or a line made up where it has none, and what git cannot keep otherwise.
func commitMessage(p string, d api.Resource, v exportedRevision) string {
	lines := []string{trailer("Document", p), trailer("Revision", v.id), trailer("Date", v.createdAt.UTC().Format(time.RFC3339Nano))}
	if v.imported != nil {
		lines = append(lines, trailer("Imported", v.imported.Author), trailer("Imported-Date", v.imported.At.UTC().Format(time.RFC3339Nano)))
	}
	if v.origin != "user" {
		lines = append(lines, trailer("Origin", v.origin))
	}
	if v.name != "" {
		lines = append(lines, trailer("Name", v.name))
	}
	if kind := string(api.TypeOf(d.Name)); kind != d.Type {
		lines = append(lines, trailer("Type", d.Type))
	}
	message := v.message
	if message == "" {
		message = fmt.Sprintf("%s: revision %d", d.Name, v.number)
		lines = append(lines, trailer("Message", ""))
	}
	return message + "\n\n" + strings.Join(lines, "\n") + "\n"
}

// progress tells on standard error how far a long command is, every second at most.
type progress struct {
	to   io.Writer
	last time.Time
}

func newProgress(t *terminal) *progress { return &progress{to: t.errOut, last: time.Now()} }

func (p *progress) tell(what string, done, of int) {
	now := time.Now()
	if now.Sub(p.last) < time.Second {
		return
	}
	p.last = now
	if of > 0 {
		fmt.Fprintf(p.to, "%s: %d of %d\n", what, done, of)
		return
	}
	fmt.Fprintf(p.to, "%s: %d\n", what, done)
}
