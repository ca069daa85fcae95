package render

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// vectors are the attacks: those of testdata/xss.txt, and those that follow a pattern.
func vectors(t testing.TB) []string {
	text, err := os.ReadFile("testdata/xss.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") && !strings.ContainsAny(line, "<[") {
			continue
		}
		out = append(out, strings.NewReplacer(`\\\\`, `\`, `\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\b`, "\b", `\0`, "\x00", `\x1b`, "\x1b", `\x07`, "\x07", `\x01`, "\x01",
			`\x9b`, "\u009b", `\x30`, "0", `\ue0f0`, string(markOpen), `\ue0f1`, string(markClose), `\xef\xbc\x9c`, "＜", `\xef\xbc\x9e`, "＞").Replace(line))
	}
	events := strings.Fields(`abort activate afterprint animationend animationstart animationiteration auxclick beforecopy beforeinput beforematch beforeprint
		beforetoggle beforeunload begin blur bounce cancel canplay change click close command contextmenu copy cuechange cut dblclick drag
		drop end ended error finish focus focusin focusout formdata fullscreenchange gotpointercapture hashchange input invalid keydown keypress keyup
		load loadeddata loadstart message mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel pagehide pageshow paste
		play playing pointerdown pointerenter pointermove pointerover pointerrawupdate popstate progress repeat reset resize scroll scrollend
		scrollsnapchange search securitypolicyviolation seeked select selectionchange selectstart show slotchange start storage submit suspend
		timeupdate toggle touchend touchmove touchstart transitioncancel transitionend transitionrun unhandledrejection unload volumechange
		webkitanimationend webkitmouseforcechanged webkittransitionend wheel`)
	for i, e := range events {
		tag := []string{"div", "img src=x", "td", "a href=x", "p", "span", "table", "details open", "b", "li"}[i%10]
		out = append(out,
			fmt.Sprintf("<%s on%s=alert(1)>x", tag, e),
			fmt.Sprintf("<%s\ton%s\n=\n'alert(1)' >x</div>", tag, strings.ToUpper(e)),
			fmt.Sprintf("<%s/on%s=alert(1)//>x", strings.Fields(tag)[0], e))
	}
	schemes := []string{"javascript:alert(1)", "vbscript:x", "data:text/html,<script>alert(1)</script>"}
	spellings := []func(string) string{
		func(s string) string { return s },
		strings.ToUpper,
		func(s string) string { return " " + s },
		func(s string) string { return "\x01\x02" + s },
		func(s string) string { return s[:2] + "\n" + s[2:] },
		func(s string) string { return s[:3] + "\t" + s[3:] },
		func(s string) string { return s[:4] + "\r" + s[4:] },
		func(s string) string { return strings.Replace(s, ":", "&colon;", 1) },
		func(s string) string { return strings.Replace(s, ":", "&#58;", 1) },
		func(s string) string { return fmt.Sprintf("&#%d;", s[0]) + s[1:] },
		func(s string) string { return fmt.Sprintf("&#x%06x", s[0]) + s[1:] },
		func(s string) string { return "\u00a0" + s },
		func(s string) string { return "\u200b" + s },
		func(s string) string { return s[:1] + "\x00" + s[1:] },
	}
	holders := []string{`<a href="%s">x</a>`, `<img src="%s">`, `<q cite="%s">x</q>`, `<blockquote cite="%s">x</blockquote>`, `<form action="%s"><input type=submit>`,
		`<td background="%s">`, `<iframe src="%s"></iframe>`, `<svg><a xlink:href="%s"><text>x</text></a></svg>`, "[x](<%s>)", "![x](<%s>)"}
	for _, s := range schemes {
		for _, spell := range spellings {
			for _, h := range holders {
				out = append(out, fmt.Sprintf(h, spell(s)))
			}
		}
	}
	return out
}

// everywhere is a notebook with an attack in each place that could hold one.
func everywhere(v string) []Document {
	svg := base64.StdEncoding.EncodeToString([]byte(v))
	nb := cells(
		md(v), md("text "+v+" text"), md("<b>raw</b>\n\n"+v), md("| a |\n|---|\n| "+strings.ReplaceAll(v, "\n", " ")+" |"), md("```"+v+"\nx\n```"), md("$"+v+"$"), md("$$\n"+v+"\n$$"), md("# "+v), md("<div>\n\n"+v+"\n\n</div>"), md(`<i title="`+v+`">x</i>`),
		map[string]any{"cell_type": "markdown", "source": "![a](attachment:a.png) ![b](attachment:b.svg) ![" + v + "](attachment:a.png)", "attachments": map[string]any{"a.png": map[string]any{"image/png": v}, "b.svg": map[string]any{"image/svg+xml": v}}},
		map[string]any{"cell_type": "raw", "source": v, "metadata": map[string]any{"format": "text/html"}},
		map[string]any{"cell_type": "raw", "source": v},
		map[string]any{"cell_type": "code", "source": v, "id": v, "metadata": map[string]any{"tags": []string{v, "parameters"}, "execution": map[string]any{"iopub.execute_input": v, "shell.execute_reply": v}, "vscode": map[string]any{"languageId": v}}, "outputs": []any{stream(v)}},
		code("%%html\n"+v, shown(map[string]any{"text/html": v})),
		code("x", shown(map[string]any{"text/html": `<div class="sxr"><style>.sxr{}` + v + "</style>" + v}), shown(map[string]any{"text/html": "<style>#a{color:red}" + v + "</style><p id=a>x</p>"}), shown(map[string]any{"text/html": "<table><tr><td>" + v + "</td></tr></table>"}), shown(map[string]any{"text/html": "<p title='" + v + "'>x</p>"}), shown(map[string]any{"text/html": `<p style="` + v + `" class="` + v + `" id="` + v + `">x</p>`})),
		code("x", shown(map[string]any{"text/markdown": v}), shown(map[string]any{"text/latex": v}), shown(map[string]any{"text/plain": v}), shown(map[string]any{"text/x-foo": v}), shown(map[string]any{v: v}), shown(map[string]any{"application/javascript": v, "text/plain": v})),
		code("x", shown(map[string]any{"image/svg+xml": v}), shown(map[string]any{"image/svg+xml": svg}), shown(map[string]any{"image/png": v}), shown(map[string]any{"image/" + v: svg}), shown(map[string]any{"application/json": map[string]any{v: v}}), shown(map[string]any{"application/" + v + "+json": v}), shown(map[string]any{"application/geo+json": v})),
		code("x", map[string]any{"output_type": "error", "ename": v, "evalue": v, "traceback": []string{v, v}},
			map[string]any{"output_type": "display_data", "data": map[string]any{"image/png": "AAAA"}, "metadata": map[string]any{"image/png": map[string]any{"width": v, "height": v}, "alt": v}},
			map[string]any{"output_type": "stream", "name": v, "text": v}),
		code("x", shown(map[string]any{"application/vnd.plotly.v1+json": map[string]any{"data": []any{map[string]any{"type": v}}, "layout": map[string]any{"title": v}}}), shown(map[string]any{mimeWidget: map[string]any{"model_id": "m"}, "text/plain": v})),
	)
	return []Document{nb,
		{Name: "a.md", Content: []byte(v)}, {Name: "a.sql", Content: []byte("-- ---\n-- engine: " + strings.ReplaceAll(v, "\n", " ") + "\n-- parameters:\n--   p: " + strings.ReplaceAll(v, "\n", " ") + "\n-- ---\n" + v)},
		{Name: "a.csv", Content: []byte("a,b\n" + v + "," + v + "\n")}, {Name: "a.json", Content: []byte(v)}, {Name: "a.html", Content: []byte(v)}, {Name: v + ".txt", Content: []byte(v)}, {Name: "a.svg", Content: []byte(v)}, {Name: "a.yaml", Content: []byte(v)},
	}
}

// xssPages is for the test that has a browser open the pages (scripts/jupytertest/test_render.py).
var xssPages = flag.String("xss-pages", "", "a folder into which to write a page of each attack")

func TestNothingActs(t *testing.T) {
	all := vectors(t)
	if len(all) < 500 {
		t.Fatalf("only %d attacks", len(all))
	}
	t.Logf("%d attacks", len(all))
	for i, v := range all {
		if *xssPages != "" {
			var b bytes.Buffer
			if _, err := shared.Page(t.Context(), &b, everywhere(v)[0], PageOptions{Options: Options{NoCharts: true}}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(fmt.Sprintf("%s/%04d.html", *xssPages, i), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if raceDetector && i%8 != 0 {
			continue // it looks for races, and takes ten times as long for it
		}
		for _, d := range everywhere(v) {
			html, _ := fragment(t, d, Options{NoCharts: true})
			if strings.HasSuffix(d.Name, ".txt") { // the name is in a page's title
				html, _ = page(t, d, Options{NoCharts: true})
			} else {
				checkNested(t, html)
			}
			checkSafe(t, html)
			if t.Failed() {
				t.Fatalf("attack %d, %q, in %s", i, v, d.Name)
			}
		}
	}
}

// TestWidgetsAndChartsAreSafe puts attacks where widgets and charts hold text.
func TestWidgetsAndChartsAreSafe(t *testing.T) {
	for _, v := range vectors(t)[:12] {
		nb := read(t, cells(code("x", shown(map[string]any{mimeWidget: map[string]any{"model_id": "m"}}))))
		state := fmt.Sprintf(`{"application/vnd.jupyter.widget-state+json":{"state":{"m":{"model_name":"VBoxModel","state":{"children":["IPY_MODEL_h","IPY_MODEL_s","IPY_MODEL_m"]}},
			"h":{"model_name":"HTMLModel","state":{"value":%[1]s,"description":%[1]s}},"s":{"model_name":%[1]s,"state":{"value":%[1]s}}}}}`, quoted(v))
		nb.Metadata["widgets"] = parse(t, state)
		html := notebookHTML(t, nb)
		checkSafe(t, html)
		chart := fmt.Sprintf(`{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","title":%[1]s,"description":%[1]s,"data":{"values":[{"a":%[1]s,"b":2}]},"mark":{"type":"bar","href":%[1]s,"tooltip":true},"encoding":{"x":{"field":"a"},"y":{"field":"b","type":"quantitative"},"href":{"field":"a"}}}`, quoted(v))
		html, _ = page(t, Document{Name: "c.vl", Content: []byte(chart)}, Options{})
		checkSafe(t, html)
		if t.Failed() {
			t.Fatalf("attack %q", v)
		}
	}
}

func TestTheCheckCanFail(t *testing.T) {
	for _, bad := range []string{"<script>x</script>", "<p onclick=x>", "<a href='javascript:x'>", "<img src=//x>", "<svg></svg>", "<style>a{background:url(x)}</style>", "<p style='x'>", "<form>", "<p id=x>", "<!-- x -->"} {
		probe := &recorder{TB: t}
		checkSafe(probe, bad)
		if !probe.failed {
			t.Errorf("%s passes", bad)
		}
	}
}

// recorder notes a failure instead of failing.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Helper()               {}
