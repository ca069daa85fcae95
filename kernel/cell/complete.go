package cell

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
	"sextant/kernel/wire"
)

// catalog is the session's, where it has one.
func (s *Shell) catalog() engine.Catalog {
	c, _ := s.session.(engine.Catalog)
	if c != nil && s.opts.Directory != "" {
		return localCatalog{c, s.opts.Directory}
	}
	return c
}

// localCatalog knows files by their names in a directory.
type localCatalog struct {
	engine.Catalog
	dir string
}

// Files implements engine.Catalog.
func (c localCatalog) Files(ctx context.Context, prefix string) ([]string, error) {
	if within(c.dir, "x"+prefix) == "x"+prefix || filepath.IsAbs(prefix) || strings.HasPrefix(prefix, "~") {
		return c.Catalog.Files(ctx, prefix)
	}
	found, err := c.Catalog.Files(ctx, c.dir+"/"+prefix)
	for i, name := range found {
		found[i] = strings.TrimPrefix(name, c.dir+"/")
	}
	return found, err
}

func (s *Shell) completer() sqltext.Completer {
	return sqltext.Completer{Dialect: sqltext.DuckDB, Catalog: s.catalog(), Magics: specs(), Params: s.paramNames()}
}

// Complete answers completion; see kernel.Shell.
func (s *Shell) Complete(ctx context.Context, code string, cursor int) (wire.CompleteReply, error) {
	c := s.completer().Complete(ctx, code, cursor)
	rep := wire.CompleteReply{CursorStart: c.Start, CursorEnd: c.End, Matches: make([]string, len(c.Items))}
	typed := make([]wire.TypedCompletion, len(c.Items))
	for i, item := range c.Items {
		rep.Matches[i] = item.Text
		typed[i] = wire.TypedCompletion{Start: c.Start, End: c.End, Text: item.Text, Type: iconOf(item.Kind), Signature: item.Signature}
	}
	raw, err := wire.Marshal(typed)
	if err != nil {
		return rep, err
	}
	rep.Metadata = map[string]json.RawMessage{wire.CompletionTypesKey: raw}
	return rep, nil
}

// iconOf names a kind as JupyterLab's icons know it, where they do.
func iconOf(k sqltext.CandidateKind) string {
	switch k {
	case sqltext.KindColumn:
		return "field"
	case sqltext.KindTable, sqltext.KindView, sqltext.KindCTE, sqltext.KindAlias:
		return "class"
	case sqltext.KindSchema, sqltext.KindDatabase:
		return "module"
	case sqltext.KindSetting, sqltext.KindOption:
		return "property"
	case sqltext.KindParameter:
		return "variable"
	case sqltext.KindMagic:
		return "magic"
	}
	return strings.ToLower(string(k))
}
