package render

import (
	"fmt"
	"maps"
	"slices"

	"sextant/content/notebook"
)

const (
	maxTreeDepth = 60
	maxTreeText  = 2_000 // bytes of one string
)

// jsonTree writes a JSON value as a tree that opens and closes without script.
func (j *job) jsonTree(v notebook.Value) {
	j.str(`<div class="sx-json">`)
	left := j.limits.Nodes
	j.jsonValue("", v, 0, &left)
	j.str("</div>\n")
	if left <= 0 {
		j.cut("Showing the first %s values of the JSON.", grouped(j.limits.Nodes))
	}
}

func (j *job) jsonValue(name string, v notebook.Value, depth int, left *int) {
	if *left--; *left <= 0 || v == "" {
		return
	}
	label := func() {
		if name != "" {
			j.str(`<span class="sx-f">`)
			j.text(clip(name, 200))
			j.str(`</span>: `)
		}
	}
	open := func(kind string, n int) bool {
		if n == 0 || depth >= maxTreeDepth {
			j.str("<div>")
			label()
			j.str(kind)
			if n > 0 {
				j.str(" … " + kind[1:])
			}
			j.str("</div>")
			return false
		}
		j.str("<details")
		if depth == 0 || depth == 1 && n <= 20 {
			j.str(" open")
		}
		j.str("><summary>")
		label()
		j.str(fmt.Sprintf(`%s <span class="sx-quiet">%s</span></summary><div>`, kind, grouped(n)))
		return true
	}
	switch v[0] {
	case '{':
		o := v.Object()
		if open("{}", len(o)) {
			for _, k := range slices.Sorted(maps.Keys(o)) {
				if *left <= 0 {
					break
				}
				if k == "" {
					j.jsonValue(`""`, o[k], depth+1, left)
					continue
				}
				j.jsonValue(k, o[k], depth+1, left)
			}
			j.str("</div></details>")
		}
	case '[':
		items := v.Array()
		if open("[]", len(items)) {
			for i, item := range items {
				if *left <= 0 {
					break
				}
				j.jsonValue(fmt.Sprint(i), item, depth+1, left)
			}
			j.str("</div></details>")
		}
	default:
		class := "sx-n"
		text := string(v)
		if v[0] == '"' {
			s, _ := v.Text()
			class, text = "sx-s", `"`+clip(s, maxTreeText)+`"`
			if len(s) > maxTreeText {
				text = fmt.Sprintf(`"%s…" (%s)`, clip(s, maxTreeText), size(int64(len(s))))
			}
		} else if c := v[0]; c == 't' || c == 'f' || c == 'n' {
			class = "sx-t"
		}
		j.str("<div>")
		label()
		token(j.w, class, text)
		j.str("</div>")
	}
}
