package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sextant/server/api"
	"sextant/server/client"
)

type exportCommand struct {
	onResource
	SourceOnly bool   `help:"Without stored outputs."`
	History    bool   `help:"As a git repository with a commit for every revision and a tag for every named one; the directory must be empty, and git installed."`
	Dir        string `arg:"" predictor:"dir" help:"The directory to write into; files that are there already are kept."`
}

// Run writes a tree of documents as plain files, or with their history.
func (c *exportCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	if c.History {
		return c.exportHistory(t, server, r)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	// What others named must not lead out of the directory: the root sees to it.
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return err
	}
	defer root.Close() // it only releases
	if r.Type != "folder" {
		return c.file(t, server, root, r, r.Name)
	}
	return c.folder(t, server, root, r, ".")
}

func (c *exportCommand) folder(t *terminal, server *client.Client, root *os.Root, r api.Resource, dir string) error {
	if dir != "." {
		if err := root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return client.Each(t.ctx, server, client.Path("resources", r.ID, "children"), url.Values{"pageSize": {"1000"}}, func(child api.Resource) error {
		name := filepath.Join(dir, child.Name)
		switch {
		case child.Type == "folder":
			return c.folder(t, server, root, child, name)
		case child.Revision != "":
			return c.file(t, server, root, child, name)
		}
		return nil
	})
}

func (c *exportCommand) file(t *terminal, server *client.Client, root *os.Root, r api.Resource, name string) (err error) {
	body, err := server.Read(t.ctx, r.ID, "", c.SourceOnly)
	if statusOf(err) == 403 || isMissing(err) {
		fmt.Fprintf(t.errOut, "left out: %s may not be read\n", name)
		return nil
	}
	if err != nil {
		return err
	}
	defer body.Close() // it only reads
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		return errors.Join(err, f.Close(), root.Remove(name)) // no half file is left
	}
	fmt.Fprintln(t.out, name)
	return f.Close()
}

type importCommand struct {
	remoteFlags
	Message string `short:"m" default:"Import" help:"The message of the revisions."`
	History bool   `help:"With the history of the git repository that the directory is in: a revision for every commit that changes a document. The folder must be new or empty."`
	Ref     string `default:"HEAD" placeholder:"COMMIT" help:"With --history: the branch, tag or commit to import."`
	Dir     string `arg:"" predictor:"dir" help:"A directory of notebooks, scripts and files; what begins with a dot is left out."`
	Path    string `arg:"" predictor:"remote" help:"The folder to put them in, which is made where it is not there. Documents that are there get a new revision."`
}

// Run saves a directory's files as documents.
func (c *importCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	if c.History {
		return c.importHistory(t, server)
	}
	top, err := c.ensure(t, server, path.Clean(c.Path))
	if err != nil {
		return err
	}
	folders := map[string]string{".": top}
	// A link inside the directory does not lead out of it.
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return err
	}
	defer root.Close() // it only releases
	files := root.FS()
	version := client.Version{Message: c.Message, Import: true}
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		target := path.Join(c.Path, name)
		if d.IsDir() {
			folders[name], err = c.ensure(t, server, target)
			return err
		}
		if !d.Type().IsRegular() {
			fmt.Fprintf(t.errOut, "left out: %s is no file\n", name)
			return nil
		}
		f, err := files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() // it only reads
		problem, err := c.document(t, server, folders[path.Dir(name)], target, version, f)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if problem != "" {
			warn(t, target+": "+problem)
		}
		fmt.Fprintln(t.out, target)
		return nil
	})
}

// document saves one file and gives what keeps it from being read.
func (c *importCommand) document(t *terminal, server *client.Client, folder, target string, v client.Version, f io.Reader) (string, error) {
	there, err := server.Resolve(t.ctx, target)
	if isMissing(err) {
		made, err := server.Upload(t.ctx, folder, path.Base(target), "", v, f)
		return made.Problem, err
	}
	if err != nil {
		return "", err
	}
	saved, err := server.Save(t.ctx, there.ID, "*", v, f)
	return saved.Revision.Problem, err
}

// ensure gives a folder's id, making it where it is not there.
func (c *importCommand) ensure(t *terminal, server *client.Client, p string) (string, error) {
	there, err := server.Resolve(t.ctx, p)
	if err == nil {
		if there.Type != "folder" {
			return "", fmt.Errorf("%s is no folder", p)
		}
		return there.ID, nil
	}
	if !isMissing(err) {
		return "", err
	}
	up, name, err := split(p)
	if err != nil {
		return "", err
	}
	parent, err := server.Resolve(t.ctx, up)
	if err != nil {
		return "", fmt.Errorf("%s: %w", up, err)
	}
	made, err := server.CreateFolder(t.ctx, parent.ID, name)
	return made.ID, err
}
