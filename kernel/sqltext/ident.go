package sqltext

import "strings"

// reserved are the words that DuckDB 1.5 does not take everywhere as a table or column name without quotes.
var reserved = wordSet(`all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case
	cast check collate collation column columns concurrently constraint create cross default deferrable desc describe
	distinct do else end except false fetch for foreign freeze from full generated glob group having ilike in initially
	inner intersect into is isnull join lambda lateral leading left like limit map natural not notnull null offset on
	only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify references returning
	right select semi show similar some struct summarize symmetric table tablesample then to trailing true try_cast union
	unique unpack unpivot using variadic verbose when where window with`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// lower is strings.ToLower without an allocation for what is lower case already.
func lower(s string) string { return strings.ToLower(s) }

// needsQuotes: name is no identifier by itself. Capitals do not matter: DuckDB keeps them and compares without.
func needsQuotes(name string) bool {
	if name == "" || isDigit(name[0]) {
		return true
	}
	for i := range len(name) {
		if c := name[i]; !isIdentStart(c) && !isDigit(c) || unicodeBlank(name, i) > 0 {
			return true
		}
	}
	return reserved[lower(name)]
}

// QuoteIdent writes name so that it can stand as an identifier, with quotes only where it needs them.
func QuoteIdent(name string) string {
	if needsQuotes(name) {
		return quoteIdent(name)
	}
	return name
}

func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteString writes s as a string literal.
func QuoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Unquote is the name that an identifier stands for: quotes, also those not closed yet, and doubled quotes go.
// Capitals stay.
func Unquote(ident string) string {
	for _, q := range [...]string{`"`, "`"} {
		if rest, ok := strings.CutPrefix(ident, q); ok {
			if strings.Count(rest, q)%2 == 1 {
				rest = strings.TrimSuffix(rest, q)
			}
			return strings.ReplaceAll(rest, q+q, q)
		}
	}
	return ident
}

// SplitPath cuts names joined by dots, such as db."my schema".t, into the names they stand for.
func SplitPath(path string) []string {
	var names []string
	s := scanner{d: DuckDB, src: path}
	for {
		t, ok := s.significant()
		if !ok {
			return names
		}
		if t.kind != op {
			names = append(names, Unquote(path[t.start:t.end]))
		}
	}
}

// FirstKeyword is the word that a statement begins with, in upper case and past opening parentheses: "SELECT",
// "FROM", "CREATE"; empty if it does not begin with a word.
func FirstKeyword(stmt string) string {
	s := scanner{d: DuckDB, src: stmt}
	for {
		t, ok := s.significant()
		switch {
		case ok && t.kind == op && stmt[t.start] == '(':
		case ok && t.kind == word:
			return strings.ToUpper(stmt[t.start:t.end])
		default:
			return ""
		}
	}
}
