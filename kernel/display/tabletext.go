package display

import "strings"

// boxText draws the table as DuckDB's own shell does: names and types above, numbers at the right, dots where columns
// or rows are left out.
//
// A NULL reads NULL; the string NULL reads 'NULL', in quotes. Newlines and tabs read \n and \t.
func (t *Table) boxText(s Summary) string {
	head, tail := t.textRows(s)
	b := t.layOut(head, tail)
	var out strings.Builder
	b.rule(&out, "┌", "┬", "┐")
	b.line(&out, b.names, alignCentre)
	b.line(&out, b.types, alignCentre)
	b.rule(&out, "├", "┼", "┤")
	for _, cells := range b.head {
		b.line(&out, cells, alignValue)
	}
	if t.rows > len(head)+len(tail) || (t.hasMore(s) && len(tail) == 0) {
		dots := make([]string, len(b.widths))
		for i := range dots {
			dots[i] = "·"
		}
		for range 3 {
			b.line(&out, dots, alignValue)
		}
	}
	for _, cells := range b.tail {
		b.line(&out, cells, alignValue)
	}
	b.rule(&out, "└", "┴", "┘")
	out.WriteString(t.textFooter(s, len(head)+len(tail), b.shown))
	return out.String()
}

func (t *Table) textFooter(s Summary, rows, cols int) string {
	parts := []string{t.rowsPhrase(s)}
	if rows < t.rows {
		parts[0] += " (" + grouped(int64(rows)) + " shown)"
	}
	if len(t.cols) < t.columns {
		parts = append(parts, t.columnsPhrase())
	} else if cols < len(t.cols) {
		parts = append(parts, counted(int64(t.columns), "column"))
	}
	if cols < len(t.cols) {
		parts[len(parts)-1] += " (" + grouped(int64(cols)) + " shown)"
	}
	if t.tight && t.refused {
		parts = append(parts, "output is limited to "+byteSize(int64(t.limits.Bytes)))
	}
	if s.TextElapsed && s.Elapsed > 0 {
		parts = append(parts, shortDuration(s.Elapsed))
	}
	return joinPhrases(parts...)
}

// textRows picks the rows to draw. The last ones are drawn only where they are truly the result's last.
func (t *Table) textRows(s Summary) (head, tail []int) {
	if t.rows <= t.limits.TextRows {
		return span(0, t.rows), nil
	}
	if t.hasMore(s) {
		return span(0, t.limits.TextRows), nil
	}
	half := t.limits.TextRows / 2
	return span(0, t.limits.TextRows-half), span(t.rows-half, t.rows)
}

func span(from, to int) []int {
	rows := make([]int, 0, to-from)
	for r := from; r < to; r++ {
		rows = append(rows, r)
	}
	return rows
}

// box is a laid-out table: what to draw, column by column.
type box struct {
	names, types []string
	right        []bool
	widths       []int
	head, tail   [][]string
	shown        int // columns of the table among those drawn
}

// minColumn is how narrow a column may be made before columns are left out instead.
const minColumn = 20

func (t *Table) layOut(head, tail []int) *box {
	full := &box{}
	for i, col := range t.cols {
		full.names = append(full.names, visible(col.Name))
		full.types = append(full.types, visible(shortType(col.Type)))
		full.right = append(full.right, IsNumeric(t.typs[i]))
	}
	for _, r := range head {
		full.head = append(full.head, t.textCells(r))
	}
	for _, r := range tail {
		full.tail = append(full.tail, t.textCells(r))
	}
	for i := range t.cols {
		w := max(textWidth(full.names[i]), textWidth(full.types[i]), 1)
		for _, rows := range [][][]string{full.head, full.tail} {
			for _, cells := range rows {
				w = max(w, textWidth(cells[i]))
			}
		}
		full.widths = append(full.widths, w)
	}
	return full.fit(t.limits.TextWidth)
}

// fit narrows the widest columns first, down to minColumn, then leaves out columns in the middle.
func (b *box) fit(total int) *box {
	b.shown = len(b.widths)
	for limit := total; b.width() > total && limit >= minColumn; {
		widest := 0
		for _, w := range b.widths {
			widest = max(widest, w)
		}
		if widest <= minColumn {
			break
		}
		// Narrow all of the widest ones to the next width at which the table fits or another column is as wide.
		limit = widest - 1
		for i := range b.widths {
			b.widths[i] = min(b.widths[i], limit)
		}
	}
	if b.width() <= total || len(b.widths) <= 2 {
		for i := range b.widths {
			b.widths[i] = min(b.widths[i], max(total-4, minColumn))
		}
		return b
	}
	return b.without(total)
}

// without keeps columns from both ends as long as they fit, and one of dots between them.
func (b *box) without(total int) *box {
	left, right := 0, len(b.widths)
	room := total - 1 - 4 // the last border; the column of dots
	for left < right {
		if w := b.widths[left] + 3; w <= room {
			room -= w
			left++
		} else {
			break
		}
		if left < right {
			if w := b.widths[right-1] + 3; w <= room {
				room -= w
				right--
			} else {
				break
			}
		}
	}
	if left == 0 {
		left = 1
	}
	pick := func(cells []string, dots string) []string {
		out := append([]string{}, cells[:left]...)
		out = append(out, dots)
		return append(out, cells[right:]...)
	}
	cut := &box{shown: left + len(b.widths) - right}
	cut.names, cut.types = pick(b.names, "…"), pick(b.types, "")
	cut.widths = append(append(append([]int{}, b.widths[:left]...), 1), b.widths[right:]...)
	cut.right = append(append(append([]bool{}, b.right[:left]...), false), b.right[right:]...)
	for _, cells := range b.head {
		cut.head = append(cut.head, pick(cells, "…"))
	}
	for _, cells := range b.tail {
		cut.tail = append(cut.tail, pick(cells, "…"))
	}
	return cut
}

func (b *box) width() int {
	n := 1
	for _, w := range b.widths {
		n += w + 3
	}
	return n
}

func (b *box) rule(out *strings.Builder, left, middle, right string) {
	out.WriteString(left)
	for i, w := range b.widths {
		if i > 0 {
			out.WriteString(middle)
		}
		out.WriteString(strings.Repeat("─", w+2))
	}
	out.WriteString(right)
	out.WriteByte('\n')
}

type alignment int

const (
	alignCentre alignment = iota
	alignValue            // numbers at the right, all else at the left
)

func (b *box) line(out *strings.Builder, cells []string, align alignment) {
	for i, text := range cells {
		text = fitWidth(text, b.widths[i])
		space := b.widths[i] - textWidth(text)
		before := 0
		switch {
		case align == alignCentre:
			before = space / 2
		case b.right[i]:
			before = space
		}
		out.WriteString("│ ")
		out.WriteString(strings.Repeat(" ", before))
		out.WriteString(text)
		out.WriteString(strings.Repeat(" ", space-before))
		out.WriteByte(' ')
	}
	out.WriteString("│\n")
}

// textCells gives the cells of a row as single lines.
func (t *Table) textCells(r int) []string {
	cells, start := t.row(r)
	out := make([]string, len(cells))
	for i, c := range cells {
		switch text := string(t.text[start:c.end]); {
		case c.null:
			out[i] = null
		case text == null:
			out[i] = "'" + null + "'"
		default:
			// A long value is cut by the layout anyway; this bounds the work.
			if n := prefix(text, t.limits.TextWidth); n < len(text) || c.cut.size != 0 {
				text = text[:n] + "…"
			}
			out[i] = visible(text)
		}
		start = c.end
	}
	return out
}

// shortType names a type in little room, in lower case as DuckDB's shell does: struct(…) rather than every field.
func shortType(sql string) string {
	if strings.HasPrefix(sql, "ENUM(") && strings.HasSuffix(sql, ")") {
		return "enum"
	}
	if len(sql) > 30 {
		if at := strings.IndexByte(sql, '('); at > 0 {
			end := strings.LastIndexByte(sql, ')')
			return strings.ToLower(sql[:at]) + "(…)" + sql[max(end+1, at+1):]
		}
	}
	if strings.ContainsAny(sql, `"'`) {
		return sql // names inside keep their case
	}
	return strings.ToLower(sql)
}
