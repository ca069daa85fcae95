package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"sextant/content/notebook"
)

// bombs are documents that are small and would become large, or that would take long. Each has to be done within
// bombTime, and become at most bombSize.
const (
	bombTime = 20 * time.Second // generous for a race detector on a busy machine; without either it is a fraction
	bombSize = 64 << 20
)

func TestBombs(t *testing.T) {
	hasty := New(Config{ChartTime: 3 * time.Second, MathTime: time.Second})
	defer hasty.Close()
	row := "|" + strings.Repeat("a|", 2_000) + "\n|" + strings.Repeat("-|", 2_000) + "\n"
	deepJSON := strings.Repeat(`[`, 150) + strings.Repeat(`]`, 150)
	wide := map[string]any{}
	for i := range 20_000 {
		wide[fmt.Sprint("k", i)] = i
	}
	vega := func(spec string) Document {
		return Document{Name: "c.json", Content: []byte(spec)}
	}
	for name, d := range map[string]Document{
		"table":                cells(md(row + strings.Repeat("x\n", 15_000))),
		"table of a thousand":  cells(md(strings.Repeat("|a", 900) + "|\n" + strings.Repeat("|-", 900) + "|\n" + strings.Repeat("x\n", 10_000))),
		"many tables":          cells(md(strings.Repeat("|a|b|c|\n|-|-|-|\n"+strings.Repeat("x\n", 50)+"\n", 1_000))),
		"quotes":               cells(md(strings.Repeat("> ", 20_000) + "x")),
		"lists":                cells(md(strings.Repeat("- ", 20_000) + "x")),
		"indented lists":       cells(md(nestedList(2_000))),
		"numbered":             cells(md(strings.Repeat("1. ", 20_000) + "x")),
		"brackets":             cells(md(strings.Repeat("[", 50_000))),
		"bracket pairs":        cells(md(strings.Repeat("[a](", 30_000))),
		"images":               cells(md(strings.Repeat("![", 50_000))),
		"stars":                cells(md(strings.Repeat("*a **a ", 20_000))),
		"stars and scores":     cells(md(strings.Repeat("*a_ ", 30_000))),
		"closers":              cells(md(strings.Repeat("a** b* ", 20_000))),
		"backticks":            cells(md(ticks(400))),
		"dollars":              cells(md(strings.Repeat("$a ", 50_000))),
		"display dollars":      cells(md(strings.Repeat("$$a\n\n", 20_000))),
		"parentheses":          cells(md(strings.Repeat(`\(`, 50_000))),
		"begins":               cells(md(strings.Repeat(`\begin{align}`+"\n", 10_000))),
		"tildes":               cells(md(strings.Repeat("~~a ~b ", 20_000))),
		"html opens":           cells(md(strings.Repeat("<a ", 50_000))),
		"html comments":        cells(md(strings.Repeat("<!-- ", 40_000))),
		"html instructions":    cells(md(strings.Repeat("<?", 60_000))),
		"html declarations":    cells(md(strings.Repeat("a <!A ", 40_000))),
		"html cdata":           cells(md(strings.Repeat("a <![CDATA[", 20_000))),
		"html tags":            cells(md(strings.Repeat("<b>", 60_000))),
		"references":           cells(md(strings.Repeat("[a]: b\n", 30_000) + strings.Repeat("[a] ", 30_000))),
		"footnotes":            cells(md("[^a]: x\n\n" + strings.Repeat("[^a] ", 30_000))),
		"addresses":            cells(md(strings.Repeat("www.a.b ", 30_000))),
		"mail addresses":       cells(md(strings.Repeat("a@", 60_000))),
		"entities":             cells(md(strings.Repeat("&amp", 60_000))),
		"setext":               cells(md(strings.Repeat("a\n", 60_000) + "===")),
		"headings":             cells(md(strings.Repeat("# a\n", 50_000))),
		"languages":            cells(md(strings.Repeat("```none\nx\n```\n", 10_000))),
		"chroma":               cells(md(strings.Repeat("```haskell\nmain = "+strings.Repeat("(", 2_000)+"\n```\n", 100))),
		"formulas":             cells(md(strings.Repeat(`$x_{1}^{2}$ `, 10_000))),
		"formula":              cells(md("$" + strings.Repeat("{", 4_000) + strings.Repeat("}", 4_000) + "$")),
		"fractions":            cells(md("$" + strings.Repeat(`\frac{`, 1_500) + "$")),
		"macros":               cells(md(`$\def\a{xx}\def\b{\a\a\a\a}\def\c{\b\b\b\b}\def\d{\c\c\c\c}\def\e{\d\d\d\d}\def\f{\e\e\e\e}\f\f\f\f$`)),
		"endless macro":        cells(md(`$\def\a{\a\a}\a$`)),
		"html":                 cells(code("x", shown(map[string]any{"text/html": strings.Repeat("<div>", 200_000)}))),
		"html tables":          cells(code("x", shown(map[string]any{"text/html": strings.Repeat("<table><tr><td>", 60_000)}))),
		"html fonts":           cells(code("x", shown(map[string]any{"text/html": strings.Repeat("<b><i><u><font>", 40_000)}))),
		"html adoption":        cells(code("x", shown(map[string]any{"text/html": strings.Repeat("<a><p><b></a>", 20_000)}))),
		"html attributes":      cells(code("x", shown(map[string]any{"text/html": "<p " + strings.Repeat("a=b ", 200_000) + ">"}))),
		"html styles":          cells(code("x", shown(map[string]any{"text/html": styled(60_000)}))),
		"css":                  cells(code("x", shown(map[string]any{"text/html": "<style>" + strings.Repeat("a{color:red}", 60_000) + "</style><p>x</p>"}))),
		"output":               cells(code("x", stream(strings.Repeat("0123456789\n", 3_000_000)))),
		"colours":              cells(code("x", stream(colours(100_000)))),
		"moves":                cells(code("x", stream(strings.Repeat("\x1b[9999999C.\x1b[999A\x1b[999B", 20_000)))),
		"returns":              cells(code("x", stream(strings.Repeat("progress\r", 300_000)))),
		"unfinished sequences": cells(code("x", stream(strings.Repeat("\x1b]8;;", 200_000)))),
		"deep json":            cells(code("x", shown(map[string]any{"application/json": parse(t, deepJSON)}))),
		"wide json":            cells(code("x", shown(map[string]any{"application/json": wide}))),
		"json file":            {Name: "a.json", Content: []byte(strings.Repeat("[", 100_000))},
		"csv":                  {Name: "a.csv", Content: []byte(strings.Repeat("a,", 100_000) + "\n" + strings.Repeat(strings.Repeat("1,", 500)+"\n", 5_000))},
		"csv quote":            {Name: "a.csv", Content: []byte(`"` + strings.Repeat("a\n", 500_000))},
		"text":                 {Name: "a.txt", Content: bytes.Repeat([]byte("x\n"), 20_000_000)},
		"broken text":          {Name: "a.txt", Content: bytes.Repeat([]byte{0xff}, 5_000_000)},
		"code":                 {Name: "a.py", Content: bytes.Repeat([]byte("x = 'a' # b\n"), 500_000)},
		"sql":                  {Name: "a.sql", Content: bytes.Repeat([]byte("SELECT /* a */ 'b' $$c$$ FROM d;\n"), 7_000)},
		"sql dollars":          {Name: "a.sql", Content: bytes.Repeat([]byte("$a$"), 80_000)},
		"chart of much":        vega(`{"$schema":"https://vega.github.io/schema/vega/v6.json","data":[{"name":"a","transform":[{"type":"sequence","start":0,"stop":1e9,"step":1}]}],"marks":[]}`),
		"chart that loops":     vega(`{"$schema":"https://vega.github.io/schema/vega/v6.json","signals":[{"name":"a","update":"length(replace(pad('', 1e9, 'a', 'left'), 'a', 'b'))"}],"marks":[]}`),
		"chart of nonsense":    vega(`{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","layer":[[[[]]]]}`),
		"chart from afar":      vega(`{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","data":{"url":"https://evil.example/a.csv"},"mark":"bar"}`),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			var b strings.Builder
			if _, err := hasty.Document(context.Background(), &b, d, Options{}); err != nil {
				t.Fatal(err)
			}
			html := b.String()
			if took := time.Since(start); took > bombTime {
				t.Errorf("took %v", took)
			} else if took > 300*time.Millisecond {
				t.Logf("%v, %d bytes", took, len(html))
			}
			if len(html) > bombSize {
				t.Errorf("became %d bytes", len(html))
			}
			checkNested(t, html)
		})
	}
}

func nestedList(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", 2*i) + "- x\n")
	}
	return b.String()
}

func ticks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("`", i+1))
	}
	return b.String()
}

func styled(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<i style="color:#%06x">x</i>`, i)
	}
	return b.String()
}

func colours(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\x1b[38;2;%d;%d;%dmx", i&255, i>>8&255, i>>16&255)
	}
	return b.String()
}

// TestCuts says for each limit what is shown, what is said, and that All shows the rest.
func TestCuts(t *testing.T) {
	table := "<table>" + strings.Repeat("<tr><td>cell</td></tr>", 1_000) + "</table>"
	many := make([]map[string]any, 20)
	for i := range many {
		many[i] = md(fmt.Sprint("cell ", i))
	}
	for _, c := range []struct {
		name    string
		d       Document
		limits  Limits
		said    string
		present string // is shown although something is cut
		absent  string // is shown only with All
		keeps   bool   // All does not lift it
	}{
		{"text", cells(code("x", stream("first\n"+strings.Repeat("line\n", 1_000)+"middle\n"+strings.Repeat("line\n", 1_000)+"last"))), Limits{Text: 1_000}, "Showing the first 750 bytes and the last 249 bytes of 10 kB of text.", "last", "middle", false},
		{"html", cells(code("x", shown(map[string]any{"text/html": table + "<p>end</p>"}))), Limits{HTML: 5_000}, "Showing the first 4.98 kB of 22 kB of HTML.", "cell", "end", false},
		{"markdown", cells(md("# begin\n\n" + strings.Repeat("word ", 1_000) + "end")), Limits{Markdown: 1_000}, "Showing the first 1 kB of 5.01 kB of text.", "begin", "end", false},
		{"cells", cells(many...), Limits{Cells: 5}, "Showing 5 of 20 cells.", "cell 4", "cell 5", false},
		{"outputs", cells(code("x", shown(map[string]any{"text/plain": "one"}), shown(map[string]any{"text/plain": "two"}), shown(map[string]any{"text/plain": "three"}))), Limits{Outputs: 2}, "Showing 2 of 3 outputs of this cell.", "two", "three", false},
		{"bytes", cells(code("x", stream(strings.Repeat("a", 20_000))), code("y", stream("late"))), Limits{Bytes: 10_000}, "1 of 2 cells are left out: the page has reached 10 kB.", "aaa", "late", false},
		{"rows", Document{Name: "a.csv", Content: []byte("n\n1\n2\n3\nlast\n")}, Limits{Rows: 2}, "Showing the first 2 of about 4 rows.", "1", "last", false},
		{"nodes", Document{Name: "a.json", Content: []byte(`[1,2,3,4,5,6,7,8,"last"]`)}, Limits{Nodes: 5}, "Showing the first 5 values of the JSON.", "1", "last", false},
		{"picture", cells(code("x", shown(map[string]any{"image/png": strings.Repeat("A", 2_000)}))), Limits{Image: 1_000}, "A picture of 2 kB is not shown; at most 1 kB are.", "not shown", "AAAA", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			html, s := fragment(t, c.d, Options{Limits: c.limits, AllURL: "?all=1"})
			if len(s.Cuts) == 0 || s.Cuts[0].Text != c.said {
				t.Errorf("cuts %+v, want %q", s.Cuts, c.said)
			}
			if !strings.Contains(html, escaped(c.said)) || !strings.Contains(html, `<a href="?all=1">Show all</a>`) {
				t.Errorf("the page does not say what is cut: %s", html)
			}
			if !strings.Contains(html, c.present) || strings.Contains(html, c.absent) {
				t.Errorf("%q is not shown, or %q is: %s", c.present, c.absent, html)
			}
			checkNested(t, html)
			html, s = fragment(t, c.d, Options{All: true})
			if len(s.Cuts) > 0 || !strings.Contains(html, c.absent) {
				t.Errorf("All does not show %q: %+v", c.absent, s.Cuts)
			}
		})
	}
}

func TestTimeRunsOut(t *testing.T) {
	html, s := fragment(t, cells(md("one"), md("two")), Options{Limits: Limits{Time: time.Nanosecond}})
	if len(s.Cuts) != 1 || !strings.Contains(html, "the page has taken 1ns to make") {
		t.Errorf("%+v, %s", s.Cuts, html)
	}
}

// TestManyCells renders a notebook of a hundred thousand cells whole.
func TestManyCells(t *testing.T) {
	nb := notebook.New()
	for i := range 100_000 {
		nb.Cells = append(nb.Cells, notebook.Cell{ID: fmt.Sprint("c", i), Type: notebook.Code, Source: "SELECT 1", Outputs: []notebook.Output{notebook.NewStream("stdout", "1\n")}})
	}
	count := &counter{w: io.Discard}
	s, err := shared.Notebook(context.Background(), count, nb, Options{})
	if err != nil || len(s.Cuts) != 1 || s.Cuts[0].Text != "Showing 5,000 of 100,000 cells." {
		t.Fatal(err, s.Cuts)
	}
	some := count.n
	s, err = shared.Notebook(context.Background(), count, nb, Options{All: true})
	if err != nil || len(s.Cuts) != 0 || s.Bytes < 15*some {
		t.Fatal(err, s)
	}
}

// TestMemory renders 100 MB of output, and watches the heap.
func TestMemory(t *testing.T) {
	nb := notebook.New()
	text := strings.Repeat("0123456789abcdef\n", 60_000) // 1 MB
	for i := range 100 {
		nb.Cells = append(nb.Cells, notebook.Cell{ID: fmt.Sprint("c", i), Type: notebook.Code, Source: "x", Outputs: []notebook.Output{notebook.NewStream("stdout", text)}})
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // what is counted is what is held, not what waits to be collected
	peak := &watcher{}
	if _, err := shared.Notebook(context.Background(), peak, nb, Options{All: true}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if peak.bytes < 100_000_000 {
		t.Errorf("only %d bytes were written", peak.bytes)
	}
	if grown := int64(peak.heap) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("the heap grew by %d MB for outputs of 1 MB each", grown>>20)
	}
}

// watcher discards what is written and notes how large the heap gets.
type watcher struct {
	bytes, seen int64
	heap        uint64
}

func (w *watcher) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	if w.bytes-w.seen > 4<<20 {
		w.seen = w.bytes
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.heap = max(w.heap, m.HeapAlloc)
	}
	return len(p), nil
}

// TestFirstCellsComeFirst has a reader end the render when the first bytes are there: the rest is not looked at.
func TestFirstCellsComeFirst(t *testing.T) {
	many := make([]map[string]any, 2_000)
	for i := range many {
		many[i] = md(fmt.Sprintf("cell %d.", i))
	}
	ctx, cancel := context.WithCancel(context.Background())
	var b bytes.Buffer
	_, err := shared.Notebook(ctx, writerFunc(func(p []byte) (int, error) {
		cancel()
		return b.Write(p)
	}), read(t, cells(many...)), Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "cell 0.") || strings.Contains(got, "cell 2.") {
		t.Errorf("the first bytes were %q", got)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestAFailedWriterEndsTheRender(t *testing.T) {
	broken := errors.New("broken pipe")
	_, err := shared.Document(context.Background(), writerFunc(func([]byte) (int, error) { return 0, broken }), cells(md("x")), Options{})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
