package sqltext

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CandidateKind says what a candidate is; front ends show it as an icon.
type CandidateKind string

const (
	KindKeyword   CandidateKind = "keyword"
	KindFunction  CandidateKind = "function"
	KindSchema    CandidateKind = "schema"
	KindDatabase  CandidateKind = "database"
	KindTable     CandidateKind = "table"
	KindView      CandidateKind = "view"
	KindColumn    CandidateKind = "column"
	KindAlias     CandidateKind = "alias"
	KindCTE       CandidateKind = "CTE"
	KindSetting   CandidateKind = "setting"
	KindType      CandidateKind = "type"
	KindMagic     CandidateKind = "magic"
	KindOption    CandidateKind = "option"
	KindFile      CandidateKind = "file"
	KindParameter CandidateKind = "parameter"
)

// Candidate is what may stand at the cursor.
type Candidate struct {
	// Text replaces cell[Start:End], quoted where it needs quotes.
	Text string
	Kind CandidateKind
	// Signature is a function's call or a column's or setting's type.
	Signature string
	// Detail is a line for people: a comment, where it comes from, how many rows.
	Detail string
}

// Completions is what may stand in place of cell[Start:End], best first.
type Completions struct {
	// Start and End are in code points.
	Start, End int
	Items      []Candidate
	// More: the list was cut.
	More bool
}

// How well a candidate fits what was typed, best first. Those from within on count only if there are none better.
const (
	samePrefix = iota
	foldedPrefix
	within
	scattered
	noMatch
)

// match tells how name fits typed.
func match(name, typed string) int {
	switch {
	case strings.HasPrefix(name, typed):
		return samePrefix
	case len(name) >= len(typed) && strings.EqualFold(name[:len(typed)], typed):
		return foldedPrefix
	case typed == "":
		return samePrefix
	}
	rest := typed
	r, n := utf8.DecodeRuneInString(rest)
	together := true
	for _, c := range name {
		if unicode.ToLower(c) == unicode.ToLower(r) {
			if rest = rest[n:]; rest == "" {
				if together && strings.Contains(lower(name), lower(typed)) {
					return within
				}
				return scattered
			}
			r, n = utf8.DecodeRuneInString(rest)
		}
	}
	return noMatch
}

// ranked is a candidate with what it is sorted by.
type ranked struct {
	Candidate
	group, fit, order int
	key               string
}

// collector gathers the candidates that fit what was typed.
type collector struct {
	typed string
	// exact are prefix matches, loose the others, kept only while there is no prefix match.
	exact, loose []ranked
	seen         map[seenKey]bool
}

type seenKey struct {
	text string
	kind CandidateKind
}

// add takes a candidate of which name is compared with what was typed. Of two with the same text and kind the first
// one stays. Within a group candidates are sorted by fit, then order, then name.
func (c *collector) add(group, order int, name string, cand Candidate) {
	fit := match(name, c.typed)
	if fit == noMatch || fit >= within && (len(c.exact) > 0 || len(c.typed) < 2) {
		return
	}
	k := seenKey{cand.Text, cand.Kind}
	if c.seen[k] {
		return
	}
	if c.seen == nil {
		c.seen = map[seenKey]bool{}
	}
	c.seen[k] = true
	r := ranked{Candidate: cand, group: group, fit: fit, order: order, key: lower(name)}
	if fit < within {
		c.exact = append(c.exact, r)
	} else {
		c.loose = append(c.loose, r)
	}
}

// best gives the first n candidates in order.
func (c *collector) best(n int) (items []Candidate, more bool) {
	list := c.exact
	if len(list) == 0 {
		list = c.loose
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		return cmp.Or(
			cmp.Compare(a.group, b.group),
			cmp.Compare(a.fit, b.fit),
			cmp.Compare(a.order, b.order),
			cmp.Compare(a.key, b.key),
			cmp.Compare(a.Text, b.Text),
		)
	})
	if more = len(list) > n; more {
		list = list[:n]
	}
	for _, r := range list {
		items = append(items, r.Candidate)
	}
	return items, more
}
