package display

// wholeInHTML is how many characters of a result's only value the HTML shows: enough to read a document, little
// beside what the same value takes in text/plain.
const wholeInHTML = 64_000

// Bundle gives text/html and text/plain of the rows so far, and what a front end wants to know of the result without
// reading either, as metadata under "sextant".
//
// A result of one row and one column whose value is longer than a cell shows is sent about once: text/plain is then
// the value itself, without a box, up to Limits.Value, and the HTML shows its beginning.
func (t *Table) Bundle(s Summary) Bundle {
	b := Bundle{Data: map[string]any{}, Metadata: map[string]any{"sextant": t.metadata(s)}}
	if t.whole != "" && t.rows == 1 && t.cells[0].cut.size != 0 && !t.hasMore(s) {
		b.Data[MIMEText] = t.wholeText()
		b.Data[MIMEHTML] = t.wholeHTML(s)
		return b
	}
	b.Data[MIMEText] = t.boxText(s)
	b.Data[MIMEHTML] = t.tableHTML(s)
	return b
}

func (t *Table) metadata(s Summary) map[string]any {
	columns := make([]map[string]string, len(t.cols))
	for i, col := range t.cols {
		columns[i] = map[string]string{"name": visible(col.Name), "type": col.Type}
	}
	m := map[string]any{
		"rows":         t.rows,
		"more":         t.hasMore(s),
		"columns":      columns,
		"column_count": t.columns,
		"cut_values":   t.cut,
	}
	if s.TotalRows >= 0 {
		m["total_rows"] = s.TotalRows
	}
	if s.Elapsed > 0 {
		m["elapsed_ms"] = float64(s.Elapsed.Microseconds()) / 1000
	}
	return m
}

// visible replaces what cannot be part of one clean line of text.
func visible(text string) string {
	clean := true
	for _, r := range text {
		if shown(r) != "" {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for _, r := range text {
		switch {
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\t':
			out = append(out, `\t`...)
		case r == '\r':
			out = append(out, `\r`...)
		case shown(r) != "":
			out = append(out, shown(r)...)
		default:
			out = append(out, string(r)...)
		}
	}
	return string(out)
}

func (t *Table) wholeText() string {
	if !t.wholeIsCut {
		return t.whole
	}
	return t.whole + "\n… (" + t.cells[0].cut.phrase() + "; the first " + byteSize(int64(len(t.whole))) + " shown)"
}
