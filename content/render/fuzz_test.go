package render

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"sextant/content/notebook"
)

// The fuzz targets ask of whatever comes in that the page is safe, its elements are in order, and it is UTF-8.

func checkOutput(t *testing.T, html string) {
	t.Helper()
	if !utf8.ValidString(html) {
		t.Error("not UTF-8")
	}
	checkNested(t, html)
	checkSafe(t, html)
}

func FuzzANSI(f *testing.F) {
	for _, s := range []string{"a\x1b[31mb\x1b[0m", "1%\r2%", "a\b\x1b[2K\x1b[A\x1b[38;2;1;2;3mx", "\x1b]8;;x\x07y", "\x1b7\x1b8\x1b[J\x1b[999C."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		var st styles
		ansi(&b, &st, s)
		st.flush(&b)
		checkOutput(t, "<pre>"+b.String()+"</pre>")
		if len(b.String()) > 200*len(s)+40*maxColumn {
			t.Errorf("%d bytes became %d", len(s), b.Len())
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, file := range []string{"testdata/documents/text.md", "testdata/documents/plain.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, v := range vectors(f) {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		html, _ := fragment(t, Document{Name: "a.md", Content: []byte(s)}, Options{Limits: Limits{Math: 3}})
		checkOutput(t, html)
	})
}

func FuzzHTML(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v)
	}
	f.Add(`<div><style scoped>.dataframe tbody tr th{vertical-align:top}</style><table border="1" class="dataframe"><tr style="text-align: right;"><th></th><td>1</td></tr></table></div>`)
	f.Fuzz(func(t *testing.T, s string) {
		nb := notebook.New()
		nb.Cells = []notebook.Cell{{ID: "a", Type: notebook.Code, Outputs: []notebook.Output{notebook.NewDisplayData(notebook.Object{"text/html": notebook.StringValue(s)}, nil)}}}
		checkOutput(t, notebookHTML(t, nb))
	})
}

// FuzzStrict asks of the strict reader what bluemonday and the parser are trusted with otherwise.
func FuzzStrict(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v)
	}
	f.Add(`<table class="dataframe"><tr style="color:red"><td align=right title='x'>1 &lt; 2</td></tr></table>`)
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "\ufffd")
		j := shared.newJob(t.Context(), &strings.Builder{}, Options{})
		if html, ok := j.strict(s, false); ok {
			checkOutput(t, html)
		}
	})
}

func FuzzNotebook(f *testing.F) {
	for _, file := range goldenFiles(f) {
		if strings.HasSuffix(file, ".ipynb") {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		html, _ := fragment(t, Document{Name: "a.ipynb", Content: text}, Options{Limits: Limits{Math: 3}, NoCharts: true})
		checkOutput(t, html)
	})
}
