package sqltext

// place is where in a statement the cursor is.
type place struct {
	*syntax
	// start:end is what a candidate replaces: the word under the cursor, or nothing. prefix is the part of it before
	// the cursor, as the name it stands for; typed is the same as written.
	start, end    int
	prefix, typed string
	// inQuotes: the word has an opening double quote.
	inQuotes bool
	// quals are the names before the word, joined to it by dots.
	quals []string
	// k is the token that the path under the cursor begins with, or the one after the cursor.
	k int
	// group is the bracket that the cursor is in, or -1.
	group int
	// clause is the keyword whose part of the statement the cursor is in: "SELECT", "FROM", "WHERE", "GROUP", …
	clause string

	// in is where the cursor is when it is not in a name.
	in kind
	// tok is the token that in speaks of.
	tok int
}

// place finds out about the cursor.
func (x *syntax) place(cursor int) place {
	p := place{syntax: x, start: cursor, end: cursor, in: blank, tok: -1}
	i := x.first(cursor - 1) // the token that the cursor is in or at the end of
	p.k = i
	if i < len(x.toks) && x.toks[i].start < cursor {
		t := x.toks[i]
		inside := cursor < t.end || t.open
		switch t.kind {
		case word:
			p.start, p.end = t.start, t.end
			p.typed = x.cell[t.start:cursor]
			p.prefix = p.typed
			p.in = word
		case quoted:
			if !inside {
				p.start, p.end, p.typed = t.start, t.end, x.text(i)
				p.prefix = x.name(i)
			} else {
				p.start, p.end = t.start, t.end
				p.typed = x.cell[t.start:cursor]
				p.prefix = Unquote(p.typed)
			}
			p.inQuotes = true
			p.in = quoted
		case op:
			p.k = i + 1
			if t.end > cursor && t.start < cursor {
				p.in = op
			}
			if x.text(i) == "$" {
				p.in, p.k = param, i
				p.start, p.end = t.start, t.end
			}
		case number:
			p.in = number
			p.prefix = "0"
		case param:
			p.in = param
			p.start, p.end = t.start, t.end
			p.prefix = x.cell[t.start+1 : cursor]
		case str, dollar, blockComment:
			if inside {
				p.in = t.kind
			} else {
				p.k = i + 1
			}
		}
		p.tok = i
	}
	if p.in == blank || p.in == word || p.in == quoted {
		// Names before, each with its dot.
		j := p.k
		for len(p.quals) < maxPath && x.is(j-1, ".") && (x.kind(j-2) == word || x.kind(j-2) == quoted) && x.toks[j-2].end == x.toks[j-1].start {
			if x.toks[j-1].end != p.start && j == p.k {
				break
			}
			p.quals = append(p.quals, x.name(j-2))
			j -= 2
		}
		for a, b := 0, len(p.quals)-1; a < b; a, b = a+1, b-1 {
			p.quals[a], p.quals[b] = p.quals[b], p.quals[a]
		}
		p.k = j
	}
	p.group = x.enclosing(p.k)
	p.clause = x.clause(p.k)
	return p
}

// clauses are the keywords that begin a part of a statement.
var clauses = map[string]bool{
	"SELECT": true, "FROM": true, "JOIN": true, "ON": true, "USING": true, "WHERE": true, "GROUP": true, "HAVING": true,
	"ORDER": true, "QUALIFY": true, "WINDOW": true, "LIMIT": true, "OFFSET": true, "VALUES": true, "SET": true,
	"INTO": true, "RETURNING": true, "PARTITION": true, "WITH": true, "UNION": true, "EXCEPT": true, "INTERSECT": true,
	"UPDATE": true, "PIVOT": true, "UNPIVOT": true, "TABLE": true, "VIEW": true,
}

// clause is the part of its query that the place before token k is in. Brackets that hold no query and are still
// open do not end it.
func (x *syntax) clause(k int) string {
	lo := 0
	for g := x.enclosing(k); g >= 0; g = x.parent[g] {
		if x.isQuery(g) {
			lo = g + 1
			break
		}
	}
	clause := ""
	for i := lo; i < k; i++ {
		if x.pair[i] > i {
			if x.pair[i] < k {
				i = x.pair[i]
			}
			continue
		}
		w := x.kw(i)
		if !clauses[w] {
			continue
		}
		switch {
		case w == "FROM" && x.notClause(i),
			w == "VALUES" && x.is(i-1, "."),
			w == "WITH" && i > lo && !x.any(i-1, "AS", "EXPLAIN", "ANALYZE") && clause != "INTO",
			w == "SET" && x.any(i-1, "GROUPING"),
			w == "TABLE" && i > lo && clause != "":
			continue
		}
		clause = w
	}
	return clause
}
