package sqltext

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"sextant/kernel/engine"
)

// column is a column that an expression can name.
type column struct {
	name, typ, comment, key string
	// rel is what qualifies it, or empty.
	rel string
	// table is the path of the table that it comes from, where it comes from one unchanged; origin its name there.
	table  []string
	origin string
	// fields are the names followed into the STRUCT that the column is; typ is then that of the last.
	fields []string
}

// env is the common table expressions that can be named at a place, the latest first.
type env struct {
	parent *env
	cte    cte
}

// find is the common table expression of that name and what it can itself name.
func (e *env) find(name string) (*env, bool) {
	for ; e != nil; e = e.parent {
		if strings.EqualFold(e.cte.name, name) {
			return e, true
		}
	}
	return nil, false
}

func (e *env) with(ctes []cte) *env {
	for _, c := range ctes {
		e = &env{parent: e, cte: c}
	}
	return e
}

// level is one of the queries that stand around the cursor.
type level struct {
	q    query
	core *core
	env  *env
	// closed: it is the body of a common table expression of the next level outwards, and so does not see that level's
	// columns.
	closed bool
}

// Bounds of one look-up.
const (
	maxDepth = 24  // queries within queries whose columns are followed
	maxAsked = 100 // tables whose columns are asked for
	maxPath  = 32  // names joined by dots before the cursor
)

// resolver finds the columns that a statement's relations have. It asks the catalog once for each.
type resolver struct {
	*syntax
	ctx   context.Context
	cat   engine.Catalog
	memo  map[int][]column // by the relation's first token
	busy  map[int]bool     // common table expressions being resolved, by the token of their name
	asked int
}

func newResolver(ctx context.Context, x *syntax, cat engine.Catalog) *resolver {
	return &resolver{syntax: x, ctx: ctx, cat: cat, memo: map[int][]column{}, busy: map[int]bool{}}
}

// levels are the queries around the place before token k, outermost first.
func (v *resolver) levels(k int) []level {
	var opens []int
	for g := v.enclosing(k); g >= 0; g = v.parent[g] {
		if v.isQuery(g) {
			opens = append(opens, g)
		}
	}
	lo, hi := 0, len(v.toks)
	var out []level
	var e *env
	closed := false
	for i := len(opens); ; i-- {
		q := v.query(lo, hi)
		inside := e
		body := -1
		if i > 0 {
			for j, c := range q.ctes {
				if c.lo == opens[i-1]+1 {
					body = j
				}
			}
		}
		e = e.with(q.ctes)
		l := level{q: q, env: e, closed: closed}
		for j := range q.cores {
			if l.core == nil || q.cores[j].lo <= k {
				l.core = &q.cores[j]
			}
		}
		out = append(out, l)
		if i == 0 {
			return out
		}
		closed = body >= 0
		if closed {
			visible := q.ctes[:body]
			if q.ctes[body].recursive {
				visible = q.ctes[:body+1]
			}
			e = inside.with(visible)
		}
		lo, hi = opens[i-1]+1, min(v.pair[opens[i-1]], len(v.toks))
	}
}

// relation gives the columns of r, qualified by its name.
func (v *resolver) relation(r relation, e *env, depth int) []column {
	if cols, ok := v.memo[r.at]; ok {
		return cols
	}
	cols := v.unqualified(r, e, depth)
	out := make([]column, len(cols))
	for i, c := range cols {
		c.rel = r.name()
		if i < len(r.columns) {
			if len(c.table) == 0 || c.origin == "" {
				c.origin = c.name
			}
			c.name = r.columns[i]
		}
		out[i] = c
	}
	for i := len(out); i < len(r.columns); i++ {
		out = append(out, column{name: r.columns[i], rel: r.name()})
	}
	v.memo[r.at] = out
	return out
}

func (v *resolver) unqualified(r relation, e *env, depth int) []column {
	if depth > maxDepth {
		return nil
	}
	switch {
	case r.subHi > 0:
		return v.output(r.subLo, r.subHi, e, depth+1)
	case r.source != "":
		if v.cat == nil || v.asked >= maxAsked {
			return nil
		}
		v.asked++
		cols, err := v.cat.SourceColumns(v.ctx, r.source)
		if err != nil {
			return nil
		}
		return tableColumns(cols, nil)
	case len(r.path) == 0:
		return nil
	case len(r.path) == 1:
		if at, ok := e.find(r.path[0]); ok {
			return v.cte(at, depth)
		}
	}
	if v.cat == nil || v.asked >= maxAsked || len(r.path) > 3 {
		return nil
	}
	v.asked++
	cols, err := v.cat.Columns(v.ctx, r.path)
	if err != nil {
		return nil
	}
	return tableColumns(cols, r.path)
}

func tableColumns(cols []engine.TableColumn, path []string) []column {
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = column{name: c.Name, typ: c.Type, comment: c.Comment, key: c.Key, table: path, origin: c.Name}
	}
	return out
}

// cte gives the columns of the common table expression at.
func (v *resolver) cte(at *env, depth int) []column {
	c := at.cte
	var cols []column
	if !v.busy[c.at] && c.lo >= 0 {
		v.busy[c.at] = true
		inner := at.parent
		if c.recursive {
			inner = at
		}
		cols = slices.Clone(v.output(c.lo, c.hi, inner, depth+1))
		delete(v.busy, c.at)
	}
	for i, name := range c.columns {
		if i < len(cols) {
			cols[i].name = name
		} else {
			cols = append(cols, column{name: name})
		}
	}
	return cols
}

// output gives the columns that the query lo:hi returns, as far as they have names that can be written.
func (v *resolver) output(lo, hi int, e *env, depth int) []column {
	if depth > maxDepth || lo >= hi {
		return nil
	}
	q := v.query(lo, hi)
	e = e.with(q.ctes)
	c := q.cores[0]
	switch {
	case c.inner >= 0:
		return v.output(c.inner+1, min(v.pair[c.inner], hi), e, depth+1)
	case c.itemsLo >= 0:
		var out []column
		for _, it := range v.items(c) {
			out = append(out, v.itemColumns(it, c, e, depth)...)
		}
		return out
	case c.values >= 0:
		var out []column
		n := 0
		for j := c.values + 1; j < min(v.pair[c.values], hi); j++ {
			if v.pair[j] > j {
				j = v.pair[j]
			}
			if n == 0 || v.is(j, ",") {
				out = append(out, column{name: "col" + strconv.Itoa(n)})
				n++
			}
		}
		return out
	}
	return v.all(c, e, depth)
}

// all gives the columns of all relations of c, each name once.
func (v *resolver) all(c core, e *env, depth int) []column {
	var out []column
	seen := map[string]bool{}
	for _, r := range c.rels {
		for _, col := range v.relation(r, e, depth) {
			if !seen[lower(col.name)] {
				seen[lower(col.name)] = true
				col.rel = ""
				out = append(out, col)
			}
		}
	}
	return out
}

// item is one entry lo:hi of a select list; name is what it is called, or empty.
type item struct {
	lo, hi int
	name   string
	// path: it is a column by its path and nothing else, but for an alias.
	path []string
}

// items cuts a select list.
func (v *resolver) items(c core) []item {
	var out []item
	lo := c.itemsLo
	for i := lo; i <= c.itemsHi; i++ {
		if i < c.itemsHi && v.pair[i] > i {
			i = min(v.pair[i], c.itemsHi)
		}
		if i < c.itemsHi && !v.is(i, ",") {
			continue
		}
		if lo < i {
			out = append(out, v.item(lo, i))
		}
		lo = i + 1
	}
	return out
}

func (v *resolver) item(lo, hi int) item {
	it := item{lo: lo, hi: hi}
	if v.isName(lo) && v.is(lo+1, ":") && lo+1 < hi {
		it.name = v.name(lo)
		lo += 2
	}
	path, next := v.path(lo)
	if next <= hi && len(path) > 0 {
		switch {
		case next == hi:
			it.path = path
		case hi-next <= 2 && (v.any(next, "AS") || next == hi-1):
			it.path = path
		}
	}
	switch last := hi - 1; {
	case it.name != "":
	case v.any(hi-2, "AS") && hi-2 > lo && (v.kind(last) == word || v.kind(last) == quoted):
		it.name = v.name(last)
	case next == hi && len(path) > 0:
		it.name = path[len(path)-1]
	case last > lo && v.isName(last) && v.endsOperand(last-1):
		it.name = v.name(last)
	}
	return it
}

// endsOperand reports that an expression can end with token i, so that after it comes an operator, a keyword or an
// alias.
func (x *syntax) endsOperand(i int) bool {
	switch x.kind(i) {
	case quoted, str, dollar, number, param:
		return true
	case op:
		if x.is(i, "*") {
			return x.is(i-1, ",") || x.is(i-1, ".") || x.is(i-1, "(") || x.any(i-1, "SELECT", "DISTINCT", "ALL")
		}
		return x.is(i, ")") || x.is(i, "]") || x.is(i, "}")
	case word:
		if x.kw(i) == "" {
			return true
		}
		w := lower(x.text(i))
		return !reserved[w] && !wantsOperand[w] || w == "null" || w == "true" || w == "false" || w == "end" || w == "isnull" || w == "notnull"
	}
	return false
}

// wantsOperand are words beside the reserved ones after which an expression begins.
var wantsOperand = wordSet("between escape set values filter exclude replace recursive partition over")

// itemColumns gives what one entry of a select list adds to the output.
func (v *resolver) itemColumns(it item, c core, e *env, depth int) []column {
	star, rel := it.lo, ""
	if v.isName(it.lo) && v.is(it.lo+1, ".") && v.is(it.lo+2, "*") {
		star, rel = it.lo+2, v.name(it.lo)
	}
	if v.is(star, "*") && star < it.hi {
		cols := v.all(c, e, depth)
		if rel != "" {
			cols = nil
			for _, r := range c.rels {
				if strings.EqualFold(r.name(), rel) {
					cols = v.relation(r, e, depth)
					break
				}
			}
		}
		return v.modified(cols, star+1, it.hi)
	}
	if len(it.path) > 0 {
		if col, ok := v.lookup(it.path, []level{{core: &c, env: e}}, depth); ok {
			if it.name != "" {
				col.name = it.name
			}
			col.rel = ""
			return []column{col}
		}
	}
	if it.name == "" {
		return nil
	}
	return []column{{name: it.name}}
}

// modified applies EXCLUDE and RENAME after a star; the tokens i:hi hold them.
func (v *resolver) modified(cols []column, i, hi int) []column {
	drop := map[string]bool{}
	rename := map[string]string{}
	for ; i < hi; i++ {
		switch {
		case v.any(i, "EXCLUDE") && v.is(i+1, "("):
			for j := i + 2; j < min(v.pair[i+1], hi); j++ {
				if path, next := v.path(j); len(path) > 0 {
					drop[lower(path[len(path)-1])] = true
					j = next
				}
			}
		case v.any(i, "EXCLUDE"):
			drop[lower(v.name(i+1))] = true
		case v.any(i, "RENAME") && v.is(i+1, "("):
			for j := i + 2; j+2 < min(v.pair[i+1], hi); j++ {
				if v.any(j+1, "AS") {
					rename[lower(v.name(j))] = v.name(j + 2)
					j += 2
				}
			}
		}
	}
	if len(drop) == 0 && len(rename) == 0 {
		return cols
	}
	var out []column
	for _, c := range cols {
		if drop[lower(c.name)] {
			continue
		}
		if to, ok := rename[lower(c.name)]; ok {
			c.name = to
		}
		out = append(out, c)
	}
	return out
}

// lookup finds the column that path names, from the innermost level outwards. What is left of the path after a
// column are fields of it.
func (v *resolver) lookup(path []string, levels []level, depth int) (column, bool) {
	for i := len(levels) - 1; i >= 0; i-- {
		l := levels[i]
		for _, r := range l.core.rels {
			rest, ok := r.qualifiedBy(path)
			if !ok {
				continue
			}
			for _, c := range v.relation(r, l.env, depth) {
				if len(rest) > 0 && strings.EqualFold(c.name, rest[0]) {
					return c.field(rest[1:])
				}
			}
		}
		for _, r := range l.core.rels {
			for _, c := range v.relation(r, l.env, depth) {
				if strings.EqualFold(c.name, path[0]) {
					return c.field(path[1:])
				}
			}
		}
		if l.closed {
			i--
		}
	}
	return column{}, false
}

// qualifiedBy reports that path begins with what can qualify the columns of r; rest is what follows.
func (r relation) qualifiedBy(path []string) (rest []string, ok bool) {
	if len(path) < 2 {
		return nil, false
	}
	if strings.EqualFold(r.name(), path[0]) {
		return path[1:], true
	}
	if r.alias != "" {
		return nil, false
	}
	for n := 2; n <= len(r.path) && n < len(path); n++ {
		tail := r.path[len(r.path)-n:]
		same := true
		for i := range tail {
			same = same && strings.EqualFold(tail[i], path[i])
		}
		if same {
			return path[n:], true
		}
	}
	return nil, false
}

// field follows names into a STRUCT.
func (c column) field(names []string) (column, bool) {
	for _, n := range names {
		found := false
		for _, f := range StructFields(c.typ) {
			if strings.EqualFold(f.Name, n) {
				if c.origin == "" {
					c.origin = c.name
				}
				c.name, c.typ, c.comment, c.key = f.Name, f.Type, "", ""
				c.fields = append(slices.Clone(c.fields), f.Name)
				found = true
				break
			}
		}
		if !found {
			return column{}, false
		}
	}
	return c, true
}
