package environment

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// Kind is what a data source is.
type Kind string

// The kinds.
const (
	// Folder is a directory of Parquet, CSV and JSON files on the server's machine; Bucket the same in an object store.
	Folder Kind = "folder"
	Bucket Kind = "bucket"
	// DuckDB and SQLite are database files on the server's machine.
	DuckDB Kind = "duckdb"
	SQLite Kind = "sqlite"
	// Postgres is a PostgreSQL database.
	Postgres Kind = "postgres"
)

// Source is a data source.
type Source struct {
	Kind Kind `toml:"kind"`
	// Write lets whoever may use the source change what is in it, where their environment says so; without it, only those who
	// may change the specification.
	Write bool `toml:"write"`
	// Path is of a folder, DuckDB or SQLite source.
	Path string `toml:"path"`

	// URL is of a bucket: s3://NAME/PREFIX, gs://… or az://….
	URL      string `toml:"url"`
	Region   string `toml:"region"`
	Endpoint string `toml:"endpoint"`
	// URLStyle is "path" or "vhost"; Insecure speaks HTTP without TLS to the endpoint.
	URLStyle string `toml:"url_style"`
	Insecure bool   `toml:"insecure"`
	// Key is an access key's id, Secret the name of the secret that is its secret part.
	Key    string `toml:"key"`
	Secret string `toml:"secret"`

	// Host to Password are of a PostgreSQL source; Password is the name of a secret.
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	Database string `toml:"database"`
	User     string `toml:"user"`
	Password string `toml:"password"`
	// TLS is libpq's sslmode; default "prefer".
	TLS string `toml:"tls"`
}

var (
	plainWord = bounded{regexp.MustCompile(`^[A-Za-z0-9_.:/+=-]*$`), 300}
	tlsModes  = map[string]bool{"": true, "disable": true, "allow": true, "prefer": true, "require": true, "verify-ca": true, "verify-full": true}
)

// SamplesPath begins a path below the sample data, wherever a server keeps that.
const SamplesPath = "{samples}"

// ParseSource reads and checks a data source. Errors are as for Parse.
func ParseSource(text []byte) (Source, error) {
	var s Source
	c, err := decode(text, &s)
	if err != nil {
		return Source{}, err
	}
	s.check(c)
	if err := c.err(); err != nil {
		return Source{}, err
	}
	if s.Kind == Postgres && s.Port == 0 {
		s.Port = 5432
	}
	return s, nil
}

// File reports whether the source is a path on the server's machine.
func (s Source) File() bool { return s.Kind == Folder || s.Kind == DuckDB || s.Kind == SQLite }

// Network reports whether a session needs the network for it.
func (s Source) Network() bool { return s.Kind == Bucket || s.Kind == Postgres }

func (s Source) check(c *checker) {
	mine := map[string]bool{}
	switch s.Kind {
	case Folder, DuckDB, SQLite:
		mine["path"] = true
		path := s.Path
		if rest, ok := strings.CutPrefix(path, SamplesPath); ok {
			path = "/samples" + rest
		}
		if path == "" || !filepath.IsAbs(path) || len(s.Path) > 4000 || strings.ContainsAny(path, "\x00\n'{}") || filepath.Clean(path) != strings.TrimSuffix(path, "/") {
			c.fault("path", "want a full path on the server's machine, without . and .. in it")
		}
	case Bucket:
		for _, k := range []string{"url", "region", "endpoint", "url_style", "insecure", "key", "secret"} {
			mine[k] = true
		}
		s.checkBucket(c)
	case Postgres:
		for _, k := range []string{"host", "port", "database", "user", "password", "tls"} {
			mine[k] = true
		}
		s.checkPostgres(c)
	case "":
		c.fault("kind", "want folder, bucket, duckdb, sqlite or postgres")
		return
	default:
		c.fault("kind", "there is no kind %.60q: want folder, bucket, duckdb, sqlite or postgres", s.Kind)
		return
	}
	for _, k := range []struct {
		key   string
		given bool
	}{{"path", s.Path != ""}, {"url", s.URL != ""}, {"region", s.Region != ""}, {"endpoint", s.Endpoint != ""}, {"url_style", s.URLStyle != ""},
		{"insecure", s.Insecure}, {"key", s.Key != ""}, {"secret", s.Secret != ""}, {"host", s.Host != ""}, {"port", s.Port != 0},
		{"database", s.Database != ""}, {"user", s.User != ""}, {"password", s.Password != ""}, {"tls", s.TLS != ""}} {
		if k.given && !mine[k.key] {
			c.fault(k.key, "a source of kind %s has no such key", s.Kind)
		}
	}
}

func (s Source) checkBucket(c *checker) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(s.URL, "'*?[\n\x00") || len(s.URL) > 2000 {
		c.fault("url", "want the address of a bucket or a folder in it, such as s3://name/folder")
	} else if u.Scheme != "s3" && u.Scheme != "gs" {
		c.fault("url", "there are buckets of s3:// and gs:// (with keys for interoperability), not of %.20q", u.Scheme)
	}
	for key, v := range map[string]string{"region": s.Region, "endpoint": s.Endpoint, "key": s.Key} {
		if !plainWord.MatchString(v) {
			c.fault(key, "want letters, digits and _.:/+=-, at most 300")
		}
	}
	if s.URLStyle != "" && s.URLStyle != "path" && s.URLStyle != "vhost" {
		c.fault("url_style", "want path or vhost")
	}
	if (s.Key == "") != (s.Secret == "") {
		c.fault("key", "a key needs the name of its secret, and a secret its key")
	}
	if s.Secret != "" && !secretRef.MatchString(s.Secret) {
		c.fault("secret", "want the name of a secret, or own:NAME for one of whoever uses the source; never the secret itself")
	}
	if strings.Contains(s.Endpoint, "/") {
		c.fault("endpoint", "want HOST or HOST:PORT")
	}
}

func (s Source) checkPostgres(c *checker) {
	if s.Host == "" || len(s.Host) > 300 || strings.ContainsAny(s.Host, "'\"\\ \n\x00") {
		c.fault("host", "want the name or address of the database's server")
	}
	if s.Port < 0 || s.Port > 65535 {
		c.fault("port", "want 1 to 65535")
	}
	for key, v := range map[string]string{"database": s.Database, "user": s.User} {
		if v == "" || len(v) > 300 || strings.ContainsAny(v, "\n\x00") {
			c.fault(key, "want a name of at most 300 bytes")
		}
	}
	if s.Password != "" && !secretRef.MatchString(s.Password) {
		c.fault("password", "want the name of a secret, or own:NAME for one of whoever uses the source; never the password itself")
	}
	if !tlsModes[s.TLS] {
		c.fault("tls", "want disable, allow, prefer, require, verify-ca or verify-full")
	}
}
