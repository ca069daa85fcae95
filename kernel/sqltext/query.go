package sqltext

// query is what a range of tokens says as a query, or as another statement that names tables.
type query struct {
	ctes  []cte
	cores []core // one for each side of UNION and the like; at least one
}

// core is one SELECT with its clauses.
type core struct {
	lo, hi int
	// items is the range of the select list; itemsLo is -1 where there is none.
	itemsLo, itemsHi int
	rels             []relation
	// values is the bracket of the first row after VALUES, or -1.
	values int
	// inner is the bracket that holds the core as a whole, as in ((SELECT 1)), or -1.
	inner int
}

// cte is one WITH name (columns) AS (lo:hi).
type cte struct {
	name      string
	columns   []string
	at        int // the token of its name
	lo, hi    int
	recursive bool
}

// relation is what FROM and its kin name.
type relation struct {
	// at is its first token.
	at    int
	alias string
	// columns are the names given with the alias.
	columns []string

	// One of: a table, a query between brackets, or the text of a file or table function.
	path         []string
	subLo, subHi int // subHi is 0 where there is none
	source       string
}

// name is what qualifies its columns, or "".
func (r relation) name() string {
	switch {
	case r.alias != "":
		return r.alias
	case len(r.path) > 0:
		return r.path[len(r.path)-1]
	}
	return ""
}

// queryReader goes over the tokens of one query, not into closed brackets: those are read when they are asked for.
type queryReader struct {
	*syntax
	q    query
	c    *core
	hi   int
	verb string // first keyword
	from bool   // within FROM, where a comma brings the next table
	top  int    // the bracket that the query stands in, or -1
	deep int    // brackets around joined tables
}

// joinDepth bounds brackets within brackets in FROM.
const joinDepth = 100

// query reads the tokens lo:hi.
func (x *syntax) query(lo, hi int) query {
	r := queryReader{syntax: x, hi: hi, top: lo - 1}
	if r.top < 0 || r.pair[r.top] < 0 {
		r.top = -1
		if lo < hi {
			r.top = x.parent[lo]
		}
	}
	r.verb = x.kw(lo)
	r.open(lo)
	r.read(lo)
	r.c.hi = hi
	r.closeItems(hi)
	return r.q
}

func (r *queryReader) open(lo int) {
	if r.c != nil {
		r.closeItems(lo)
		r.c.hi = lo
	}
	r.q.cores = append(r.q.cores, core{lo: lo, itemsLo: -1, values: -1, inner: -1})
	r.c = &r.q.cores[len(r.q.cores)-1]
	r.from = false
}

func (r *queryReader) closeItems(i int) {
	if r.c.itemsLo >= 0 && r.c.itemsHi == 0 {
		r.c.itemsHi = i
	}
}

func (r *queryReader) read(i int) {
	for i < r.hi {
		if r.pair[i] > i {
			switch {
			case i == r.c.lo && r.isQuery(i):
				r.c.inner = i
				i = min(r.pair[i], r.hi) + 1
			case r.pair[i] < r.hi:
				i = r.pair[i] + 1
			case r.isQuery(i):
				return // the rest stands in it
			default:
				i++ // never closed: what follows is read as if it were
			}
			continue
		}
		if r.from && r.is(i, ",") && r.parent[i] == r.top {
			i = r.relation(i+1, true)
			continue
		}
		i = r.keyword(i)
	}
}

// keyword takes token i and what belongs to it, and gives the next one.
func (r *queryReader) keyword(i int) int {
	switch r.kw(i) {
	case "WITH":
		if r.c.itemsLo < 0 && len(r.c.rels) == 0 || r.any(0, "INSERT", "CREATE", "COPY") {
			return r.with(i + 1)
		}
	case "UNION", "EXCEPT", "INTERSECT":
		r.closeItems(i)
		i++
		for r.any(i, "ALL", "DISTINCT", "BY", "NAME") {
			i++
		}
		r.open(i)
		return i
	case "SELECT":
		r.closeItems(i)
		r.from = false
		r.c.itemsLo, r.c.itemsHi = i+1, 0
		for r.any(r.c.itemsLo, "DISTINCT", "ALL") {
			r.c.itemsLo++
		}
		if r.any(r.c.itemsLo, "ON") && r.is(r.c.itemsLo+1, "(") {
			r.c.itemsLo = min(r.pair[r.c.itemsLo+1]+1, r.hi)
		}
		return max(i+1, min(r.c.itemsLo, r.hi))
	case "FROM":
		if r.notClause(i) {
			return i + 1
		}
		r.closeItems(i)
		r.from = true
		return r.relation(i+1, true)
	case "JOIN":
		r.from = true
		return r.relation(i+1, true)
	case "USING":
		if (r.verb == "DELETE" || r.verb == "MERGE") && !r.any(i+1, "SAMPLE") {
			r.from = true
			return r.relation(i+1, true)
		}
	case "PIVOT", "UNPIVOT":
		if !r.is(i+1, "(") || r.isQuery(i+1) {
			return r.relation(i+1, true)
		}
	case "DESCRIBE", "DESC", "SUMMARIZE", "SHOW":
		if i == r.c.lo {
			return r.relation(i+1, true)
		}
	case "INTO", "UPDATE", "TABLE", "VIEW", "COPY", "TRUNCATE", "COLUMN":
		return r.target(i)
	case "ON":
		if r.verb == "CREATE" && (r.any(1, "INDEX") || r.any(2, "INDEX")) {
			return r.relation(i+1, false)
		}
	case "VALUES":
		r.closeItems(i)
		r.from = false
		if r.is(i+1, "(") && r.c.values < 0 {
			r.c.values = i + 1
		}
	case "WHERE", "GROUP", "HAVING", "ORDER", "QUALIFY", "WINDOW", "LIMIT", "OFFSET", "SET", "RETURNING":
		if r.kw(i) == "GROUP" && r.any(i-1, "WITHIN") {
			return i + 1
		}
		if r.parent[i] == r.top || r.pair[max(0, r.parent[i])] >= r.hi {
			r.closeItems(i)
			r.from = false
		}
	}
	return i + 1
}

// target reads the table that a statement other than a query names after its keyword at i.
func (r *queryReader) target(i int) int {
	k := r.kw(i)
	switch {
	case k == "INTO" && r.any(i+1, "NAME"),
		k == "UPDATE" && r.any(i+1, "SET"),
		k == "COPY" && i != r.c.lo,
		(k == "TABLE" || k == "VIEW") && r.verb == "CREATE",
		k == "COLUMN" && r.verb != "COMMENT":
		return i + 1
	}
	i++
	for r.any(i, "IF", "NOT", "EXISTS", "TABLE") {
		i++
	}
	if k == "COLUMN" {
		// COMMENT ON COLUMN t.c names the column as the last part.
		path, next := r.path(i)
		if len(path) > 1 {
			r.c.rels = append(r.c.rels, relation{at: i, path: path[:len(path)-1]})
		}
		return max(next, i)
	}
	return r.relation(i, false)
}

// with reads the common table expressions from i.
func (r *queryReader) with(i int) int {
	recursive := r.any(i, "RECURSIVE")
	if recursive {
		i++
	}
	for r.isName(i) && i < r.hi {
		c := cte{name: r.name(i), at: i, recursive: recursive, lo: -1}
		i++
		if r.is(i, "(") {
			c.columns = r.names(i)
			i = min(r.pair[i]+1, r.hi)
		}
		if r.any(i, "USING") {
			for i < r.hi && !r.any(i, "AS") {
				i++
			}
		}
		if !r.any(i, "AS") {
			return i
		}
		for i++; r.any(i, "NOT", "MATERIALIZED"); i++ {
		}
		if !r.is(i, "(") {
			return i
		}
		c.lo, c.hi = i+1, min(r.pair[i], r.hi)
		r.q.ctes = append(r.q.ctes, c)
		i = min(r.pair[i]+1, r.hi)
		if !r.is(i, ",") {
			break
		}
		i++
	}
	if len(r.q.cores) == 1 && r.c.itemsLo < 0 && len(r.c.rels) == 0 {
		r.c.lo = min(i, r.hi)
		if r.verb == "WITH" {
			r.verb = r.kw(i)
		}
	}
	return i
}

// names are the names in the bracket at i.
func (r *queryReader) names(i int) []string {
	var out []string
	for j := i + 1; j < min(r.pair[i], r.hi); j++ {
		if r.isName(j) && (j == i+1 || r.is(j-1, ",")) {
			out = append(out, r.name(j))
		}
	}
	return out
}

// notAlias are words that may follow a table and are no names for it, although they could be.
var notAlias = wordSet(`set values to add drop rename alter insert delete update when then do select returning sample
	matched by name partition options value sort reset`)

// relation reads one table at i, with its alias, and gives the token after it. call: brackets after the name make it
// a function.
func (r *queryReader) relation(i int, call bool) int {
	for r.any(i, "LATERAL", "ONLY") {
		i++
	}
	if i >= r.hi {
		return r.hi
	}
	rel := relation{at: i}
	if r.isName(i) && r.is(i+1, ":") {
		rel.alias = r.name(i)
		i += 2
	}
	switch {
	case r.is(i, "("):
		end := min(r.pair[i], r.hi)
		if !r.isQuery(i) {
			return r.joined(i, end)
		}
		rel.subLo, rel.subHi = i+1, end
		i = end + 1
	case r.kind(i) == str:
		rel.source = r.text(i)
		i++
	default:
		start := i
		rel.path, i = r.path(i)
		if len(rel.path) == 0 {
			return i
		}
		if call && r.is(i, "(") {
			end := min(r.pair[i], r.hi-1)
			rel.source = r.cell[r.toks[start].start:r.toks[end].end]
			rel.path = nil
			if rel.alias == "" {
				rel.alias = r.name(i - 1)
			}
			if r.pair[i] >= r.hi {
				r.c.rels = append(r.c.rels, rel)
				return i + 1
			}
			i = end + 1
			for r.any(i, "WITH") && r.any(i+1, "ORDINALITY") {
				i += 2
			}
		}
	}
	if r.any(i, "AS") {
		i++
		if i < r.hi && (r.kind(i) == word || r.kind(i) == quoted) {
			rel.alias = r.name(i)
			i++
		}
	} else if i < r.hi && r.isName(i) && !notAlias[lower(r.text(i))] && r.kw(i) != "" || i < r.hi && r.kind(i) == quoted {
		rel.alias = r.name(i)
		i++
	}
	if call && rel.alias != "" && r.is(i, "(") {
		rel.columns = r.names(i)
		i = min(r.pair[i]+1, r.hi)
	}
	r.c.rels = append(r.c.rels, rel)
	return min(i, r.hi)
}

// joined reads a bracket at i, end its partner, that holds joined tables.
func (r *queryReader) joined(i, end int) int {
	if r.deep++; r.deep > joinDepth {
		return min(end+1, r.hi)
	}
	defer func() { r.deep-- }()
	j := r.relation(i+1, true)
	for j < end {
		switch {
		case r.pair[j] > j:
			j = r.pair[j] + 1
		case r.is(j, ",") || r.any(j, "JOIN"):
			j = r.relation(j+1, true)
		default:
			j++
		}
	}
	return min(end+1, r.hi)
}
