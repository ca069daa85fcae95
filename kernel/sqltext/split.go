package sqltext

// PartKind says what a part of a cell is.
type PartKind int

const (
	// Statement is one SQL statement.
	Statement PartKind = iota
	// Magic is a line %name or %%name with its arguments.
	Magic
	// Help is a line name?, name?? or ?name.
	Help
)

// Part is one thing to do in a cell.
type Part struct {
	Kind PartKind
	// Start and End are its range in the cell, without the closing semicolon and without blanks and comments around
	// it; Text is cell[Start:End].
	Start, End int
	Text       string
	// Line and EndLine are the first and last line it stands on, counted from 1.
	Line, EndLine int
	// Closed: a statement that its semicolon ends, a magic or a help line that its line's end ends.
	Closed bool
	// Unterminated names what the end of the cell cut off, in which case the part reaches to the end of the cell:
	// "string", "dollar-quoted string", "quoted identifier", "comment", and for magics also "parenthesis" and
	// "continuation". Empty otherwise.
	Unterminated string
	// Magic is set for Magic, Help for Help.
	Magic MagicLine
	Help  HelpLine

	// limit is where its place in the cell ends: before the semicolon or line break, or at the end of the cell.
	limit int
}

// Split cuts a cell of DuckDB's SQL into its parts, in order.
//
// Statements end at semicolons outside of quotes and comments. Where a statement could begin, a line %name or %%name
// is a magic and a line name?, name?? or ?name asks for help; inside a statement % is an operator and ? a parameter.
// What holds only blanks and comments is no part.
func Split(cell string) []Part { return DuckDB.Split(cell) }

// Split is the function Split for this dialect.
func (d Dialect) Split(cell string) []Part {
	parts, _ := d.split(cell)
	return parts
}

// split also tells how many bytes were looked at, within a constant factor.
func (d Dialect) split(cell string) (parts []Part, steps int) {
	s := scanner{d: d, src: cell}
	lines := lineCounter{src: cell}
	for {
		t, ok := s.significant()
		if !ok {
			break
		}
		p := Part{Start: t.start}
		switch {
		case t.kind == op && cell[t.start] == ';':
			continue
		case s.help(t, &p), s.magic(t, &p):
		default:
			s.statement(t, &p)
		}
		p.limit = s.pos
		if p.Kind == Statement && p.Closed {
			p.limit--
		}
		p.Text = cell[p.Start:p.End]
		p.Line = lines.at(p.Start)
		p.EndLine = lines.at(p.End)
		parts = append(parts, p)
	}
	return parts, s.steps + lines.pos
}

// statement goes past the statement that begins with t and past its semicolon.
func (s *scanner) statement(t token, p *Part) {
	for ok := true; ok; t, ok = s.significant() {
		if t.kind == op && s.src[t.start] == ';' {
			p.Closed = true
			return
		}
		p.End = t.end
		p.Unterminated = t.unterminated()
	}
}
