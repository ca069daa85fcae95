package display

import (
	"fmt"
	"math"
	"strings"

	"sextant/kernel/engine"
)

// Progress gives the bundle of a statement that still runs, meant to be sent again and again under one display_id.
// A percentage that is not known gives a bar that says so. The text is one line.
func Progress(p engine.Progress) Bundle {
	percent, known := p.Percent, p.Percent >= 0 && !math.IsNaN(p.Percent)
	percent = math.Min(percent, 100)
	var parts []string
	if known {
		parts = append(parts, fmt.Sprintf("%.0f %%", math.Floor(percent)))
	}
	switch {
	case p.Total > 0 && p.Rows <= p.Total:
		parts = append(parts, grouped(int64(p.Rows))+" of "+counted(int64(p.Total), "row"))
	case p.Rows > 0:
		parts = append(parts, counted(int64(p.Rows), "row"))
	}
	if p.Elapsed > 0 {
		parts = append(parts, shortDuration(p.Elapsed))
	}
	words := joinPhrases(parts...)

	bar, element := "Running", `<progress max="100"></progress>`
	if known {
		const width = 30
		done := int(percent / 100 * width)
		bar = strings.Repeat("█", done) + strings.Repeat("░", width-done)
		element = fmt.Sprintf(`<progress max="100" value="%.0f"></progress>`, math.Floor(percent))
	}
	text := bar
	if words != "" {
		text += "  " + words
	}
	html := `<div><label>Running ` + element + "</label> <small>" + escapeText(words) + "</small></div>"
	meta := map[string]any{"running": true}
	if known {
		meta["percent"] = percent
	}
	return Bundle{
		Data:     map[string]any{MIMEText: text, MIMEHTML: html},
		Metadata: map[string]any{"sextant": meta},
	}
}
