package render

import (
	"strings"
	"testing"
)

// TestTheStrictReader says what it takes, and that it leaves the rest to the thorough way.
func TestTheStrictReader(t *testing.T) {
	for _, c := range []struct {
		in, want string
		taken    bool
	}{
		{"<p>a &lt; b</p>", "<p>a &lt; b</p>", true},
		{"a > b", "a &gt; b", true},
		{"<table><tr><td align=right>1</td></tr></table>", `<table><tr><td align="right">1</td></tr></table>`, true},
		{`<b title='a"b' onclick=x>c</b>`, `<b title="a&#34;b">c</b>`, true},
		{`<a href="javascript:x">a</a>`, `<a>a</a>`, true},
		{`<a href="java&#x0A;script:x">a</a>`, `<a>a</a>`, true},
		{"<br/>a<hr>", "<br>a<hr>", true},
		{"<b><i>a</b></i>", "", false},
		{"<div></p></div>", "", false},
		{"</div>", "", false},
		{"<div>", "", false},
		{"<img src=x>", "", false},
		{"<script></script>", "", false},
		{"<B>a</B>", "", false},
		{"<b/onclick=x>a</b>", "", false},
		{"<b title=\"a>b</b>", "", false},
		{"<!-- a -->", "", false},
		{"a < b", "", false},
		{"<p title=a=b>c</p>", "", false},
		{"<", "", false},
		{strings.Repeat("<b>", maxNesting+1) + strings.Repeat("</b>", maxNesting+1), "", false},
	} {
		j := shared.newJob(t.Context(), &strings.Builder{}, Options{})
		got, ok := j.strict(c.in, false)
		if ok != c.taken || ok && got != c.want {
			t.Errorf("%q: got %q, %v, want %q, %v", c.in, got, ok, c.want, c.taken)
		}
	}
	j := shared.newJob(t.Context(), &strings.Builder{}, Options{})
	if got, ok := j.strict("<table><tr><td>cut", true); !ok || got != "<table><tr><td>cut</td></tr></table>" {
		t.Errorf("cut: %q, %v", got, ok)
	}
}

func TestStylesOfDocuments(t *testing.T) {
	for in, want := range map[string]string{
		"color: red; background-color:#FFF":                                "color:red;background-color:#FFF;",
		"width: 50%; padding: 1px  2px !important":                         "width:50%;padding:1px 2px;",
		"background: linear-gradient(90deg, #d65f5f 40%, transparent 40%)": "background:linear-gradient(90deg, #d65f5f 40%, transparent 40%);",
		"font-family: 'Fira Code', monospace":                              "font-family:'Fira Code', monospace;",
		"color: url(x)":                                                    "",
		"background: image-set('x' 1x)":                                    "",
		"margin: -5px":                                                     "", "margin: calc(1px - 5px)": "",
		"position: fixed; z-index: 9; top: 0": "", "color: re\\64": "", "color: var(--x)": "", "color: expression(1)": "", "color:red/**/": "",
		"display: contents": "", "font-family: 'a;b'": "", "color: red}": "", "color: <b>": "", "COLOR: RED": "color:RED;",
	} {
		if got := declarations(in, ""); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"#T_a td:hover": "#u-t_a td:hover", ".dataframe tbody tr th:only-of-type": ".dataframe tbody tr th:only-of-type", "a > b": "a > b",
		"a::before": "", "a[href^=x]": "", ".sx-page": "", ":root": "", "a:has(b)": "", "\\61": "",
	} {
		if got := selector(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestEmptyHeadersAreCells(t *testing.T) {
	for in, want := range map[string]string{
		`<tr><th></th><th>a</th></tr>`:                    `<tr><td></td><th>a</th></tr>`,
		"<th class=\"x y\">&nbsp;</th><th> \u00a0\n</th>": `<td class="x y"></td><td></td>`,
		`<thead></th><th><b></b></th>`:                    `<thead></th><th><b></b></th>`,
		`<th title="a > b"></th>`:                         `<td title="a > b"></td>`,
		`</th>`:                                           `</th>`, `a&nbsp;</th>`: `a&nbsp;</th>`, ``: ``,
	} {
		if got := noEmptyHeaders(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
