package sqltext

import (
	"context"
	"strings"

	"sextant/kernel/engine"
)

// DefaultLimit is the number of candidates given where a Completer sets no limit.
const DefaultLimit = 500

// Completer says what may be typed at a place in a cell, and what stands there. It holds no state.
type Completer struct {
	Dialect Dialect
	// Catalog is what names exist; nil for none. What it answers with an error counts as empty.
	Catalog engine.Catalog
	Magics  []MagicSpec
	// Params are names of parameters beside those in the cell.
	Params []string
	// Limit is the most candidates given; 0 is DefaultLimit.
	Limit int
}

// Complete gives what may stand at cursor, which is in code points. It reads the statement around the cursor only,
// and takes it as it is, finished or not. Candidates in scope come first, keywords last; among equals the order is
// that of a table's columns, else the alphabet.
func (c Completer) Complete(ctx context.Context, cell string, cursor int) Completions {
	at := ByteOffset(cell, cursor)
	w := &writer{Completer: c, ctx: ctx, cell: cell, cursor: at, start: at, end: at}
	part, from, ok := c.Dialect.partAt(cell, at)
	switch {
	case part.Kind == Statement && c.Dialect.inComment(cell, from, at):
	case ok && part.Kind == Magic:
		w.magic(part)
	case ok && part.Kind == Help:
		w.help(part)
	default:
		w.statement(part)
	}
	limit := c.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	out := Completions{Start: CodePoints(cell, w.start), End: CodePoints(cell, w.end)}
	out.Items, out.More = w.best(limit)
	return out
}

// partAt is the part of the cell that the byte offset is in: a statement reaches to its semicolon, or to the end of the
// cell where it has none. Where there is no part, it is an empty statement at the offset and ok is false. from is a
// place before the offset where a token begins.
func (d Dialect) partAt(cell string, offset int) (part Part, from int, ok bool) {
	for _, p := range d.Split(cell) {
		if p.Start > offset {
			break
		}
		if p.Start <= offset && offset <= p.limit && (offset <= p.End || p.Kind == Statement || !p.Closed && offset == p.limit || p.Kind == Magic) {
			return p, p.Start, true
		}
		from = p.limit
	}
	return Part{Kind: Statement, Start: offset, End: offset, limit: offset}, from, false
}

// writer gathers the candidates for one place.
type writer struct {
	Completer
	collector
	ctx        context.Context
	cell       string
	cursor     int
	start, end int // what candidates replace, in bytes

	place place
	*resolver
	levelsOnce []level
}

// nothing: the cursor is where nothing can be offered.
func (w *writer) nothing() bool {
	switch w.place.in {
	case number, dollar, blockComment:
		return true
	}
	return false
}

// statement completes in the SQL statement part.
func (w *writer) statement(part Part) {
	x := newSyntax(w.Dialect, w.cell, part.Start, part.limit, w.cursor)
	w.place = x.place(w.cursor)
	w.resolver = newResolver(w.ctx, x, w.Catalog)
	p := &w.place
	w.start, w.end, w.typed = p.start, p.end, p.prefix
	switch {
	case p.in == str:
		w.inString()
	case p.in == op && p.k <= 1 && strings.HasPrefix(x.text(0), "%"), p.k == 1 && x.is(0, "%") && x.toks[0].end == w.cursor:
		w.magicNames(part.Start, w.cursor)
	case w.nothing():
	case p.in == param:
		w.params()
	case len(p.quals) > 0:
		w.qualified()
	default:
		w.names()
	}
}

// inComment reports that the offset is in a comment; from is a place before it where a token begins.
func (d Dialect) inComment(cell string, from, offset int) bool {
	s := scanner{d: d, src: cell, pos: from}
	for {
		t, ok := s.next()
		if !ok || t.start >= offset {
			return false
		}
		switch {
		case t.kind == lineComment && offset <= t.end, t.kind == blockComment && (offset < t.end || t.open):
			return true
		}
	}
}

// params offers the parameters of the cell's statements and those known besides.
func (w *writer) params() {
	w.typed = strings.TrimPrefix(w.cell[w.start:w.cursor], "$")
	add := func(name string) {
		w.add(0, 0, name, Candidate{Text: "$" + name, Kind: KindParameter})
	}
	for _, name := range w.Params {
		add(name)
	}
	for _, p := range w.Dialect.Split(w.cell) {
		if p.Kind != Statement {
			continue
		}
		for _, q := range w.Dialect.Params(p.Text) {
			if p.Start+q.Start != w.start {
				add(q.Name)
			}
		}
	}
}

// around are the queries around the cursor.
func (w *writer) around() []level {
	if w.levelsOnce == nil {
		w.levelsOnce = w.levels(w.place.k)
	}
	return w.levelsOnce
}

// ident writes a name as the user began it: within quotes if he opened one.
func (w *writer) ident(name string) string {
	if w.place.inQuotes {
		return quoteIdent(name)
	}
	return QuoteIdent(name)
}

// keywords offers words in the order given, in the case that the user types.
func (w *writer) keywords(group int, words ...string) {
	for i, k := range words {
		w.add(group, i, w.cased(k), Candidate{Text: w.cased(k), Kind: KindKeyword})
	}
}

// anyKeyword offers every keyword of the engine once something was typed.
func (w *writer) anyKeyword(group int) {
	if w.typed == "" || w.place.inQuotes || w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Keywords(w.ctx)
	if err != nil {
		return
	}
	for _, k := range all {
		w.add(group, 0, w.cased(k), Candidate{Text: w.cased(k), Kind: KindKeyword})
	}
}

// cased gives a keyword in lower case if that is how the user writes: the word he types, else the nearest keyword
// before it.
func (w *writer) cased(k string) string {
	if w.lowerCase() {
		return lower(k)
	}
	return k
}

func (w *writer) lowerCase() bool {
	p := &w.place
	t := p.typed
	if t == "" && p.syntax != nil {
		for i := p.k - 1; i >= 0; i-- {
			if p.kind(i) == word && (reserved[lower(p.text(i))] || i == 0) {
				t = p.text(i)
				break
			}
		}
	}
	return t != "" && t == lower(t) && t != strings.ToUpper(t)
}
