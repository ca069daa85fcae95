package render

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
)

// goldenFiles are documents of other tools and of ours.
func goldenFiles(t testing.TB) []string {
	var files []string
	for _, pattern := range []string{"testdata/tools/*.ipynb", "testdata/documents/*", "../notebook/testdata/corpus/*.ipynb"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// TestGolden renders each document and compares it with the page that lies in testdata/golden. SEXTANT_UPDATE=1 takes
// what comes out for right; then [Version] has to change, too, where a release had the old.
func TestGolden(t *testing.T) {
	for _, file := range goldenFiles(t) {
		name := filepath.Base(file)
		folder := filepath.Base(filepath.Dir(file))
		t.Run(folder+"/"+name, func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := Document{Name: name, Content: content}
			got, summary := fragment(t, d, Options{})
			checkSafe(t, got)
			checkNested(t, got)
			if again, _ := fragment(t, d, Options{}); again != got {
				t.Error("a second render is different")
			}
			whole, _ := page(t, d, Options{})
			checkSafe(t, whole)
			var b bytes.Buffer
			b.WriteString(got)
			for _, r := range summary.Rich {
				b.WriteString("rich " + r.Type + " " + r.Library + " " + r.Version + " fallback " + r.Fallback + "\n")
			}
			for _, c := range summary.Cuts {
				b.WriteString("cut " + c.Text + "\n")
			}
			golden := filepath.Join("testdata", "golden", folder, name+".html")
			if os.Getenv("SEXTANT_UPDATE") != "" {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, b.Bytes()) {
				t.Errorf("%s is not what comes out: %s", golden, firstDifference(string(want), b.String()))
			}
		})
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return "…" + clip(a[from:], 160) + "… became …" + clip(b[from:], 160)
}

// checkNested fails where a parser that repairs nothing would see elements out of order.
func checkNested(t testing.TB, html string) {
	t.Helper()
	z := xhtml.NewTokenizer(strings.NewReader(html))
	var open []string
	for {
		switch z.Next() {
		case xhtml.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%v are not closed", open)
			}
			return
		case xhtml.StartTagToken:
			name, _ := z.TagName()
			if htmlTags[string(name)]&tagVoid == 0 {
				open = append(open, string(name))
			}
		case xhtml.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Errorf("</%s> closes %v", name, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}
