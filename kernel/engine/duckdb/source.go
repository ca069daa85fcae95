package duckdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"sextant/kernel/engine"
	"sextant/kernel/filesource"
	"sextant/kernel/sqltext"
)

// Secret is what a source is opened with. It lives in memory only.
type Secret struct {
	// Type is DuckDB's: "postgres", "s3" or "gcs".
	Type string
	// Fields are its parts, as HOST or PASSWORD.
	Fields map[string]string
}

// maxAttaching bounds what all sources of a session together take; those that are not attached by then are left out.
const maxAttaching = 30 * time.Second

// maxObjects bounds the addresses of a bucket that are looked at.
const maxObjects = 20_000

// attachAll attaches the sources. Where the configuration is lenient, one that cannot be is a notice.
func (e *Engine) attachAll(ctx context.Context, s *session) error {
	all, cancel := context.WithTimeout(ctx, maxAttaching)
	defer cancel()
	for _, a := range e.cfg.Attach {
		if !e.cfg.Lenient {
			if err := e.attach(ctx, s, a); err != nil {
				return fmt.Errorf("attach %s: %w", a.Name, err)
			}
			continue
		}
		err := e.attach(all, s, a)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case all.Err() != nil:
			e.notice("The data source %s is not attached: it and those before it did not answer within %s.", a.Name, maxAttaching)
		case err != nil:
			e.notice("The data source %s is not attached: %s", a.Name, a.hide(firstLine(messageOf(err))))
		}
	}
	return nil
}

func (e *Engine) notice(format string, args ...any) {
	e.notices = append(e.notices, fmt.Sprintf(format, args...))
}

// Notices are what people are to know of how the database was opened, one line each: sources that could not be attached,
// statements of the init SQL that failed.
func (e *Engine) Notices() []string { return slices.Clone(e.notices) }

func messageOf(err error) string {
	var known *engine.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return err.Error()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// hide takes the secret's values out of a message.
func (a Attachment) hide(text string) string {
	if a.Secret == nil {
		return text
	}
	for _, name := range []string{"PASSWORD", "SECRET"} {
		if v := a.Secret.Fields[name]; v != "" {
			text = strings.ReplaceAll(text, v, "•••")
		}
	}
	return text
}

// attach attaches one source.
func (e *Engine) attach(ctx context.Context, s *session, a Attachment) error {
	if a.Secret != nil {
		if err := s.exec(ctx, a.secretSQL()); err != nil {
			return err
		}
	}
	switch a.Type {
	case "folder":
		views, err := filesource.Folder(a.Path)
		if err != nil {
			var p *os.PathError
			if errors.As(err, &p) {
				err = fmt.Errorf("%s: %w", a.Path, p.Err)
			}
			return err
		}
		return e.attachViews(ctx, s, a, views)
	case "bucket":
		place := strings.TrimSuffix(a.Path, "/")
		rows, err := s.strings(ctx, fmt.Sprintf("SELECT file FROM glob(%s) LIMIT %d", sqltext.QuoteString(place+"/**"), maxObjects))
		if err != nil {
			return err
		}
		if len(rows) == maxObjects {
			e.notice("Of the data source %s, only the first %d objects were looked at.", a.Name, maxObjects)
		}
		return e.attachViews(ctx, s, a, filesource.Objects(place, rows))
	case "duckdb", "sqlite":
		// Opened to be written, a file that is not there would be made.
		if _, err := os.Stat(a.Path); err != nil {
			var p *os.PathError
			if errors.As(err, &p) {
				err = fmt.Errorf("%s: %w", a.Path, p.Err)
			}
			return err
		}
	}
	return s.exec(ctx, a.sql())
}

// attachViews gives a source of files a database in memory, with a view of each file or folder of files.
func (e *Engine) attachViews(ctx context.Context, s *session, a Attachment, views []filesource.View) error {
	if len(views) == 0 {
		return fmt.Errorf("%s holds no Parquet, CSV or JSON files", a.Path)
	}
	name := sqltext.QuoteIdent(a.Name)
	if err := s.exec(ctx, "ATTACH ':memory:' AS "+name); err != nil {
		return err
	}
	if len(views) == filesource.MaxViews {
		e.notice("Of the data source %s, only the first %d files and folders are there.", a.Name, filesource.MaxViews)
	}
	for _, v := range views {
		err := s.exec(ctx, "CREATE VIEW "+name+"."+sqltext.QuoteIdent(v.Name)+" AS FROM "+v.From)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			e.notice("Of the data source %s, %s is left out: %s", a.Name, v.Name, a.hide(firstLine(messageOf(err))))
		}
	}
	return nil
}

// secretName is what a source's secret is called.
func (a Attachment) secretName() string { return "sextant_source_" + a.Name }

func (a Attachment) secretSQL() string {
	parts := []string{"TYPE " + sqltext.QuoteIdent(a.Secret.Type)}
	if a.Type == "bucket" {
		parts = append(parts, "SCOPE "+sqltext.QuoteString(strings.TrimSuffix(a.Path, "/")))
	}
	for _, field := range slices.Sorted(maps.Keys(a.Secret.Fields)) {
		if v := a.Secret.Fields[field]; v != "" {
			parts = append(parts, sqltext.QuoteIdent(field)+" "+sqltext.QuoteString(v))
		}
	}
	return "CREATE OR REPLACE TEMPORARY SECRET " + sqltext.QuoteIdent(a.secretName()) + " (" + strings.Join(parts, ", ") + ")"
}

// strings runs a query of one column of text and gives its rows.
func (s *session) strings(ctx context.Context, sql string) ([]string, error) {
	r, err := s.Query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []string
	for {
		rec, err := r.(*result).next(ctx)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			return out, nil
		}
		for _, row := range appendCells(nil, rec) {
			out = append(out, row[0])
		}
		rec.Release()
	}
}

// initialise runs the init SQL, in which getvariable('NAME') is the value of a variable. In a lenient configuration a
// statement that fails is a notice, and ends it.
func (e *Engine) initialise(ctx context.Context, s *session) error {
	for _, name := range slices.Sorted(maps.Keys(e.cfg.InitVariables)) {
		if err := s.exec(ctx, "SET VARIABLE "+sqltext.QuoteIdent(name)+" = "+sqltext.QuoteString(e.cfg.InitVariables[name])); err != nil {
			return fmt.Errorf("variable %s: %w", name, err)
		}
	}
	for _, p := range sqltext.Split(e.cfg.InitSQL) {
		err := error(nil)
		if p.Kind != sqltext.Statement {
			err = fmt.Errorf("%q is not SQL; magics cannot run here", p.Text)
		} else {
			err = s.exec(ctx, p.Text)
		}
		if err == nil {
			continue
		}
		if !e.cfg.Lenient || ctx.Err() != nil {
			return fmt.Errorf("init SQL: %w", err)
		}
		text := messageOf(err)
		for _, v := range e.cfg.InitVariables {
			if len(v) >= 4 {
				text = strings.ReplaceAll(text, v, "•••")
			}
		}
		e.notice("The environment's init SQL failed, and what follows in it was not run: %s", firstLine(text))
		return nil
	}
	return nil
}
