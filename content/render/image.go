package render

import (
	"fmt"
	"net/url"
	"strings"

	"sextant/content/notebook"
)

// pictureData is a picture of a MIME bundle as an address: base64, or text for SVG. "" if it is none, or too long.
func (j *job) pictureData(kind, data string) string {
	if len(data) > j.limits.Image || data == "" {
		return ""
	}
	if kind == "image/svg+xml" {
		// Some tools store SVG as base64, too.
		if b := base64Text(data); b != "" && !strings.Contains(data, "<") {
			return "data:image/svg+xml;base64," + b
		}
		return dataAddress(kind, data)
	}
	if !pictureTypes[kind] {
		return ""
	}
	if data = base64Text(data); data == "" {
		return ""
	}
	return "data:" + kind + ";base64," + data
}

// pictures in the order in which one is preferred.
var pictures = []string{"image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp"}

// pictureOutput writes the picture of a bundle; false if it has none that can be shown.
func (j *job) pictureOutput(kind string, data, metadata notebook.Object, alt string) bool {
	text, ok := data[kind].Text()
	if !ok || text == "" {
		return false
	}
	if len(text) > j.limits.Image {
		j.cut("A picture of %s is not shown; at most %s are.", size(int64(len(text))), size(int64(j.limits.Image)))
		return true
	}
	address := j.pictureData(kind, text)
	if address == "" {
		return false
	}
	j.str(`<img class="sx-picture" loading="lazy" src="`)
	j.str(address) // base64 needs no escapes
	j.str(`" alt="`)
	j.text(alt)
	j.str(`"`)
	about := metadata[kind].Object()
	if about == nil {
		about = metadata
	}
	for _, name := range []string{"width", "height"} {
		if n := pixels(about[name]); n > 0 {
			j.str(fmt.Sprintf(` %s="%d"`, name, n))
		}
	}
	j.str(">\n")
	return true
}

// pixels is a width or height of metadata; 0 if it is none.
func pixels(v notebook.Value) int {
	var n float64
	if text, ok := v.Text(); ok {
		v = notebook.Value(strings.TrimSuffix(text, "px"))
	}
	if _, err := fmt.Sscanf(string(v), "%g", &n); err != nil || n < 1 || n > 20_000 {
		return 0
	}
	return int(n)
}

// unescapePath resolves percent escapes where there are any.
func unescapePath(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
