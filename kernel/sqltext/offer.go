package sqltext

import (
	"strconv"
	"strings"

	"sextant/kernel/engine"
)

// columns offers the columns in scope: those of the query at the cursor, then those of the queries around it. A name
// that several tables have is offered once for each, qualified.
func (w *writer) columns(group int) {
	levels := w.around()
	order := 0
	for i := len(levels) - 1; i >= 0; i-- {
		l := levels[i]
		count := map[string]int{}
		var cols []column
		for _, r := range l.core.rels {
			if r.at >= w.place.k && i == len(levels)-1 && w.place.clause == "FROM" {
				continue // a table named after the cursor in the same FROM cannot be used here
			}
			for _, c := range w.relation(r, l.env, 0) {
				count[lower(c.name)]++
				cols = append(cols, c)
			}
		}
		for _, c := range cols {
			text := w.ident(c.name)
			if count[lower(c.name)] > 1 && c.rel != "" && !w.place.inQuotes {
				text = QuoteIdent(c.rel) + "." + text
			}
			w.column(group, order, c, text)
			order++
		}
		if l.closed {
			i--
		}
	}
}

func (w *writer) column(group, order int, c column, text string) {
	detail := c.comment
	if detail == "" {
		detail = c.rel
	}
	w.add(group, order, c.name, Candidate{Text: text, Kind: KindColumn, Signature: c.typ, Detail: detail})
}

// commonColumns offers what USING can name: the columns of the table just joined that a table before it has too.
func (w *writer) commonColumns() {
	levels := w.around()
	l := levels[len(levels)-1]
	last := -1
	for i, r := range l.core.rels {
		if r.at < w.place.k {
			last = i
		}
	}
	if last < 1 {
		return
	}
	have := map[string]bool{}
	for _, r := range l.core.rels[:last] {
		for _, c := range w.relation(r, l.env, 0) {
			have[lower(c.name)] = true
		}
	}
	for i, c := range w.relation(l.core.rels[last], l.env, 0) {
		if have[lower(c.name)] {
			w.column(0, i, c, w.ident(c.name))
		}
	}
}

// outputAliases offers the names that the select list gives, which DuckDB takes in every clause, and in the list
// itself after the place that gives them.
func (w *writer) outputAliases(group int) {
	levels := w.around()
	c := levels[len(levels)-1].core
	if c.itemsLo < 0 || w.place.clause == "FROM" || w.place.clause == "JOIN" {
		return
	}
	if w.place.clause == "ORDER" {
		group -= 2 // the result is ordered by what it shows
	}
	for i, it := range w.items(*c) {
		if it.name == "" || len(it.path) > 0 && strings.EqualFold(it.path[len(it.path)-1], it.name) || it.hi > w.place.k && it.lo <= w.place.k {
			continue
		}
		if it.lo >= w.place.k {
			break
		}
		w.add(group, i, it.name, Candidate{Text: w.ident(it.name), Kind: KindAlias})
	}
}

// relationNames offers the names that qualify columns in scope.
func (w *writer) relationNames(group int) {
	levels := w.around()
	for i := len(levels) - 1; i >= 0; i-- {
		for j, r := range levels[i].core.rels {
			if name := r.name(); name != "" {
				w.add(group, 1000+j, name, Candidate{Text: w.ident(name), Kind: KindAlias, Detail: strings.Join(r.path, ".")})
			}
		}
		if levels[i].closed {
			i--
		}
	}
}

// functions offers the functions of the kinds given, each name once.
func (w *writer) functions(group int, kinds ...string) {
	if w.Catalog == nil || w.place.inQuotes {
		return
	}
	all, err := w.Catalog.Functions(w.ctx)
	if err != nil {
		return
	}
	overloads := map[string]int{}
	var first []engine.Function
	for _, f := range all {
		if match(f.Name, w.typed) == noMatch || f.Name == "" || !isIdentStart(f.Name[0]) {
			continue
		}
		wanted := false
		for _, k := range kinds {
			wanted = wanted || k == f.Kind
		}
		if !wanted {
			continue
		}
		if overloads[f.Name]++; overloads[f.Name] == 1 {
			first = append(first, f)
		}
	}
	for _, f := range first {
		order := 0
		if strings.HasPrefix(f.Name, "_") {
			order = 1
		}
		sig := Signature(f)
		if n := overloads[f.Name] - 1; n > 0 {
			sig += " (+" + strconv.Itoa(n) + ")"
		}
		detail, _, _ := strings.Cut(f.Description, "\n")
		w.add(group, order, f.Name, Candidate{Text: f.Name, Kind: KindFunction, Signature: sig, Detail: detail})
	}
}

// Signature writes how a function is called: "substr(string VARCHAR, start BIGINT) → VARCHAR".
func Signature(f engine.Function) string {
	var b strings.Builder
	b.WriteString(f.Name)
	b.WriteByte('(')
	b.WriteString(strings.Join(f.Parameters, ", "))
	if f.Varargs != "" {
		if len(f.Parameters) > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.Varargs + "…")
	}
	b.WriteByte(')')
	if f.Returns != "" {
		b.WriteString(" → " + f.Returns)
	}
	return b.String()
}

// namedArguments offers the names of a table function's parameters, as name = value takes them.
func (w *writer) namedArguments(group int, function string) {
	if w.Catalog == nil || w.place.inQuotes {
		return
	}
	all, err := w.Catalog.Functions(w.ctx)
	if err != nil {
		return
	}
	for _, f := range all {
		if !strings.EqualFold(f.Name, function) || f.Kind != "table" {
			continue
		}
		for i, q := range f.Parameters {
			name, typ, _ := strings.Cut(q, " ")
			if i > 0 && name != "" && isIdentStart(name[0]) && !needsQuotes(name) {
				w.add(group, i, name, Candidate{Text: name + " = ", Kind: KindParameter, Signature: typ})
			}
		}
	}
}

func (w *writer) types(group int) {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Types(w.ctx)
	if err != nil {
		return
	}
	for _, t := range all {
		text := t
		if w.place.syntax != nil {
			text = w.cased(t)
		}
		w.add(group, 0, text, Candidate{Text: text, Kind: KindType})
	}
}

func (w *writer) settings(group int) {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Settings(w.ctx)
	if err != nil {
		return
	}
	for _, s := range all {
		detail := s.Description
		if s.Value != "" {
			detail = "now " + s.Value + "; " + detail
		}
		w.add(group, 0, s.Name, Candidate{Text: s.Name, Kind: KindSetting, Signature: s.Type, Detail: detail})
	}
}

// sources offers what FROM takes beside tables: common table expressions and table functions.
func (w *writer) sources(group int) {
	levels := w.around()
	for e := levels[len(levels)-1].env; e != nil; e = e.parent {
		if e.cte.at != w.place.k {
			w.add(0, -1, e.cte.name, Candidate{Text: w.ident(e.cte.name), Kind: KindCTE})
		}
	}
	w.functions(group+1, "table", "table macro")
}

// current is where the engine looks up names.
func (w *writer) current() []engine.SchemaName {
	if w.Catalog == nil {
		return nil
	}
	cur, err := w.Catalog.Current(w.ctx)
	if err != nil {
		return nil
	}
	return cur
}

// tables offers every table and view, with as much of its path as naming it takes, and what a path begins with.
func (w *writer) tables(group int) {
	w.tablesOf(group, "")
	w.schemas(group + 1)
	w.databases(group + 1)
}

// tablesOf offers tables of which the kind contains what is given.
func (w *writer) tablesOf(group int, kind string) {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Tables(w.ctx)
	if err != nil {
		return
	}
	rank := map[engine.SchemaName]int{}
	home := ""
	cur := w.current()
	for i, s := range cur {
		if _, ok := rank[s]; !ok {
			rank[s] = i
		}
	}
	if len(cur) > 0 {
		home = cur[0].Database
	}
	for _, t := range all {
		// Two tests before anything is built: there may be very many tables.
		if match(t.Name, w.typed) == noMatch || kind != "" && !strings.Contains(t.Kind, kind) {
			continue
		}
		if t.Kind == "system view" && w.typed == "" {
			continue
		}
		r, visible := rank[engine.SchemaName{Database: t.Database, Schema: t.Schema}]
		text := w.ident(t.Name)
		g := group
		switch {
		case visible || t.Schema == "" || t.Kind == "system view":
		case t.Database == home || t.Database == "":
			text = QuoteIdent(t.Schema) + "." + text
			r = len(cur)
		default:
			text = QuoteIdent(t.Database) + "." + QuoteIdent(t.Schema) + "." + text
			r = len(cur) + 1
		}
		if t.Kind == "system view" {
			g = group + 3
		}
		w.table(g, r, t, text)
	}
}

func (w *writer) table(group, order int, t engine.Table, text string) {
	k := KindTable
	if strings.Contains(t.Kind, "view") {
		k = KindView
	}
	detail := t.Comment
	if detail == "" && t.Rows >= 0 && k == KindTable {
		detail = strconv.FormatInt(t.Rows, 10) + " rows"
	}
	w.add(group, order, t.Name, Candidate{Text: text, Kind: k, Signature: t.Kind, Detail: detail})
}

func (w *writer) databases(group int) {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Databases(w.ctx)
	if err != nil {
		return
	}
	for _, d := range all {
		order := 0
		if d == "system" || d == "temp" {
			order = 1
		}
		w.add(group, order, d, Candidate{Text: w.ident(d), Kind: KindDatabase})
	}
}

func (w *writer) schemas(group int) {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Schemas(w.ctx)
	if err != nil {
		return
	}
	home := ""
	if cur := w.current(); len(cur) > 0 {
		home = cur[0].Database
	}
	for _, s := range all {
		if s.Database == home || home == "" {
			w.add(group, systemLast(s.Schema), s.Schema, Candidate{Text: w.ident(s.Schema), Kind: KindSchema, Detail: s.Database})
		}
	}
}

// systemLast is the order of a schema: those of the engine itself after the user's.
func systemLast(schema string) int {
	if schema == "information_schema" || schema == "pg_catalog" {
		return 1
	}
	return 0
}

// qualified offers what may follow the names before the cursor and their dots.
func (w *writer) qualified() {
	p := &w.place
	prev := p.k - 1
	before := p.kw(prev)
	inFrom := p.clause == "FROM" || p.clause == "JOIN" || p.clause == "INTO" || p.clause == "UPDATE" || p.clause == "PIVOT" ||
		p.clause == "UNPIVOT" || p.clause == "TABLE" || p.clause == "VIEW" || p.clause == "USING" && p.group < 0
	tableHere := inFrom && !(p.group >= 0 && w.isCall(p.group)) || prev <= 0 && !p.any(prev, "SELECT", "SET", "VALUES") || before == "EXISTS" || before == "ANALYZE"
	if !tableHere || p.any(p.group-1, "USING") {
		if w.columnsOf(p.quals) {
			return
		}
	}
	w.contents(p.quals)
}

// columnsOf offers the columns of the relation that path names, or the fields of the column that it names. It reports
// whether path names one.
func (w *writer) columnsOf(path []string) bool {
	levels := w.around()
	found := false
	for i := len(levels) - 1; i >= 0 && !found; i-- {
		l := levels[i]
		for _, r := range l.core.rels {
			if rest, ok := r.qualifiedBy(append(path[:len(path):len(path)], "")); !ok || len(rest) != 1 {
				continue
			}
			for j, c := range w.relation(r, l.env, 0) {
				c.rel = ""
				w.column(0, j, c, w.ident(c.name))
			}
			w.keywordStar()
			found = true
			break
		}
		if l.closed {
			i--
		}
	}
	if found {
		return true
	}
	// EXCLUDED is the row that INSERT … ON CONFLICT could not insert.
	if len(path) == 1 && strings.EqualFold(path[0], "excluded") && len(levels[0].core.rels) > 0 {
		for j, c := range w.relation(levels[0].core.rels[0], levels[0].env, 0) {
			w.column(0, j, c, w.ident(c.name))
		}
		return true
	}
	c, ok := w.lookup(path, levels, 0)
	if !ok {
		return false
	}
	for i, f := range StructFields(c.typ) {
		w.add(0, i, f.Name, Candidate{Text: w.ident(f.Name), Kind: KindColumn, Signature: f.Type, Detail: c.name})
	}
	return true
}

func (w *writer) keywordStar() {
	if w.place.clause == "SELECT" && w.typed == "" && !w.place.inQuotes {
		w.add(1, 0, "*", Candidate{Text: "*", Kind: KindKeyword})
	}
}

// contents offers what a database or schema holds.
func (w *writer) contents(path []string) {
	if w.Catalog == nil || len(path) > 2 {
		return
	}
	cur := w.current()
	home := ""
	if len(cur) > 0 {
		home = cur[0].Database
	}
	if len(path) == 1 {
		if all, err := w.Catalog.Schemas(w.ctx); err == nil {
			for _, s := range all {
				if strings.EqualFold(s.Database, path[0]) {
					w.add(1, systemLast(s.Schema), s.Schema, Candidate{Text: w.ident(s.Schema), Kind: KindSchema, Detail: s.Database})
				}
			}
		}
	}
	all, err := w.Catalog.Tables(w.ctx)
	if err != nil {
		return
	}
	for _, t := range all {
		if match(t.Name, w.typed) == noMatch {
			continue
		}
		switch {
		case len(path) == 2 && strings.EqualFold(t.Database, path[0]) && strings.EqualFold(t.Schema, path[1]),
			len(path) == 1 && strings.EqualFold(t.Schema, path[0]) && (t.Database == home || t.Database == ""):
			w.table(0, 0, t, w.ident(t.Name))
		case len(path) == 1 && strings.EqualFold(t.Database, path[0]) && t.Schema == "main":
			w.table(2, 0, t, w.ident(t.Name))
		}
	}
}

// files offers the files whose path begins with what was typed.
func (w *writer) files() {
	if w.Catalog == nil {
		return
	}
	all, err := w.Catalog.Files(w.ctx, w.typed)
	if err != nil {
		return
	}
	for _, f := range all {
		if f == w.typed && strings.HasSuffix(f, "/") {
			continue
		}
		w.add(0, 0, f, Candidate{Text: strings.ReplaceAll(f, "'", "''"), Kind: KindFile})
	}
}
