package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sextant/content/environment"
	"sextant/server/api"
	"sextant/server/client"
)

// envCommand is about environments.
type envCommand struct {
	List  envList  `cmd:"" help:"List the environments that one may use."`
	Put   envPut   `cmd:"" help:"Check a specification and save it as an environment."`
	Show  catEnv   `cmd:"" help:"Print an environment's specification."`
	Check envCheck `cmd:"" help:"Check a specification in a file."`
	Build envBuild `cmd:"" help:"Install an environment's Python packages now, and show the log."`
	Log   envLog   `cmd:"" help:"Print the log of installing an environment's Python packages."`
}

// sourceCommand is about data sources.
type sourceCommand struct {
	List  sourceList  `cmd:"" help:"List the data sources that one may use."`
	Put   sourcePut   `cmd:"" help:"Check a specification, save it as a data source, and test it."`
	Show  catEnv      `cmd:"" help:"Print a data source's specification."`
	Check sourceCheck `cmd:"" help:"Check a specification in a file."`
	Test  sourceTest  `cmd:"" help:"Open a data source, as a session does."`
}

func listUsable(t *terminal, f *remoteFlags, what string) error {
	return list(t, f, what, url.Values{}, func(r api.Resource) []any { return []any{r.ID, r.Name, r.Owner, r.UpdatedAt, r.Description} })
}

type envList struct{ remoteFlags }

// Run lists environments.
func (c *envList) Run(t *terminal) error { return listUsable(t, &c.remoteFlags, "environments") }

type sourceList struct{ remoteFlags }

// Run lists data sources.
func (c *sourceList) Run(t *terminal) error { return listUsable(t, &c.remoteFlags, "data-sources") }

type catEnv struct{ onResource }

// Run prints a specification.
func (c *catEnv) Run(t *terminal) error { return (&catCommand{onResource: c.onResource}).Run(t) }

// specFile is a command about a file with a specification.
type specFile struct {
	File string `arg:"" predictor:"file" help:"A file in TOML, or - for standard input."`
}

func (s *specFile) read(t *terminal, check func([]byte) error) ([]byte, error) {
	f, err := input(t, s.File)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it only reads
	text, err := io.ReadAll(io.LimitReader(f, environment.MaxSize+1))
	if err == nil {
		err = check(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File, err)
	}
	return text, nil
}

func checkEnvironment(text []byte) error { _, err := environment.Parse(text); return err }

func checkSource(text []byte) error { _, err := environment.ParseSource(text); return err }

type envCheck struct{ specFile }

// Run checks a file.
func (c *envCheck) Run(t *terminal) error { _, err := c.read(t, checkEnvironment); return err }

type sourceCheck struct{ specFile }

// Run checks a file.
func (c *sourceCheck) Run(t *terminal) error { _, err := c.read(t, checkSource); return err }

// specPut saves a specification.
type specPut struct {
	remoteFlags
	Message string `short:"m" help:"What changed."`
	specFile
	Path string `arg:"" predictor:"remote" help:"Where it is saved; made where it is not there."`
}

// save saves a specification under a path, as a new resource of a kind or a new revision, and gives its id.
func (c *specPut) save(t *terminal, kind string, text []byte) (*client.Client, string, error) {
	server, err := c.open()
	if err != nil {
		return nil, "", err
	}
	version := client.Version{Message: c.Message}
	p := c.printer(t)
	there, err := server.Resolve(t.ctx, c.Path)
	if err == nil {
		if there.Type != kind {
			return nil, "", fmt.Errorf("%s is a %s", c.Path, there.Type)
		}
		saved, err := server.Save(t.ctx, there.ID, "*", version, bytes.NewReader(text))
		if err != nil {
			return nil, "", err
		}
		what := "saved"
		if !saved.Saved {
			what = "unchanged"
		}
		return server, there.ID, errors.Join(p.add(saved, what, c.Path, fmt.Sprintf("revision %d", saved.Revision.Number), saved.Revision.ID), p.close())
	}
	if !isMissing(err) {
		return nil, "", err
	}
	folder, name, err := split(c.Path)
	if err != nil {
		return nil, "", err
	}
	parent, err := server.Resolve(t.ctx, folder)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", folder, err)
	}
	made, err := server.Upload(t.ctx, parent.ID, name, kind, version, bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	return server, made.ID, errors.Join(p.add(made, "created", c.Path, "revision 1", made.ID), p.close())
}

type envPut struct{ specPut }

// Run saves an environment.
func (c *envPut) Run(t *terminal) error {
	text, err := c.read(t, checkEnvironment)
	if err != nil {
		return err
	}
	_, _, err = c.save(t, "environment", text)
	return err
}

type sourcePut struct {
	specPut
	Test bool `default:"true" negatable:"" help:"Test it once it is saved."`
}

// Run saves a data source.
func (c *sourcePut) Run(t *terminal) error {
	text, err := c.read(t, checkSource)
	if err != nil {
		return err
	}
	server, id, err := c.save(t, "dataSource", text)
	if err != nil || !c.Test {
		return err
	}
	return testSource(t, &c.remoteFlags, server, id, c.Path)
}

type sourceTest struct{ onResource }

// Run tests a data source.
func (c *sourceTest) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return testSource(t, &c.remoteFlags, server, r.ID, c.Path)
}

func testSource(t *terminal, f *remoteFlags, server *client.Client, id, name string) error {
	var result api.SourceTest
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: client.Path("data-sources", id, "test")}, &result); err != nil {
		return err
	}
	p := f.printer(t)
	if f.JSON {
		if err := p.add(result); err != nil {
			return err
		}
	}
	if !result.OK {
		return fmt.Errorf("%s cannot be used: %s", name, result.Message)
	}
	if f.JSON {
		return nil
	}
	if result.Message != "" {
		fmt.Fprintln(t.errOut, result.Message)
	}
	fmt.Fprintf(t.out, "works: %d tables (%.1f s)\n", len(result.Tables), result.Seconds)
	for _, name := range result.Tables {
		if err := p.add(name, "  "+name); err != nil {
			return err
		}
	}
	return p.close()
}

type envLog struct{ onResource }

// Run prints a log.
func (c *envLog) Run(t *terminal) error {
	var state api.Packages
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("environments", r.ID, "packages")}, &state); err != nil {
		return err
	}
	_, err = io.WriteString(t.out, state.Log)
	return err
}

// askEvery is how often a building is asked after.
const askEvery = 500 * time.Millisecond

type envBuild struct{ onResource }

// Run installs packages and follows the log to its end.
func (c *envBuild) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	shown := ""
	for method := http.MethodPost; ; method = http.MethodGet {
		var state api.Packages
		if err := server.Call(t.ctx, client.Request{Method: method, Path: client.Path("environments", r.ID, "packages")}, &state); err != nil {
			return err
		}
		fresh, grown := strings.CutPrefix(state.Log, shown)
		if grown {
			shown = state.Log
			if _, err := io.WriteString(t.out, fresh); err != nil {
				return err
			}
		}
		switch state.State {
		case "building":
		case "failed":
			return fmt.Errorf("%s: its packages could not be installed: %s", c.Path, state.Error)
		case "none":
			return fmt.Errorf("%s asks for no packages", c.Path)
		default:
			fmt.Fprintf(t.out, "ready: %d MB\n", state.Bytes>>20)
			return nil
		}
		select {
		case <-time.After(askEvery):
		case <-t.ctx.Done():
			return t.ctx.Err()
		}
	}
}
