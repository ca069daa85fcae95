package render

import (
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var spans = regexp.MustCompile(`<span class="sx-[a-z]">|</span>`)

// TestCodeKeepsItsText takes the colours off again: what is copied from a page is the code.
func TestCodeKeepsItsText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"SELECT", "def ", "'", `"`, `"""`, "'''", "\\", "\n", " ", "--", "/*", "*/", "#", "//", "$$", "$a$", "1.5e-3", "0x1F", "@deco", "%magic", "!ls", "<b>", "&", "é", "日", "f'", "r\"", "`", "(", ")", "x1", "=#", "#=", "\t"}
	for name, g := range grammars {
		for range 200 {
			var in strings.Builder
			for range r.IntN(30) {
				in.WriteString(pieces[r.IntN(len(pieces))])
			}
			var out strings.Builder
			g.highlight(&out, in.String())
			if got := html.UnescapeString(spans.ReplaceAllString(out.String(), "")); got != in.String() {
				t.Fatalf("%s: %q became %q", name, in.String(), got)
			}
		}
	}
}

func TestColours(t *testing.T) {
	for _, c := range []struct{ language, in, want string }{
		{"python", "def f(x): return None # c", "k:def f:f k:return t:None c:# c"},
		{"python", `x = f"a{b}" + rb'c' 'it\'s'`, `s:f"a{b}" s:rb'c' s:'it\'s'`},
		{"python", "'''a\nb''' 1_000 0x1F 1e-3 .5", "s:'''a\nb''' n:1_000 n:0x1F n:1e-3 n:.5"},
		{"python", "'open\nx = 1", "s:'open n:1"},
		{"python", "@app.route('/')\n%time x\n!ls -l\na % b", "m:@app.route s:'/' m:%time m:!ls -l"},
		{"python", "obj.print(import_x)", ""},
		{"sql", "select A, Count(*) FROM t -- c\nWHERE x = 'it''s' AND $p::INT > 1.5", "k:select f:Count k:FROM c:-- c k:WHERE s:'it''s' k:AND m:$p t:INT n:1.5"},
		{"sql", `SELECT "from" /* a /* b */ c */ AS x, $tag$ it's $tag$`, `k:SELECT c:/* a /* b */ c */ k:AS s:$tag$ it's $tag$`},
		{"sql", "%chart bar\nSELECT 1", "m:%chart k:SELECT n:1"},
		{"javascript", "const f = `a ${b}`; // c", "k:const s:`a ${b}` c:// c"},
		{"scala", `val x = """a""" /* /* */`, `k:val s:"""a""" c:/* /* */`},
		{"r", "x <- function(y) TRUE # c", "k:function t:TRUE c:# c"},
		{"bash", "if [ 'a\nb' ]; then echo; fi # c", "k:if s:'a\nb' k:then f:echo k:fi c:# c"},
		{"json", `{"a": [1, true, "x\"y"]}`, `s:"a" n:1 t:true s:"x\"y"`},
		{"haskell", "main = putStrLn \"x\" -- c", `f:main k:= s:"x" c:-- c`},
		{"no such language", "<b>", ""},
	} {
		j := shared.newJob(t.Context(), &strings.Builder{}, Options{})
		var out strings.Builder
		j.code(&out, c.in, c.language)
		var got []string
		for _, m := range regexp.MustCompile(`(?s)<span class="sx-([a-z])">(.*?)</span>`).FindAllStringSubmatch(out.String(), -1) {
			got = append(got, m[1]+":"+html.UnescapeString(m[2]))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q\ngot  %s\nwant %s", c.language, c.in, s, c.want)
		}
	}
}

// TestColoursAreQuick keeps the reason for grammars of our own: a page of code is coloured in no time.
func TestColoursAreQuick(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	start := time.Now()
	for _, g := range []string{"python", "sql", "go"} {
		var out strings.Builder
		grammars[g].highlight(&out, all.String())
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%d bytes took %v in three languages", all.Len(), took)
	}
}
