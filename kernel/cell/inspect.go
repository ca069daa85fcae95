package cell

import (
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
	"sextant/kernel/wire"
)

// profileTime bounds the look at a column's values.
const profileTime = 800 * time.Millisecond

// card is what inspection shows: a heading, lines of facts, a table, code.
type card struct {
	title, kind string
	text        string
	facts       [][2]string
	head        []string
	rows        [][]string
	code        []string
}

// Inspect answers Shift+Tab; see kernel.Shell.
func (s *Shell) Inspect(ctx context.Context, code string, cursor, detail int) (wire.InspectReply, error) {
	t := s.completer().Target(ctx, code, cursor)
	c, err := s.cardOf(ctx, t, detail)
	if err != nil || c == nil {
		return wire.InspectReply{}, err
	}
	data := wire.MIMEBundle{}
	for mime, text := range map[string]string{"text/plain": c.plain(), "text/html": c.html()} {
		raw, err := wire.Marshal(text)
		if err != nil {
			return wire.InspectReply{}, err
		}
		data[mime] = raw
	}
	return wire.InspectReply{Found: true, Data: data}, nil
}

// cardOf gives nil where there is nothing to say.
func (s *Shell) cardOf(ctx context.Context, t sqltext.Target, detail int) (*card, error) {
	switch t.Kind {
	case sqltext.KindTable, sqltext.KindView:
		return s.tableCard(ctx, t)
	case sqltext.KindFile:
		return s.sourceCard(ctx, t.Name, sqltext.QuoteString(t.Name))
	case sqltext.KindColumn:
		return s.columnCard(ctx, t)
	case sqltext.KindFunction:
		return s.functionCard(ctx, t.Name, detail)
	case sqltext.KindSetting:
		return s.settingCard(ctx, t.Name)
	case sqltext.KindMagic:
		if m, ok := findMagic(t.Name); ok {
			return &card{title: strings.TrimSpace("%" + m.name + " " + m.usage), kind: "magic", text: sentence(m.short) + prefixed("\n\n", m.long)}, nil
		}
	case sqltext.KindParameter:
		s.mu.Lock()
		defer s.mu.Unlock()
		if p, ok := s.params[t.Name]; ok {
			c := &card{title: "$" + t.Name, kind: "parameter", facts: [][2]string{{"value", fmt.Sprint(p.value.V)}}}
			if p.value.Type != "" {
				c.facts = append(c.facts, [2]string{"type", p.value.Type})
			}
			return c, nil
		}
	case sqltext.KindType:
		return &card{title: t.Name, kind: "type"}, nil
	case sqltext.KindKeyword:
		// A word such as "left" or "replace" may be a function just as well.
		if c, err := s.functionCard(ctx, strings.ToLower(t.Name), detail); c != nil || err != nil {
			return c, err
		}
	}
	return nil, nil
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func (s *Shell) tableCard(ctx context.Context, t sqltext.Target) (*card, error) {
	if len(t.Path) == 0 {
		if t.Source != "" {
			return s.sourceCard(ctx, t.Source, t.Source)
		}
		return nil, nil
	}
	cols, err := s.catalog().Columns(ctx, t.Path)
	if err != nil || cols == nil {
		return nil, err
	}
	c := &card{title: strings.Join(t.Path, "."), kind: "table"}
	if d, ok := s.session.(engine.Describer); ok {
		if f, err := d.TableFacts(ctx, t.Path); err == nil {
			if f.Rows >= 0 {
				c.facts = append(c.facts, [2]string{"rows", "about " + grouped(f.Rows)})
			}
			if f.Bytes >= 0 {
				c.facts = append(c.facts, [2]string{"size", byteSize(f.Bytes)})
			}
			if f.Source != "" {
				c.facts = append(c.facts, [2]string{"source", f.Source})
			}
			if strings.HasPrefix(strings.ToUpper(f.SQL), "CREATE VIEW") {
				c.kind = "view"
				c.code = append(c.code, f.SQL)
			}
		}
	}
	c.addColumns(cols)
	return c, nil
}

func (s *Shell) sourceCard(ctx context.Context, title, from string) (*card, error) {
	cols, err := s.catalog().SourceColumns(ctx, from)
	if err != nil || cols == nil {
		return nil, err
	}
	c := &card{title: title, kind: "file"}
	c.addColumns(cols)
	return c, nil
}

func (c *card) addColumns(cols []engine.TableColumn) {
	c.facts = append(c.facts, [2]string{"columns", strconv.Itoa(len(cols))})
	c.head = []string{"column", "type", ""}
	for _, col := range cols {
		var notes []string
		if col.Key != "" {
			notes = append(notes, col.Key)
		}
		if !col.Nullable {
			notes = append(notes, "not null")
		}
		if col.Default != "" {
			notes = append(notes, "default "+col.Default)
		}
		if col.Comment != "" {
			notes = append(notes, col.Comment)
		}
		c.rows = append(c.rows, []string{col.Name, col.Type, strings.Join(notes, ", ")})
	}
}

func (s *Shell) columnCard(ctx context.Context, t sqltext.Target) (*card, error) {
	c := &card{title: t.Name, kind: "column"}
	if t.Type != "" {
		c.facts = append(c.facts, [2]string{"type", t.Type})
	}
	if len(t.Path) == 0 {
		return c, nil
	}
	c.facts = append(c.facts, [2]string{"table", strings.Join(t.Path, ".")})
	d, ok := s.session.(engine.Describer)
	if !ok {
		return c, nil
	}
	ctx, cancel := context.WithTimeout(ctx, profileTime)
	defer cancel()
	p, err := d.ColumnProfile(ctx, t.Path, t.Name)
	if err != nil || p.Sampled == 0 {
		return c, nil //nolint:nilerr // the rest is known all the same
	}
	if p.NullShare >= 0 {
		c.facts = append(c.facts, [2]string{"null", fmt.Sprintf("%.3g %%", 100*p.NullShare)})
	}
	if p.Min != "" || p.Max != "" {
		c.facts = append(c.facts, [2]string{"min", shorten(p.Min)}, [2]string{"max", shorten(p.Max)})
	}
	if p.DistinctEstimate >= 0 {
		c.facts = append(c.facts, [2]string{"distinct", "about " + grouped(p.DistinctEstimate)})
	}
	if p.Exact {
		c.facts = append(c.facts, [2]string{"read", "all " + grouped(p.Sampled) + " rows"})
	} else {
		c.facts = append(c.facts, [2]string{"read", "the first " + grouped(p.Sampled) + " rows"})
	}
	return c, nil
}

func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (s *Shell) functionCard(ctx context.Context, name string, detail int) (*card, error) {
	all, err := s.catalog().Functions(ctx)
	if err != nil {
		return nil, err
	}
	c := &card{title: name, kind: "function"}
	seen := map[string]bool{}
	for _, f := range all {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		c.title, c.kind = f.Name, f.Kind+" function"
		if strings.Contains(f.Kind, "macro") {
			c.kind = f.Kind
		}
		if c.text == "" {
			c.text = f.Description
		}
		if sig := sqltext.Signature(f); !seen[sig] {
			seen[sig] = true
			c.code = append(c.code, sig)
		}
		for _, e := range f.Examples {
			if !seen[e] {
				seen[e] = true
				c.facts = append(c.facts, [2]string{"example", e})
			}
		}
	}
	if len(c.code) == 0 {
		return nil, nil
	}
	const most = 8
	if n := len(c.code); n > most && detail == 0 {
		c.code = append(c.code[:most:most], fmt.Sprintf("… and %d more", n-most))
	}
	return c, nil
}

func (s *Shell) settingCard(ctx context.Context, name string) (*card, error) {
	all, err := s.catalog().Settings(ctx)
	if err != nil {
		return nil, err
	}
	for _, set := range all {
		if strings.EqualFold(set.Name, name) {
			return &card{title: set.Name, kind: "setting", text: set.Description, facts: [][2]string{{"value", set.Value}, {"type", set.Type}}}, nil
		}
	}
	return nil, nil
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (c *card) plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s)\n", c.title, c.kind)
	for _, line := range c.code {
		b.WriteString("  " + line + "\n")
	}
	if c.text != "" {
		b.WriteString(c.text + "\n")
	}
	for _, f := range c.facts {
		fmt.Fprintf(&b, "%-9s %s\n", f[0]+":", f[1])
	}
	width := 0
	for _, r := range c.rows {
		width = max(width, len([]rune(r[0])))
	}
	for _, r := range c.rows {
		fmt.Fprintf(&b, "  %-*s  %s", width, r[0], r[1])
		if r[2] != "" {
			b.WriteString("  " + r[2])
		}
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n")
}

func (c *card) html() string {
	var b strings.Builder
	e := html.EscapeString
	fmt.Fprintf(&b, "<div><p><strong>%s</strong> <small>%s</small></p>", e(c.title), e(c.kind))
	if len(c.code) > 0 {
		b.WriteString("<pre>" + e(strings.Join(c.code, "\n")) + "</pre>")
	}
	for _, p := range strings.Split(c.text, "\n\n") {
		if p != "" {
			b.WriteString("<p>" + e(p) + "</p>")
		}
	}
	if len(c.facts) > 0 {
		b.WriteString("<table><tbody>")
		for _, f := range c.facts {
			fmt.Fprintf(&b, "<tr><th>%s</th><td>%s</td></tr>", e(f[0]), e(f[1]))
		}
		b.WriteString("</tbody></table>")
	}
	if len(c.rows) > 0 {
		b.WriteString("<table><thead><tr>")
		for _, h := range c.head {
			b.WriteString("<th>" + e(h) + "</th>")
		}
		b.WriteString("</tr></thead><tbody>")
		for _, r := range c.rows {
			b.WriteString("<tr>")
			for _, v := range r {
				b.WriteString("<td>" + e(v) + "</td>")
			}
			b.WriteString("</tr>")
		}
		b.WriteString("</tbody></table>")
	}
	b.WriteString("</div>")
	return b.String()
}
