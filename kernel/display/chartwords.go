package display

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// summary says in words what the chart shows, for those who do not see it and for text alone: what is drawn, how
// many, the highest and the lowest, and for a line where it begins and ends.
func (c *Chart) summary(rows []map[string]any) string {
	s := c.spec
	name := strings.ToUpper(s.Kind[:1]) + s.Kind[1:]
	if s.Kind != "histogram" && s.Kind != "heatmap" {
		name += " chart"
	}
	about := s.valueTitle() + " by " + s.X
	value := "y"
	switch s.Kind {
	case "histogram":
		about = s.X
	case "heatmap":
		about, value = s.valueTitle()+" by "+s.X+" and "+s.Y, "color"
	case "point":
		about = s.Y + " against " + s.X
	}
	if s.Kind != "heatmap" && s.Color != "" {
		about += ", by " + s.Color
	}
	if s.Facet != "" {
		about += ", in parts by " + s.Facet
	}
	parts := []string{visible(name+" of "+about) + ", " + counted(int64(len(rows)), c.item())}
	if extremes := c.extremes(rows, value); extremes != "" {
		parts = append(parts, extremes)
	}
	if note := c.note(); note != "" {
		parts = append(parts, note)
	}
	return strings.Join(parts, "; ") + "."
}

func (c *Chart) item() string {
	switch c.spec.Kind {
	case "bar":
		return "bar"
	case "pie":
		return "slice"
	case "histogram":
		return "bin"
	case "heatmap":
		return "cell"
	}
	return "point"
}

func (c *Chart) extremes(rows []map[string]any, value string) string {
	var low, high, first, last map[string]any
	for _, row := range rows {
		v, ok := row[value].(float64)
		if !ok {
			continue
		}
		if low == nil || v < low[value].(float64) {
			low = row
		}
		if high == nil || v > high[value].(float64) {
			high = row
		}
		if first == nil || c.before(row, first) {
			first = row
		}
		if last == nil || !c.before(row, last) {
			last = row
		}
	}
	if low == nil {
		return ""
	}
	tell := func(row map[string]any) string { return c.place(row) + " (" + number(row[value].(float64)) + ")" }
	text := ""
	if (c.spec.Kind == "line" || c.spec.Kind == "area") && c.spec.Color == "" && c.spec.Facet == "" {
		text = "from " + tell(first) + " to " + tell(last) + "; "
	}
	return text + "highest " + tell(high) + ", lowest " + tell(low)
}

// before compares two points along x, where x has an order of its own.
func (c *Chart) before(a, b map[string]any) bool {
	switch x := a["x"].(type) {
	case float64:
		y, ok := b["x"].(float64)
		return ok && x < y
	case string:
		y, ok := b["x"].(string)
		return ok && x < y && c.channel("x").typ == "temporal"
	}
	return false
}

// place names where a point is: its x, and what else tells it apart.
func (c *Chart) place(row map[string]any) string {
	var parts []string
	for _, field := range []string{"x", "y", "color", "facet"} {
		v, ok := row[field]
		if !ok || field == "y" && c.spec.Kind != "heatmap" || field == "color" && c.spec.Kind == "heatmap" {
			continue
		}
		text := label(v)
		if end, ok := row["x2"]; ok && field == "x" {
			text += " to " + label(end)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func label(v any) string {
	switch v := v.(type) {
	case nil:
		return null
	case float64:
		return number(v)
	case string:
		return fitTo(strings.TrimSuffix(v, "T00:00:00"), 40)
	}
	return fmt.Sprint(v)
}

func number(v float64) string {
	if abs := math.Abs(v); abs < 1e15 && (v == math.Trunc(v) || abs >= 10_000) {
		return grouped(int64(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// note says what is not drawn.
func (c *Chart) note() string {
	switch {
	case c.more && !c.queried && (c.spec.Aggregate != "" || c.spec.Kind == "histogram"):
		return "only of the first " + grouped(int64(c.limit)) + " rows, there are more"
	case c.more:
		return "only the first " + grouped(int64(c.limit)) + " are drawn, there are more"
	case c.queried && c.spec.Kind == "point" && c.spec.Aggregate == "" && len(c.rows) >= c.limit:
		return "a random sample of " + grouped(int64(c.limit)) + " rows"
	}
	return ""
}
