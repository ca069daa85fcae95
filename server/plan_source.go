package server

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// samplesPath begins the path of a source of the sample data, wherever that is.
const samplesPath = environment.SamplesPath

// sampleData is where the sample data's source is made on a new server.
const sampleData = "/Samples/Sample data"

// attachedSource is a data source as a session has it.
type attachedSource struct {
	name   string
	source environment.Source
	// path is of a source on this machine, free of links.
	path     string
	writable bool
	// secretEnv is the environment variable of its password or key; empty where it has none.
	secretEnv string
}

// sampleSource is what the built-in environment has, where it is there.
func (g *planning) sampleSource() []environment.Attach {
	r, err := g.service.Resolve(g.ctx, sampleData)
	if err != nil || r.Type != content.DataSource {
		return nil
	}
	return []environment.Attach{{Source: string(r.ID), Name: "sample"}}
}

// sources finds what the environment attaches. What the user may not use, or is not there, is told, and left out.
func (g *planning) sources() ([]attachedSource, error) {
	var out []attachedSource
	taken := map[string]bool{}
	for _, a := range g.spec.Sources {
		s, err := g.source(a)
		switch {
		case errors.Is(err, content.ErrNotFound), errors.Is(err, content.ErrDenied):
			g.tell("The data source %s is not attached: it is not there, or you may not use it.", a.Source)
			continue
		case errors.Is(err, errLeftOut):
			continue
		case err != nil:
			return nil, err
		}
		if taken[strings.ToLower(s.name)] {
			g.tell("The data source %s is not attached: there is another of the name %s; give it a name in the environment.", a.Source, s.name)
			continue
		}
		taken[strings.ToLower(s.name)] = true
		out = append(out, s)
	}
	return out, nil
}

// errLeftOut is for a source of which it was told why it is not there.
var errLeftOut = errors.New("left out")

func (g *planning) source(a environment.Attach) (attachedSource, error) {
	id := content.ResourceID(a.Source)
	if strings.HasPrefix(a.Source, "/") {
		r, err := g.service.Resolve(g.ctx, a.Source)
		if err != nil {
			return attachedSource{}, err
		}
		id = r.ID
	}
	used, err := g.service.UseDataSource(g.ctx, id, "")
	if err != nil {
		return attachedSource{}, err
	}
	return g.attach(used, a.Name, a.Write)
}

// attach makes a source ready for a session; what keeps it out is told, and the error then is errLeftOut.
func (g *planning) attach(used content.Used, name string, write bool) (attachedSource, error) {
	out := attachedSource{name: name, writable: write}
	if out.name == "" {
		out.name = environment.NameOf(used.Resource.Name)
	}
	leave := func(format string, args ...any) (attachedSource, error) {
		g.tell("The data source %s is not attached: %s.", out.name, fmt.Sprintf(format, args...))
		return out, errLeftOut
	}
	var err error
	if out.source, err = environment.ParseSource(used.Content); err != nil {
		return leave("%v", err)
	}
	g.note("source", out.name, string(used.Revision.ID), fmt.Sprint(write))
	if out.source.File() {
		if out.path, err = g.allowed(out.source.Path); err != nil {
			return leave("%v", err)
		}
	}
	if out.source.Network() && !g.network {
		return leave("sessions of this server have no network")
	}
	if write && !out.source.Write {
		may, err := g.service.TestIamPermissions(g.ctx, used.Resource.ID, []iam.Permission{iam.DocumentsUpdate})
		if err != nil {
			return out, err
		}
		if out.writable = len(may) > 0; !out.writable {
			g.tell("The data source %s may only be read: to write takes the role editor on it, or that it says write = true.", out.name)
		}
	}
	secret := out.source.Password
	if out.source.Kind == environment.Bucket {
		secret = out.source.Secret
	}
	if secret == "" {
		return out, nil
	}
	before := len(g.plan.Notices)
	value, err := g.secret(used, secret)
	if err != nil {
		return out, err
	}
	if value == "" {
		g.plan.Notices = g.plan.Notices[:before] // one line is enough
		return leave("the secret %q is not there; it is set on the data source, on a folder above it, or (own:NAME) as your own", secret)
	}
	out.secretEnv = "SEXTANT_SOURCE_" + strings.ToUpper(out.name) + "_PASSWORD"
	g.plan.Secrets[out.secretEnv] = value
	return out, nil
}

// allowed gives a path of this machine without links, where data sources may be there.
func (p *planner) allowed(path string) (string, error) {
	dirs := p.sourceDirs
	if rest, ok := strings.CutPrefix(path, samplesPath); ok {
		path, dirs = filepath.Join(p.samplesDir, rest), []string{p.samplesDir}
	}
	real, err := filepath.EvalSymlinks(path)
	inside := func(path string) bool {
		for _, d := range dirs {
			if within(d, path) {
				return true
			}
			if r, err := filepath.EvalSymlinks(d); err == nil && within(r, path) {
				return true
			}
		}
		return false
	}
	// Of what lies elsewhere it is not even told whether it is there.
	if err != nil && inside(path) {
		return "", fmt.Errorf("there is no %s", path)
	}
	if err != nil || !inside(real) {
		return "", fmt.Errorf("this server's data sources may not be in %s; its administrator says where they may, with --source-dirs", filepath.Dir(path))
	}
	return real, nil
}

// within reports whether a path is a directory or below it.
func within(dir, path string) bool {
	dir = filepath.Clean(dir)
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// open lets a session reach the source's files.
func (a attachedSource) open(box *sandbox.Spec) {
	if !a.source.File() {
		return
	}
	files := []string{a.path}
	if a.source.Kind == environment.DuckDB {
		files = append(files, a.path+".wal")
	}
	if a.source.Kind == environment.SQLite {
		files = append(files, a.path+"-wal", a.path+"-shm", a.path+"-journal")
	}
	switch {
	case !a.writable:
		box.ReadOnly = append(box.ReadOnly, files...)
	case a.source.Kind == environment.Folder:
		box.ReadWrite = append(box.ReadWrite, a.path)
	default: // a database makes files beside its own
		box.ReadWrite = append(box.ReadWrite, filepath.Dir(a.path))
	}
}

// place is where the source is, as the engine names it.
func (a attachedSource) place() string {
	if a.source.File() {
		return a.path
	}
	return a.source.URL
}

// secret is what the engine opens it with; nil where it needs nothing.
func (a attachedSource) secret() *wire.LaunchSecret {
	s := a.source
	out := &wire.LaunchSecret{Fields: map[string]string{}, FromEnv: map[string]string{}}
	set := func(field, value string) {
		if value != "" {
			out.Fields[field] = value
		}
	}
	switch s.Kind {
	case environment.Postgres:
		out.Type = "postgres"
		set("HOST", s.Host)
		set("PORT", fmt.Sprint(s.Port))
		set("DATABASE", s.Database)
		set("USER", s.User)
		if a.secretEnv != "" {
			out.FromEnv["PASSWORD"] = a.secretEnv
		}
	case environment.Bucket:
		out.Type = "s3"
		if strings.HasPrefix(s.URL, "gs:") {
			out.Type = "gcs"
		}
		set("KEY_ID", s.Key)
		set("REGION", s.Region)
		set("ENDPOINT", s.Endpoint)
		set("URL_STYLE", s.URLStyle)
		if s.Insecure {
			set("USE_SSL", "false")
		}
		if a.secretEnv != "" {
			out.FromEnv["SECRET"] = a.secretEnv
		}
	default:
		return nil
	}
	return out
}

// extensions are DuckDB's for each kind.
var extensions = map[environment.Kind]string{environment.Postgres: "postgres_scanner", environment.SQLite: "sqlite_scanner", environment.Bucket: "httpfs"}

// connectTimeout bounds, in seconds, how long a database may take to answer when it is attached.
const connectTimeout = 5

// launch adds the source to what our own kernel starts with.
func (a attachedSource) launch(l *wire.LaunchSpec) {
	one := wire.LaunchAttachment{Name: a.name, Path: a.place(), Type: string(a.source.Kind), Writable: a.writable, Secret: a.secret()}
	switch a.source.Kind {
	case environment.Folder, environment.Bucket:
		l.AllowedDirectories = append(l.AllowedDirectories, a.place())
	case environment.Postgres:
		one.Path = fmt.Sprintf("connect_timeout=%d", connectTimeout)
		if a.source.TLS != "" {
			one.Path += " sslmode=" + a.source.TLS
		}
	}
	if e := extensions[a.source.Kind]; e != "" {
		known := false
		for _, x := range l.Extensions {
			known = known || x == e
		}
		if !known {
			l.Extensions = append(l.Extensions, e)
		}
	}
	l.Attach = append(l.Attach, one)
}
