package sqltext

import "strings"

// Param is a named parameter in a text, $name: text[Start:End] with the dollar sign, Name without.
type Param struct {
	Name       string
	Start, End int
}

// Params are the named parameters of a statement, in order and each as often as it stands there.
func Params(stmt string) []Param { return DuckDB.Params(stmt) }

// Params is the function Params for this dialect.
func (d Dialect) Params(stmt string) []Param {
	if strings.IndexByte(stmt, '$') < 0 {
		return nil
	}
	var out []Param
	s := scanner{d: d, src: stmt}
	for {
		t, ok := s.significant()
		if !ok {
			return out
		}
		if t.kind == param && stmt[t.start] == '$' && !isDigit(stmt[t.start+1]) {
			out = append(out, Param{Name: stmt[t.start+1 : t.end], Start: t.start, End: t.end})
		}
	}
}
