package sqltext

import "strings"

// syntax is one statement as tokens, blanks and comments left out, with its brackets matched as well as broken text
// allows. Offsets are bytes in the whole cell.
type syntax struct {
	d    Dialect
	cell string
	toks []token
	// cursor is the place that is being edited; a name is not read across it.
	cursor int
	// pair is for each bracket its partner; for an opening one without, len(toks); else -1.
	pair []int
	// parent is for each token the opening bracket it stands in, or -1.
	parent []int
	// opens is for each token whether it is a bracket that opens a query.
	opens []bool
}

// newSyntax reads cell[start:end].
func newSyntax(d Dialect, cell string, start, end, cursor int) *syntax {
	x := &syntax{d: d, cell: cell, cursor: cursor}
	s := scanner{d: d, src: cell[:end], pos: start}
	for {
		t, ok := s.significant()
		if !ok || t.kind == op && cell[t.start] == ';' {
			break
		}
		if t.start < cursor && cursor < t.end && (t.kind == str || t.kind == quoted) &&
			(t.open || strings.ContainsAny(cell[t.start:t.end], "\n\r")) {
			// A quote that is being written: what it swallowed is read as if it were closed at the cursor.
			t.end, t.open = cursor, true
			s.pos = cursor
		}
		x.toks = append(x.toks, t)
	}
	x.match()
	x.findQueries()
	return x
}

// match pairs the brackets. A closing bracket closes the nearest open one of its kind; those open above it stay open.
func (x *syntax) match() {
	x.pair = make([]int, len(x.toks))
	x.parent = make([]int, len(x.toks))
	var stack []int
	var open [128]int
	for i, t := range x.toks {
		x.pair[i] = -1
		x.parent[i] = -1
		if len(stack) > 0 {
			x.parent[i] = stack[len(stack)-1]
		}
		if t.kind != op || t.end != t.start+1 {
			continue
		}
		switch c := x.cell[t.start]; c {
		case '(', '[', '{':
			x.pair[i] = len(x.toks)
			stack = append(stack, i)
			open[c]++
		case ')', ']', '}':
			o := opening(c)
			if open[o] == 0 {
				continue
			}
			for {
				top := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				k := x.cell[x.toks[top].start]
				open[k]--
				if k == o {
					x.pair[top], x.pair[i] = i, top
					x.parent[i] = x.parent[top]
					break
				}
			}
		}
	}
}

func (x *syntax) text(i int) string {
	if i < 0 || i >= len(x.toks) {
		return ""
	}
	return x.cell[x.toks[i].start:x.toks[i].end]
}

// kind is op for what is outside of the statement.
func (x *syntax) kind(i int) kind {
	if i < 0 || i >= len(x.toks) {
		return op
	}
	return x.toks[i].kind
}

// is reports that token i is the operator s.
func (x *syntax) is(i int, s string) bool {
	return i >= 0 && i < len(x.toks) && x.toks[i].kind == op && x.text(i) == s
}

// kw is token i as a keyword in upper case, or "". A word that touches a dot before it is a name.
func (x *syntax) kw(i int) string {
	if x.kind(i) != word || x.toks[i].end-x.toks[i].start > 20 {
		return ""
	}
	if i > 0 && x.toks[i-1].end == x.toks[i].start && x.is(i-1, ".") {
		return ""
	}
	return strings.ToUpper(x.text(i))
}

// any reports that token i is one of the keywords, given in upper case.
func (x *syntax) any(i int, words ...string) bool {
	k := x.kw(i)
	if k == "" {
		return false
	}
	for _, w := range words {
		if k == w {
			return true
		}
	}
	return false
}

// isName reports that token i can be a table's, column's or alias's name.
func (x *syntax) isName(i int) bool {
	switch x.kind(i) {
	case quoted:
		return true
	case word:
		return x.kw(i) == "" || !reserved[lower(x.text(i))]
	}
	return false
}

func (x *syntax) name(i int) string { return Unquote(x.text(i)) }

// path reads names joined by dots from i; next is the token after them.
func (x *syntax) path(i int) (names []string, next int) {
	if !x.isName(i) {
		return nil, i
	}
	names = append(names, x.name(i))
	for i++; x.is(i, "."); i += 2 {
		touching := i+1 < len(x.toks) && x.toks[i].end == x.toks[i+1].start
		if x.kind(i+1) != word && x.kind(i+1) != quoted || !touching && (x.toks[i].end == x.cursor || !x.isName(i+1)) {
			return names, i + 1
		}
		names = append(names, x.name(i+1))
	}
	return names, i
}

// isQuery reports that the bracket at i opens a query.
func (x *syntax) isQuery(i int) bool { return i >= 0 && i < len(x.toks) && x.opens[i] }

// findQueries goes backwards, so that brackets within brackets cost no more than others.
func (x *syntax) findQueries() {
	x.opens = make([]bool, len(x.toks))
	for i := len(x.toks) - 2; i >= 0; i-- {
		x.opens[i] = x.is(i, "(") && (x.opens[i+1] || !x.is(i+2, ":") &&
			x.any(i+1, "SELECT", "WITH", "FROM", "VALUES", "TABLE", "PIVOT", "UNPIVOT", "DESCRIBE", "SHOW", "SUMMARIZE"))
	}
}

// notClause: the FROM at i names no tables; it belongs to IS DISTINCT FROM or to a call like extract(year FROM d).
func (x *syntax) notClause(i int) bool {
	if x.any(i-1, "DISTINCT") && x.any(i-2, "IS", "NOT") {
		return true
	}
	g := x.parent[i]
	return g >= 0 && !x.isQuery(g) &&
		(x.pair[g] < len(x.toks) || x.any(g-1, "EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"))
}

// enclosing is the bracket that the place before token i stands in, or -1.
func (x *syntax) enclosing(i int) int {
	switch {
	case i == 0:
		return -1
	case x.pair[i-1] >= i:
		return i - 1
	}
	return x.parent[i-1]
}

// first is the index of the first token that ends after offset.
func (x *syntax) first(offset int) int {
	lo, hi := 0, len(x.toks)
	for lo < hi {
		m := (lo + hi) / 2
		if x.toks[m].end > offset {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}
