package sqltext

import "strings"

// PathLiteral is a string in a statement that names a file: text[Start:End], its quotes included.
type PathLiteral struct {
	Path       string
	Start, End int
	// Creates is set where the statement makes the file, or may: a COPY to it, a database that is attached.
	Creates bool
}

// pathFunctions are those whose first argument names files; more are known by their beginnings and ends.
var pathFunctions = map[string]bool{
	"glob": true, "sniff_csv": true, "parquet_metadata": true, "parquet_schema": true, "parquet_file_metadata": true, "parquet_kv_metadata": true,
	"st_read": true, "st_read_meta": true, "iceberg_snapshots": true, "iceberg_metadata": true,
}

func namesFiles(function string) bool {
	return pathFunctions[function] || strings.HasPrefix(function, "read_") || strings.HasSuffix(function, "_scan")
}

// Paths gives the strings of a statement that stand where a file is named: after FROM, JOIN and the commas of a FROM
// clause, as the first argument of functions that read files, after the TO and FROM of a COPY, and in ATTACH, EXPORT and
// IMPORT DATABASE. Whether there is such a file nobody asks; a string after another FROM, as in extract(year FROM '…'),
// is given too.
func Paths(stmt string) []PathLiteral { return DuckDB.Paths(stmt) }

// Paths is the function Paths for this dialect.
func (d Dialect) Paths(stmt string) []PathLiteral {
	if strings.IndexByte(stmt, '\'') < 0 {
		return nil
	}
	var out []PathLiteral
	// clause is what commas at one depth of parentheses separate.
	type clause int
	const (
		other clause = iota
		from         // tables
		file         // the first argument of a function that reads files
		files        // a list that is that argument
	)
	depth := []clause{other}
	s := scanner{d: d, src: stmt}
	first, previous := "", "" // the statement's first word, and the token before
	for {
		t, ok := s.significant()
		if !ok {
			return out
		}
		text := stmt[t.start:t.end]
		top := &depth[len(depth)-1]
		switch t.kind {
		case str:
			path, plain := stringValue(text)
			if !plain || t.open {
				break
			}
			p := PathLiteral{Path: path, Start: t.start, End: t.end}
			switch {
			case first == "copy" && previous == "to", first == "attach" && (previous == "attach" || previous == "database" || previous == "exists"),
				first == "export" && previous == "database":
				p.Creates = true
				out = append(out, p)
			case previous == "from", previous == "join", first == "import" && previous == "database",
				*top == from && previous == ",", *top == file && previous == "(", *top == files && (previous == "[" || previous == ","):
				out = append(out, p)
			}
		case word:
			w := lower(text)
			switch w {
			case "from", "join":
				*top = from
			case "select", "where", "group", "having", "order", "limit", "window", "qualify", "union", "set", "values", "on", "using", "returning", "sample":
				if *top == from {
					*top = other
				}
			}
			if first == "" {
				first = w
			}
		case op:
			switch text[0] {
			case '(':
				next := other
				if namesFiles(previous) {
					next = file
				}
				depth = append(depth, next)
			case '[':
				next := other
				if *top == file && previous == "(" {
					next = files
				}
				depth = append(depth, next)
			case ')', ']':
				if len(depth) > 1 {
					depth = depth[:len(depth)-1]
				}
			case ',':
				if *top == file { // what follows are its options
					*top = other
				}
			}
		}
		previous = lower(text)
		if t.kind == quoted {
			previous = lower(Unquote(text))
		}
	}
}
