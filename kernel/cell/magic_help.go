package cell

import (
	"context"
	"fmt"
	"strings"

	"sextant/kernel/display"
)

func (r *run) helpMagic(ctx context.Context, c call) error {
	words := c.words()
	if len(words) == 0 {
		return r.screen.display(overview())
	}
	b, ok, err := r.about(ctx, strings.TrimPrefix(words[0].Value, "%"), true)
	if err != nil {
		return err
	}
	if !ok {
		return r.fail(words[0].Start, "NotFound", "there is no magic, table, function or setting "+words[0].Value, "")
	}
	return r.screen.display(b)
}

// help answers name? lines in the pager.
func (r *run) help(ctx context.Context, target string, detail bool) error {
	b, ok, err := r.about(ctx, strings.TrimPrefix(target, "%"), detail)
	if err != nil {
		return err
	}
	if !ok {
		return r.fail(r.parts[r.at].Start, "NotFound", "there is no magic, table, function or setting "+target, "%help lists the magics")
	}
	return r.screen.page(b)
}

// about describes a magic, or whatever inspection finds under the name.
func (r *run) about(ctx context.Context, name string, detail bool) (display.Bundle, bool, error) {
	if m, ok := findMagic(name); ok {
		return aboutMagic(m), true, nil
	}
	level := 0
	if detail {
		level = 1
	}
	rep, err := r.Inspect(ctx, name, len([]rune(name)), level)
	if err != nil || !rep.Found {
		return display.Bundle{}, false, err
	}
	b := display.Bundle{Data: map[string]any{}, Metadata: map[string]any{}}
	for mime, raw := range rep.Data {
		b.Data[mime] = raw
	}
	return b, true, nil
}

func aboutMagic(m magic) display.Bundle {
	usage := strings.TrimSpace("%" + m.name + " " + m.usage)
	text := usage + "\n" + sentence(m.short)
	md := "`" + usage + "`\n\n" + sentence(m.short)
	if m.long != "" {
		text += "\n\n" + m.long
		md += "\n\n" + m.long
	}
	return display.Bundle{Data: map[string]any{"text/plain": text, "text/markdown": md}, Metadata: map[string]any{}}
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func overview() display.Bundle {
	var text, md strings.Builder
	text.WriteString("Write SQL; several statements are separated by semicolons. Tab completes, Shift+Tab explains.\n\n")
	md.WriteString("Write SQL; several statements are separated by semicolons. **Tab** completes, **Shift+Tab** explains, `name?` tells more.\n\n| Magic | |\n|---|---|\n")
	for _, m := range magics() {
		usage := strings.TrimSpace("%" + m.name + " " + m.usage)
		fmt.Fprintf(&text, "%s\n    %s\n", usage, sentence(m.short))
		fmt.Fprintf(&md, "| `%s` | %s |\n", strings.ReplaceAll(usage, "|", `\|`), sentence(m.short))
	}
	return display.Bundle{Data: map[string]any{"text/plain": strings.TrimRight(text.String(), "\n"), "text/markdown": md.String()}, Metadata: map[string]any{}}
}
