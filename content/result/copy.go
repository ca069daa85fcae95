package result

import (
	"fmt"
	"strings"

	"sextant/content"
)

// Format is a form in which a result is downloaded.
type Format string

// The formats.
const (
	CSV Format = "csv"
	// ExcelCSV is CSV that Excel opens as what it is: values that it would take for formulas begin with an apostrophe.
	ExcelCSV Format = "csv-excel"
	Parquet  Format = "parquet"
	JSON     Format = "json"
	NDJSON   Format = "ndjson"
	XLSX     Format = "xlsx"
	// Arrow is a stream of Arrow IPC, whose types are those that the engine gives.
	Arrow Format = "arrow"
)

// ExcelRows is how many rows an Excel sheet has below its header.
const ExcelRows = 1_048_575

// form is how a format is written.
type form struct {
	options, kind, extension string
	// whole formats are written to their end before they can be passed on.
	whole bool
}

var forms = map[Format]form{
	CSV:      {"FORMAT csv, HEADER", "text/csv; charset=utf-8", ".csv", false},
	ExcelCSV: {"FORMAT csv, HEADER", "text/csv; charset=utf-8", ".csv", false},
	Parquet:  {"FORMAT parquet, COMPRESSION zstd", "application/vnd.apache.parquet", ".parquet", false},
	JSON:     {"FORMAT json, ARRAY true", "application/json", ".json", false},
	NDJSON:   {"FORMAT json", "application/x-ndjson", ".ndjson", false},
	Arrow:    {"", "application/vnd.apache.arrow.stream", ".arrows", false},
	XLSX:     {"FORMAT xlsx, HEADER true", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", true},
}

// Known reports whether there is such a format.
func (f Format) Known() bool { return forms[f].kind != "" }

// Formats are the names of all formats, as one lists them.
const Formats = "csv, csv-excel, parquet, json, ndjson, xlsx or arrow"

// ContentType and Extension are those of a file of the format.
func (f Format) ContentType() string { return forms[f].kind }

// Extension begins with a dot.
func (f Format) Extension() string { return forms[f].extension }

// Piped reports whether the format can be passed on while it is written.
func (f Format) Piped() bool { return !forms[f].whole }

// Prefix is what goes before the file: the mark by which Excel knows UTF-8.
func (f Format) Prefix() string {
	if f == ExcelCSV {
		return "\uFEFF"
	}
	return ""
}

// Labels are the names of the columns that the query gives of a result with these.
func (q Query) Labels(columns []content.ResultColumn) []string {
	name := func(n int) string {
		if n >= 0 && n < len(columns) && columns[n].Name != "" {
			return columns[n].Name
		}
		return "column " + fmt.Sprint(n+1)
	}
	var out []string
	if !q.grouped() {
		for i := range columns {
			out = append(out, name(i))
		}
		return out
	}
	for _, g := range q.Group {
		label := name(g.Column)
		if g.Part != Whole {
			label += " by " + string(g.Part)
		}
		out = append(out, label)
	}
	measure := func(m Measure) string {
		if m.Func == Count {
			return "rows"
		}
		return string(m.Func) + " of " + name(m.Column)
	}
	if q.Pivot != nil {
		return append(out, q.pivotLabels(measure)...)
	}
	for _, m := range q.Measures {
		out = append(out, measure(m))
	}
	return out
}

// CopySQL gives the statement that writes the query's rows to a file. Arrow is not the engine's to write: of it the statement
// gives the rows.
func (q Query) CopySQL(columns []content.ResultColumn, f Format, path string) (string, error) {
	if !f.Known() {
		return "", fmt.Errorf("%w format %.20q: want %s", content.ErrInvalid, f, Formats)
	}
	sql, err := q.SQL(len(columns))
	if err != nil {
		return "", err
	}
	if f == Arrow {
		return sql, nil
	}
	labels := q.Labels(columns)
	taken := map[string]bool{}
	list := make([]string, len(labels))
	for i, label := range labels {
		expr := fmt.Sprintf("v%d", i)
		kind := ""
		if !q.grouped() {
			kind = columns[i].Type
		} else if i < len(q.Group) && q.Group[i].Part == Whole {
			kind = columns[q.Group[i].Column].Type
		}
		switch {
		case f == ExcelCSV && kind == "VARCHAR":
			expr = "CASE WHEN regexp_matches(" + expr + ", '^[=+@\\t\\r-]') THEN '''' || " + expr + " ELSE " + expr + " END"
		case f == XLSX && kind != "" && !sheetType(kind):
			expr = "CAST(" + expr + " AS VARCHAR)"
		}
		// File formats want each name once, whatever its case.
		unique := label
		for n := 1; taken[strings.ToLower(unique)]; n++ {
			unique = fmt.Sprintf("%s_%d", label, n)
		}
		taken[strings.ToLower(unique)] = true
		list[i] = expr + ` AS "` + strings.ReplaceAll(strings.ReplaceAll(unique, "\x00", ""), `"`, `""`) + `"`
	}
	inner := make([]string, len(labels))
	for i := range labels {
		inner[i] = fmt.Sprintf("v%d", i)
	}
	return "COPY (SELECT " + strings.Join(list, ", ") + " FROM (" + sql + ") AS q(" + strings.Join(inner, ", ") + ")) TO " + quote(path) + " (" + forms[f].options + ", USE_TMP_FILE false)", nil
}

// sheetType reports whether a sheet has values of a type.
func sheetType(kind string) bool {
	switch kind {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP", "TIME", "VARCHAR":
		return true
	}
	return strings.HasPrefix(kind, "DECIMAL(")
}
