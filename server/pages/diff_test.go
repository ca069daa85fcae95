package pages

import (
	"strconv"
	"strings"
	"testing"

	"sextant/content/notebook"
)

// TestLines writes what is shown of changes: kind, both numbers, text.
func TestLines(t *testing.T) {
	long := strings.Split("a b c d e f g h i j k l m n o p", " ")
	text := strings.Join(long, "\n")
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":   {"a\nb", "a\nb", ""},
		"one":       {"a", "b", "-1.0 a|+0.1 b"},
		"begin":     {text, "x\n" + text, "+0.1 x| 1.2 a| 2.3 b| 3.4 c|…"},
		"end":       {text, text + "\nx", "…| 14.14 n| 15.15 o| 16.16 p|+0.17 x"},
		"gone":      {text, strings.Replace(text, "h\n", "", 1), "…| 5.5 e| 6.6 f| 7.7 g|-8.0 h| 9.8 i| 10.9 j| 11.10 k|…"},
		"close by":  {"a\nb\nc\nd\ne", "A\nb\nc\nd\nE", "-1.0 a|+0.1 A| 2.2 b| 3.3 c| 4.4 d|-5.0 e|+0.5 E"},
		"far apart": {text, "A" + text[1:len(text)-1] + "P", "-1.0 a|+0.1 A| 2.2 b| 3.3 c| 4.4 d|…| 13.13 m| 14.14 n| 15.15 o|-16.0 p|+0.16 P"},
	} {
		var got []string
		for _, l := range lines(c.old, notebook.DiffText(c.old, c.new)) {
			if l.Kind == "…" {
				got = append(got, "…")
				continue
			}
			got = append(got, l.Kind+strconv.Itoa(l.Old)+"."+strconv.Itoa(l.New)+" "+l.Text)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}
