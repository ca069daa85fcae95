package jupyter

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
)

// templatePart is a stretch of the page: text, or the expression to put in its place.
type templatePart struct {
	text       string
	expression string
}

// expressions are all that JupyterLab's page asks for.
const (
	fullConfig = "page_config_full|tojson"
	baseURL    = "base_url|escape"
	staticURL  = "page_config.fullStaticUrl"
)

// parseTemplate reads the page of JupyterLab, which is a template of Jinja's with a handful of constructs
// (jupyterlab/staging/templates/template.html). One that it does not know is an error: better than half a page.
func parseTemplate(text string) ([]templatePart, error) {
	var out []templatePart
	skipping := false
	add := func(p templatePart) {
		if !skipping {
			out = append(out, p)
		}
	}
	for text != "" {
		at := strings.Index(text, "{")
		for at >= 0 && at+1 < len(text) && !strings.ContainsRune("{%#", rune(text[at+1])) {
			next := strings.Index(text[at+1:], "{")
			if next < 0 {
				at = -1
				break
			}
			at += 1 + next
		}
		if at < 0 || at+1 >= len(text) {
			add(templatePart{text: text})
			break
		}
		add(templatePart{text: text[:at]})
		kind := text[at+1]
		end := map[byte]string{'{': "}}", '%': "%}", '#': "#}"}[kind]
		inside, rest, closed := strings.Cut(text[at+2:], end)
		if !closed {
			return nil, fmt.Errorf("the page has a construct without %s", end)
		}
		text = rest
		inside = strings.Trim(inside, "- \n\t")
		word, _, _ := strings.Cut(inside, " ")
		switch {
		case kind == '#', kind == '%' && (word == "set" || word == "block" || word == "endblock"):
		case kind == '%' && inside == "if custom_css":
			skipping = true
		case kind == '%' && word == "endif":
			skipping = false
		case kind == '{':
			expression := strings.ReplaceAll(inside, " ", "")
			if expression != fullConfig && expression != baseURL && expression != staticURL {
				return nil, fmt.Errorf("the page asks for %.60q, which is not known", inside)
			}
			add(templatePart{expression: expression})
		default:
			return nil, fmt.Errorf("the page has %.60q, which is not known", inside)
		}
	}
	return out, nil
}

// fill writes the page for a configuration.
func fill(parts []templatePart, base, static string, config map[string]any) ([]byte, error) {
	// json.Marshal escapes <, > and &, so the text cannot end the element that it stands in.
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, p := range parts {
		switch p.expression {
		case "":
			b.WriteString(p.text)
		case fullConfig:
			b.WriteString(strings.ReplaceAll(string(text), "'", `\u0027`))
		case baseURL:
			b.WriteString(html.EscapeString(base))
		case staticURL:
			b.WriteString(html.EscapeString(static))
		}
	}
	return []byte(b.String()), nil
}
