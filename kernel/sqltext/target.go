package sqltext

import (
	"context"
	"strings"
)

// Target is what a place in a cell refers to.
type Target struct {
	// Kind is KindTable (also of a view or alias of one), KindCTE, KindColumn, KindFunction, KindSetting, KindType,
	// KindMagic, KindKeyword, KindParameter or KindFile; empty for nothing known.
	Kind CandidateKind
	// Name is its own name: of a column its name in Path where it comes from a table, of a keyword in upper case, of a
	// magic and a parameter without their sign, of a file as written between quotes.
	Name string
	// Path names the table: of a table itself, of a column the table it comes from through aliases, subqueries and
	// common table expressions. Nil where there is none.
	Path []string
	// Source is the SQL text of the file or table function that a relation is, where it is one.
	Source string
	// Fields are the names followed into a column that is a STRUCT.
	Fields []string
	// Type is a column's type, or that of its last field, where it is known.
	Type string
	// Start and End are its range in code points.
	Start, End int
}

// Target tells what the cursor, in code points, stands on or right behind; or, if that is nothing, the function or
// magic whose arguments it stands in.
func (c Completer) Target(ctx context.Context, cell string, cursor int) Target {
	at := ByteOffset(cell, cursor)
	part, from, ok := c.Dialect.partAt(cell, at)
	if !ok {
		return Target{}
	}
	in := func(t Target, start, end int) Target {
		t.Start, t.End = CodePoints(cell, start), CodePoints(cell, end)
		return t
	}
	start, end := part.Start, part.limit
	switch part.Kind {
	case Magic:
		return in(Target{Kind: KindMagic, Name: part.Magic.Name}, part.Start, part.Magic.ArgsStart)
	case Help:
		if name := strings.TrimLeft(part.Help.Target, "%"); name != part.Help.Target {
			return in(Target{Kind: KindMagic, Name: name}, part.Help.Start, part.Help.End)
		}
		start, end = part.Help.Start, part.Help.End
		at = min(max(at, start+1), end)
	}
	w := &writer{Completer: c, ctx: ctx, cell: cell, cursor: at}
	if part.Kind == Statement && c.Dialect.inComment(cell, from, at) {
		return Target{}
	}
	x := newSyntax(c.Dialect, cell, start, end, -1)
	w.resolver = newResolver(ctx, x, c.Catalog)
	i := x.touching(at)
	if t, ok := w.word(i); ok {
		return in(t, x.toks[i].start, x.toks[i].end)
	}
	k := x.first(at - 1)
	if k < len(x.toks) && x.toks[k].start < at {
		k++
	}
	for g := x.enclosing(k); g >= 0; g = x.parent[g] {
		if x.is(g, "(") && (x.kind(g-1) == word || x.kind(g-1) == quoted) && !x.isQuery(g) {
			if t, ok := w.word(g - 1); ok && t.Kind != KindKeyword {
				return in(t, x.toks[g-1].start, x.toks[g-1].end)
			}
		}
	}
	return Target{}
}

// touching is the token that has something to say and stands at the offset or ends there; -1 for none.
func (x *syntax) touching(at int) int {
	i := x.first(at)
	says := func(j int) bool {
		switch x.kind(j) {
		case word, quoted, param, str:
			return true
		}
		return false
	}
	if i < len(x.toks) && x.toks[i].start <= at && says(i) {
		return i
	}
	if i > 0 && x.toks[i-1].end == at && says(i-1) {
		return i - 1
	}
	return -1
}

// word tells what token i refers to.
func (w *writer) word(i int) (Target, bool) {
	x := w.syntax
	if i < 0 {
		return Target{}, false
	}
	name := x.name(i)
	levels := w.levels(i)
	switch x.kind(i) {
	case param:
		if text := x.text(i); text[0] == '$' {
			return Target{Kind: KindParameter, Name: text[1:]}, true
		}
		return Target{}, false
	case str:
		if r, _, ok := relationAt(levels, i); ok && r.source != "" && r.at == i {
			return Target{Kind: KindFile, Name: strings.Trim(x.text(i), "'"), Source: r.source}, true
		}
		return Target{}, false
	}
	path := []string{name}
	for j := i; x.is(j-1, ".") && (x.kind(j-2) == word || x.kind(j-2) == quoted) && len(path) < maxPath; j -= 2 {
		path = append([]string{x.name(j - 2)}, path...)
	}
	call := x.is(i+1, "(") && x.kind(i) == word
	if r, l, ok := relationAt(levels, i); ok {
		return w.relationTarget(r, l), true
	}
	switch {
	case x.is(i-1, "::"), x.any(i-1, "AS") && x.any(x.enclosing(i)-1, "CAST", "TRY_CAST"):
		return Target{Kind: KindType, Name: strings.ToUpper(name)}, true
	case call && !reserved[lower(name)]:
		return Target{Kind: KindFunction, Name: name}, true
	case x.any(0, "SET", "RESET", "PRAGMA") && (i == 1 && !x.any(1, "GLOBAL", "SESSION", "LOCAL", "VARIABLE") || i == 2 && x.any(1, "GLOBAL", "SESSION", "LOCAL")):
		return Target{Kind: KindSetting, Name: name}, true
	}
	if x.isName(i) || len(path) > 1 {
		if c, ok := w.lookup(path, levels, 0); ok {
			return columnTarget(c), true
		}
		for j := len(levels) - 1; j >= 0; j-- {
			for _, r := range levels[j].core.rels {
				if strings.EqualFold(r.name(), name) {
					return w.relationTarget(r, levels[j]), true
				}
			}
			if at, ok := levels[j].env.find(name); ok && len(path) == 1 {
				return Target{Kind: KindCTE, Name: at.cte.name}, true
			}
		}
		if w.Catalog != nil && len(path) <= 3 {
			if cols, err := w.Catalog.Columns(w.ctx, path); err == nil && cols != nil {
				return Target{Kind: KindTable, Name: name, Path: path}, true
			}
			if all, err := w.Catalog.Settings(w.ctx); err == nil && len(x.toks) == 1 {
				for _, s := range all {
					if strings.EqualFold(s.Name, name) {
						return Target{Kind: KindSetting, Name: s.Name}, true
					}
				}
			}
			if all, err := w.Catalog.Functions(w.ctx); err == nil && len(x.toks) == 1 {
				for _, f := range all {
					if strings.EqualFold(f.Name, name) {
						return Target{Kind: KindFunction, Name: f.Name}, true
					}
				}
			}
		}
	}
	if k := x.kw(i); k != "" && (reserved[lower(k)] || clauses[k] || i == 0 || w.isKeyword(k)) {
		return Target{Kind: KindKeyword, Name: k}, true
	}
	return Target{}, false
}

func (w *writer) isKeyword(k string) bool {
	if w.Catalog == nil {
		return false
	}
	all, err := w.Catalog.Keywords(w.ctx)
	if err != nil {
		return false
	}
	for _, a := range all {
		if a == k {
			return true
		}
	}
	return false
}

// relationAt is the relation that token i is part of the path or the text of.
func relationAt(levels []level, i int) (relation, level, bool) {
	for _, l := range levels {
		for _, c := range l.q.cores {
			for _, r := range c.rels {
				start, n := r.at, 2*len(r.path)-1
				if r.source != "" {
					n = 1
				}
				if start <= i && i < start+n && r.subHi == 0 {
					return r, l, true
				}
			}
		}
	}
	return relation{}, level{}, false
}

func (w *writer) relationTarget(r relation, l level) Target {
	switch {
	case r.source != "" && strings.HasPrefix(r.source, "'"):
		return Target{Kind: KindFile, Name: strings.Trim(r.source, "'"), Source: r.source}
	case r.source != "":
		name, _, _ := strings.Cut(r.source, "(")
		path := SplitPath(name)
		if len(path) == 0 {
			return Target{}
		}
		return Target{Kind: KindFunction, Name: path[len(path)-1], Source: r.source}
	case r.subHi > 0:
		return Target{Kind: KindCTE, Name: r.name()}
	case len(r.path) == 0:
		return Target{}
	}
	if len(r.path) == 1 {
		if at, ok := l.env.find(r.path[0]); ok {
			return Target{Kind: KindCTE, Name: at.cte.name}
		}
	}
	return Target{Kind: KindTable, Name: r.path[len(r.path)-1], Path: r.path}
}

func columnTarget(c column) Target {
	t := Target{Kind: KindColumn, Name: c.name, Type: c.typ, Path: c.table, Fields: c.fields}
	if c.origin != "" && (len(c.table) > 0 || len(c.fields) > 0) {
		t.Name = c.origin
	}
	return t
}
