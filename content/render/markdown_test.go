package render

import (
	"strings"
	"testing"
)

// inside is what a piece of Markdown becomes, without what stands around it in every page.
func inside(t *testing.T, source string, o Options) string {
	t.Helper()
	html, _ := fragment(t, Document{Name: "a.md", Content: []byte(source)}, o)
	_, html, _ = strings.Cut(html, `<div class="sx-md">`)
	html, _, _ = strings.Cut(html, "</div>\n</section>")
	return strings.TrimSpace(html)
}

func TestFormulasAreFound(t *testing.T) {
	for source, want := range map[string][]string{
		"$x$ and $y_1$":         {"x", "y_1"},
		"costs $5 and $6":       nil,
		"$5, $6 and $x^2$":      {"x^2"},
		"a $ b $ c":             nil,
		`\$x\$`:                 nil,
		`$a \$ b$`:              {`a \$ b`},
		"`$x$`":                 nil,
		"$$x$$ inline $$y$$":    {"x", "y"},
		"$$\nx\n\n= y\n$$":      {"x\n\n= y"},
		"text\n$$\nx\n$$\nmore": {"x"},
		`\(x\) and \[y\]`:       {"x", "y"},
		`\\(x\\) and \\[y\\]`:   {"x", "y"},
		"\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}": {"\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"},
		`a \begin{equation}x\end{equation} b`:               {`\begin{equation}x\end{equation}`},
		`\begin{document}x\end{document}`:                   nil,
		"$$ never closed":                                   nil,
		"$x\n\ny$":                                          nil,
		"*a $x*y*z$ b*":                                     {"x*y*z"},
		"$<b>$":                                             {"<b>"},
		"<b>$x$</b>":                                        {"x"},
		"| $a$ |\n|---|\n| $b$ |":                           {"a", "b"},
	} {
		html := inside(t, source, Options{})
		var got []string
		for part := range strings.SplitSeq(html, `<annotation encoding="application/x-tex">`) {
			if tex, _, ok := strings.Cut(part, "</annotation>"); ok {
				got = append(got, tex)
			}
		}
		var escapedWant []string
		for _, w := range want {
			escapedWant = append(escapedWant, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(w, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"))
		}
		if strings.Join(got, "|") != strings.Join(escapedWant, "|") {
			t.Errorf("%q: got %q, want %q in %s", source, got, escapedWant, html)
		}
	}
}

func TestAFormulaThatIsNone(t *testing.T) {
	html := inside(t, `$\frac{1$`, Options{})
	if !strings.Contains(html, `<code class="sx-tex" title=`) || !strings.Contains(html, `\frac{1</code>`) {
		t.Error(html)
	}
}

func TestLinks(t *testing.T) {
	mapped := func(ref string, picture bool) string {
		switch {
		case ref == "bad.md":
			return "javascript:alert(1)"
		case ref == "gone.md":
			return ""
		case picture:
			return "/files/" + ref
		case ref == "http://old.org/r/1":
			return "/r/1"
		case strings.HasPrefix(ref, "https:"):
			return ref
		}
		return "/n/" + ref
	}
	for _, c := range []struct{ source, want, mapped string }{
		{"[x](a.md)", `<a href="a.md" rel="noopener noreferrer nofollow">x</a>`, `<a href="/n/a.md" rel="noopener noreferrer nofollow">x</a>`},
		{"[x](https://e.org/?a=1&b=2)", `<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>`, ""},
		{"[x](http://old.org/r/1)", `<a href="http://old.org/r/1" rel="noopener noreferrer nofollow">x</a>`, `<a href="/r/1" rel="noopener noreferrer nofollow">x</a>`},
		{"[x](#Some-Heading)", `<a href="#u-some-heading">x</a>`, ""},
		{"[x](bad.md)", `<a href="bad.md" rel="noopener noreferrer nofollow">x</a>`, `<a>x</a>`},
		{"[x](gone.md)", `<a href="gone.md" rel="noopener noreferrer nofollow">x</a>`, `<a>x</a>`},
		{"![x](a.png)", `<a class="sx-missing" rel="noopener noreferrer nofollow" title="This picture is not in the document; the link leads to it." href="a.png">x</a>`, `<img src="/files/a.png" alt="x" loading="lazy">`},
		{"<b>[x](a.md)</b>", `<b><a rel="noopener noreferrer nofollow" href="a.md">x</a></b>`, `<b><a rel="noopener noreferrer nofollow" href="/n/a.md">x</a></b>`},
		{`<img src="a.png" width=10>`, `<a class="sx-missing" rel="noopener noreferrer nofollow" title="This picture is not in the document; the link leads to it." href="a.png">Image</a>`, `<img src="/files/a.png" alt="" loading="lazy" width="10">`},
	} {
		for _, o := range []struct {
			Options
			want string
		}{{Options{}, c.want}, {Options{Link: mapped}, c.mapped}} {
			if o.want == "" {
				o.want = c.want
			}
			got := inside(t, c.source, o.Options)
			got = strings.TrimSuffix(strings.TrimPrefix(got, "<p>"), "</p>")
			if strings.TrimSpace(got) != o.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.source, got, o.want)
			}
		}
	}
}

func TestOutline(t *testing.T) {
	html, s := fragment(t, cells(md("# One *two* `three` $x$ &amp; [four](a)\n\n## Same"), code("x"), md("## Same\n\n### 日本 語!\n\n<h2>raw</h2>"), md("Setext\n===")), Options{})
	want := []Heading{{1, "u-one-two-three-x--four", "One two three x & four"}, {2, "u-same", "Same"}, {2, "u-same-1", "Same"}, {3, "u-日本-語", "日本 語!"}, {1, "u-setext", "Setext"}}
	if len(s.Outline) != len(want) || s.Title != want[0].Text {
		t.Fatalf("%+v, %q", s.Outline, s.Title)
	}
	for i, h := range s.Outline {
		if h != want[i] {
			t.Errorf("%+v, want %+v", h, want[i])
		}
		if !strings.Contains(html, ` id="`+h.ID+`"`) {
			t.Errorf("no element has the id %s", h.ID)
		}
	}
}

func TestAttachments(t *testing.T) {
	cell := md("![a](attachment:my%20file.png) ![b](attachment:v.svg) ![c](attachment:none.png)")
	cell["attachments"] = map[string]any{"my file.png": map[string]any{"image/png": "AAAA"}, "v.svg": map[string]any{"image/svg+xml": "<svg/>"}}
	html, _ := fragment(t, cells(cell), Options{})
	for _, want := range []string{`<img src="data:image/png;base64,AAAA" alt="a"`, `<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="b"`, `class="sx-missing"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}
