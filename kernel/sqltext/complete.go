package sqltext

import "strings"

// Status is what a console asks before it runs a text on Enter; the values are Jupyter's.
type Status string

const (
	StatusComplete   Status = "complete"
	StatusIncomplete Status = "incomplete"
	StatusInvalid    Status = "invalid"
	StatusUnknown    Status = "unknown"
)

// Completeness is whether a text can run, and if more must follow, what to begin the next line with.
type Completeness struct {
	Status Status
	Indent string
}

// Parse asks the engine about one statement: ok, it parses; atEnd, it does not but more text may mend it; otherwise
// it is wrong whatever follows. err: the engine cannot tell. (DuckDB says "syntax error at end of input", and of a bare
// SELECT "SELECT clause without selection list".)
type Parse func(sql string) (ok, atEnd bool, err error)

// Complete tells whether the text can run as it stands, for those who type in a console:
//
//   - An open quote, comment or parenthesis, or a magic that goes on: incomplete. The indent is two blanks for each
//     open parenthesis, and none within quotes and comments, where it would become part of the text.
//   - A parenthesis closed that was not open, or open at a semicolon: invalid.
//   - A magic (%%name: with an empty line after it), a help line, nothing but comments: complete.
//   - A statement with its semicolon, or with an empty line after it: complete.
//   - A statement of one line without semicolon that parses: complete. Of several lines, or if parse is nil:
//     incomplete, as in DuckDB's own shell.
//
// parse may be nil. It is asked about the last statement only; where it says wrong, the text is invalid.
func Complete(cell string, parse Parse) Completeness { return DuckDB.Complete(cell, parse) }

// Complete is the function Complete for this dialect.
func (d Dialect) Complete(cell string, parse Parse) Completeness {
	parts := d.Split(cell)
	if len(parts) == 0 {
		return Completeness{Status: StatusComplete}
	}
	last := parts[len(parts)-1]
	var open []byte
	for _, p := range parts {
		if p.Kind != Statement {
			continue
		}
		var ok bool
		if open, ok = d.brackets(p.Text); !ok || p.Closed && len(open) > 0 {
			return Completeness{Status: StatusInvalid}
		}
	}
	if last.Kind != Statement {
		if last.Unterminated != "" {
			return Completeness{Status: StatusIncomplete, Indent: "  "}
		}
		if last.Kind == Magic && last.Magic.Cell && !endsInEmptyLine(cell) {
			return Completeness{Status: StatusIncomplete}
		}
		return Completeness{Status: StatusComplete}
	}
	switch {
	case last.Unterminated != "":
		return Completeness{Status: StatusIncomplete}
	case len(open) > 0:
		return Completeness{Status: StatusIncomplete, Indent: strings.Repeat("  ", len(open))}
	}
	ended := last.Closed || endsInEmptyLine(cell)
	if parse == nil {
		if ended {
			return Completeness{Status: StatusComplete}
		}
		return Completeness{Status: StatusIncomplete}
	}
	ok, atEnd, err := parse(last.Text)
	switch {
	case err != nil && ended:
		return Completeness{Status: StatusComplete}
	case err != nil:
		return Completeness{Status: StatusUnknown}
	case ok && (ended || !strings.ContainsAny(cell[last.Start:], "\n\r")):
		return Completeness{Status: StatusComplete}
	case ok || atEnd && !ended:
		return Completeness{Status: StatusIncomplete}
	default:
		return Completeness{Status: StatusInvalid}
	}
}

// brackets are the brackets still open at the end of a statement; ok is false where one is closed that is not open.
func (d Dialect) brackets(sql string) (open []byte, ok bool) {
	s := scanner{d: d, src: sql}
	for {
		t, more := s.significant()
		if !more {
			return open, true
		}
		if t.kind != op {
			continue
		}
		switch c := sql[t.start]; c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != opening(c) {
				return open, false
			}
			open = open[:len(open)-1]
		}
	}
}

func opening(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

// endsInEmptyLine: the last of the text's lines, and it is not the only one, holds nothing but blanks.
func endsInEmptyLine(cell string) bool {
	n := strings.LastIndexAny(cell, "\n\r")
	return n >= 0 && strings.TrimSpace(cell[n:]) == ""
}
