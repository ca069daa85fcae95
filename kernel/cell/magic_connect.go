package cell

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sextant/kernel/engine"
	"sextant/kernel/filesource"
	"sextant/kernel/sqltext"
)

func connectMagic(name string) magic {
	return magic{
		name: name, usage: "TARGET [as NAME] [type=TYPE] [secret=NAME] [user=NAME] [--read-only]",
		short: "attach a database, a folder of files or an object store",
		long: "TARGET is\n" +
			"- a DuckDB or SQLite file: `%" + name + " sales.duckdb as sales`\n" +
			"- a folder: each Parquet, CSV or JSON file, and each sub-folder of such, becomes a view in a schema of its name: `%" + name + " data/`\n" +
			"- a PostgreSQL database: `%" + name + " postgres://ana@db.example:5432/shop as shop`\n" +
			"- a bucket: `%" + name + " s3://bucket key=AKIA… region=eu-central-1`, then read `'s3://bucket/…'`\n" +
			"- a database file on the web: `%" + name + " https://example.org/x.duckdb as x`\n\n" +
			"A password or secret key is asked for, never shown and never kept in the notebook. `secret=NAME` uses a secret that the database knows already (`CREATE SECRET`), `password_env=NAME` an environment variable.",
		args: slices.Concat(one(sqltext.ArgFile), keys("secret", "user", "key", "region", "endpoint", "url_style", "use_ssl", "password_env"), flags("read-only"),
			[]sqltext.MagicArg{{Name: "type", Values: []string{"duckdb", "sqlite", "postgres", "s3", "gcs", "azure", "folder"}}}),
		run: (*run).connect,
	}
}

// target is what %connect was asked to attach.
type target struct {
	call     call
	at       int
	place    string
	name     string // as NAME, or ""
	kind     string
	readOnly bool
	// hidden are texts that no message may repeat.
	hidden []string
}

func (r *run) connect(ctx context.Context, c call) error {
	t, err := r.target(ctx, c)
	if err != nil {
		return err
	}
	err = r.connectTo(ctx, t)
	var e *engine.Error
	if errors.As(err, &e) {
		clean := *e
		clean.Message = t.hide(e.Message)
		return r.fail(t.at, clean.Class, clean.Message, clean.Hint)
	}
	if errors.Is(err, engine.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return r.interrupted()
	}
	return err
}

func (r *run) connectTo(ctx context.Context, t *target) error {
	if r.opts.Locked {
		// What is on disk is not told, not even by the words of an error, before the engine has let it be read.
		if _, err := r.query(ctx, "SELECT count(*) FROM glob("+sqltext.QuoteString(strings.TrimSuffix(t.place, "/")+"/*")+")", nil); err != nil {
			return err
		}
	}
	t.kind = kindOf(t.place)
	if a, ok := t.call.option("type"); ok {
		t.kind = strings.ToLower(a.Value)
	}
	switch t.kind {
	case "postgres":
		return r.connectPostgres(ctx, t)
	case "s3", "gcs", "azure":
		return r.connectBucket(ctx, t)
	case "folder":
		return r.connectFolder(ctx, t)
	default:
		return r.connectFile(ctx, t)
	}
}

func (r *run) target(ctx context.Context, c call) (*target, error) {
	words := c.words()
	t := &target{call: c, readOnly: c.flag("read-only")}
	switch {
	case len(words) == 3 && strings.EqualFold(words[1].Value, "as"):
		t.name = words[2].Value
	case len(words) != 1:
		return nil, r.usage(c, -1, "%"+c.part.Magic.Name+" takes one target")
	}
	place, err := r.expand(ctx, words[0].Value)
	if err != nil {
		return nil, err
	}
	t.at, t.place = words[0].Start, within(r.opts.Directory, place)
	return t, nil
}

// kindOf tells what a target is by its form and, for local files, by looking.
func kindOf(place string) string {
	scheme, _, ok := strings.Cut(place, "://")
	if ok {
		switch strings.ToLower(scheme) {
		case "postgres", "postgresql":
			return "postgres"
		case "s3", "r2":
			return "s3"
		case "gs", "gcs":
			return "gcs"
		case "az", "azure", "abfss":
			return "azure"
		}
		return ""
	}
	info, err := os.Stat(place)
	if err != nil {
		return ""
	}
	if info.IsDir() {
		return "folder"
	}
	f, err := os.Open(place)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 16)
	if n, _ := f.Read(head); strings.HasPrefix(string(head[:n]), "SQLite format 3") {
		return "sqlite"
	}
	return ""
}

func (t *target) hide(text string) string {
	for _, h := range t.hidden {
		if h != "" {
			text = strings.ReplaceAll(text, h, "•••")
		}
	}
	return passwordWord.ReplaceAllString(text, "${1}•••")
}

var passwordWord = regexp.MustCompile(`(?i)(password\s*=\s*)('[^']*'|"[^"]*"|[^\s"']+)`)

// nameOr is the name asked for, or one made of the target's own.
func (t *target) nameOr(own string) string {
	if t.name != "" {
		return t.name
	}
	return filesource.Identifier(own)
}

func (r *run) connectFile(ctx context.Context, t *target) error {
	base := filepath.Base(t.place)
	name := t.nameOr(strings.TrimSuffix(base, filepath.Ext(base)))
	if !strings.Contains(t.place, "://") {
		if _, err := os.Stat(t.place); errors.Is(err, os.ErrNotExist) && t.readOnly {
			return r.fail(t.at, "FileNotFound", "there is no file "+t.place, "")
		}
	}
	return r.attach(ctx, t, t.place, name, "")
}

// attach attaches a database and says what is in it.
func (r *run) attach(ctx context.Context, t *target, place, name, secret string) error {
	var options []string
	if t.kind != "" {
		options = append(options, "TYPE "+sqltext.QuoteIdent(t.kind))
	}
	if t.readOnly {
		options = append(options, "READ_ONLY")
	}
	if secret != "" {
		options = append(options, "SECRET "+sqltext.QuoteIdent(secret))
	}
	sql := "ATTACH " + sqltext.QuoteString(place) + " AS " + sqltext.QuoteIdent(name)
	if len(options) > 0 {
		sql += " (" + strings.Join(options, ", ") + ")"
	}
	if err := r.exec(ctx, sql, nil); err != nil {
		return err
	}
	rows, err := r.query(ctx, "SELECT count(*) FROM duckdb_tables() WHERE database_name = $name", map[string]engine.Value{"name": {V: name}})
	if err != nil {
		return err
	}
	tables := rows[0][0] + " tables"
	if rows[0][0] == "1" {
		tables = "1 table"
	}
	r.screen.stream("stdout", fmt.Sprintf("Attached as %s: %s. %%tables %s lists them.\n", name, tables, name))
	return nil
}

func (r *run) connectPostgres(ctx context.Context, t *target) error {
	u, err := url.Parse(t.place)
	if err != nil {
		// The parser's own message would repeat the address, and with it a password.
		return r.fail(t.at, "UsageError", "the address of the database cannot be read", "write postgres://user@host:port/database")
	}
	name := t.nameOr(strings.TrimPrefix(u.Path, "/"))
	if a, ok := t.call.option("secret"); ok {
		return r.attach(ctx, t, "", name, a.Value)
	}
	user := u.User.Username()
	if a, ok := t.call.option("user"); ok {
		user = a.Value
	}
	password, given := u.User.Password()
	if !given {
		if password, err = r.secretValue(ctx, t, fmt.Sprintf("Password of %s at %s: ", user, u.Host)); err != nil {
			return err
		}
	}
	t.hidden = append(t.hidden, password, t.place)
	secret := "sextant_" + filesource.Identifier(name)
	fields := [][2]string{{"HOST", u.Hostname()}, {"PORT", u.Port()}, {"USER", user}, {"PASSWORD", password}, {"DATABASE", strings.TrimPrefix(u.Path, "/")}}
	if err := r.makeSecret(ctx, secret, "postgres", "", fields); err != nil {
		return err
	}
	return r.attach(ctx, t, "", name, secret)
}

// secretValue gets a password without its being in the notebook: from the environment variable named, or by asking.
func (r *run) secretValue(ctx context.Context, t *target, prompt string) (string, error) {
	if a, ok := t.call.option("password_env"); ok {
		v, have := os.LookupEnv(a.Value)
		if !have {
			return "", r.fail(a.ValueStart, "UsageError", "there is no environment variable "+a.Value, "")
		}
		return v, nil
	}
	answer, err := r.screen.out.Input(ctx, prompt, true)
	if err != nil && ctx.Err() == nil {
		return "", r.fail(t.at, "InputError", err.Error(), "name a secret (secret=NAME) or an environment variable (password_env=NAME)")
	}
	return answer, err
}

// makeSecret makes a secret that lives in memory only.
func (r *run) makeSecret(ctx context.Context, name, kind, scope string, fields [][2]string) error {
	parts := []string{"TYPE " + kind}
	if scope != "" {
		parts = append(parts, "SCOPE "+sqltext.QuoteString(scope))
	}
	for _, f := range fields {
		if f[1] != "" {
			parts = append(parts, f[0]+" "+sqltext.QuoteString(f[1]))
		}
	}
	return r.exec(ctx, "CREATE OR REPLACE TEMPORARY SECRET "+sqltext.QuoteIdent(name)+" ("+strings.Join(parts, ", ")+")", nil)
}

func (r *run) connectBucket(ctx context.Context, t *target) error {
	if a, ok := t.call.option("secret"); ok {
		return r.usage(t.call, a.Start, "a secret that the database knows already needs no %"+t.call.part.Magic.Name)
	}
	var fields [][2]string
	opt := func(field, key string) {
		if a, ok := t.call.option(key); ok {
			fields = append(fields, [2]string{field, a.Value})
		}
	}
	opt("KEY_ID", "key")
	opt("REGION", "region")
	opt("ENDPOINT", "endpoint")
	opt("URL_STYLE", "url_style")
	opt("USE_SSL", "use_ssl")
	if _, ok := t.call.option("key"); ok {
		v, err := r.secretValue(ctx, t, "Secret key for "+t.place+": ")
		if err != nil {
			return err
		}
		t.hidden = append(t.hidden, v)
		fields = append(fields, [2]string{"SECRET", v})
	}
	scope := strings.TrimSuffix(t.place, "/")
	_, bucket, _ := strings.Cut(scope, "://")
	if err := r.makeSecret(ctx, "sextant_"+filesource.Identifier(t.nameOr(bucket)), t.kind, scope, fields); err != nil {
		return err
	}
	r.screen.stream("stdout", fmt.Sprintf("Connected: read '%s/…' in FROM.\n", scope))
	return nil
}

// connectFolder makes a schema with a view of each file, and of each sub-folder of files (its parts, with the hive
// partitions in its folder names as columns).
func (r *run) connectFolder(ctx context.Context, t *target) error {
	abs, err := filepath.Abs(t.place)
	if err != nil {
		return r.fail(t.at, "FileError", err.Error(), "")
	}
	views, err := filesource.Folder(abs)
	if err != nil {
		return r.fail(t.at, "FileError", err.Error(), "")
	}
	schema := t.nameOr(filepath.Base(abs))
	if len(views) == 0 {
		return r.fail(t.at, "FileError", "the folder "+t.place+" holds no Parquet, CSV or JSON files", "")
	}
	// A schema of a database's name could not be told from it.
	taken, err := r.query(ctx, "SELECT database_name FROM duckdb_databases() WHERE lower(database_name) = lower("+sqltext.QuoteString(schema)+")", nil)
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		return r.fail(t.at, "NameTaken", "a database called "+taken[0][0]+" is attached already", "Name the folder's schema otherwise: as NAME")
	}
	if err := r.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+sqltext.QuoteIdent(schema), nil); err != nil {
		return err
	}
	var bad []string
	for _, v := range views {
		view := sqltext.QuoteIdent(schema) + "." + sqltext.QuoteIdent(v.Name)
		if err := r.exec(ctx, "CREATE OR REPLACE VIEW "+view+" AS FROM "+v.From, nil); err != nil {
			if ctx.Err() != nil {
				return err
			}
			bad = append(bad, v.Name)
			r.screen.stream("stderr", fmt.Sprintf("%s is left out: %v\n", v.Name, err))
		}
	}
	r.screen.stream("stdout", fmt.Sprintf("Schema %s: %d views. %%tables %s lists them.\n", schema, len(views)-len(bad), schema))
	return nil
}
