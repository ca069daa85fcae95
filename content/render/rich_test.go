package render

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/quickjs"
)

const barChart = `{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","title":"Bars","data":{"values":[{"a":"x","b":2},{"a":"y","b":3}]},"mark":"bar","encoding":{"x":{"field":"a"},"y":{"field":"b","type":"quantitative"}}}`

// TestRichOutputs says for each kind of interactive output how it is described and what stands for it.
func TestRichOutputs(t *testing.T) {
	chart := parse(t, barChart)
	for _, c := range []struct {
		name string
		data map[string]any
		want Rich
		html string
	}{
		{"vega-lite", map[string]any{"application/vnd.vegalite.v5+json": chart, "text/plain": "chart"}, Rich{Type: "application/vnd.vegalite.v5+json", Library: "vega-lite", Version: "5", Fallback: "chart"}, `alt="Bar chart: Bars; across: a; up: b; 2 values."`},
		{"vega-lite of a later version", map[string]any{"application/vnd.vegalite.v6.1+json": chart}, Rich{Type: "application/vnd.vegalite.v6.1+json", Library: "vega-lite", Version: "6", Fallback: "chart"}, `<figure class="sx-chart">`},
		{"vega", map[string]any{"application/vnd.vega.v5+json": parse(t, `{"width":10,"height":10,"marks":[{"type":"rect","encode":{"enter":{"width":{"value":5},"height":{"value":5}}}}]}`)}, Rich{Type: "application/vnd.vega.v5+json", Library: "vega", Version: "5", Fallback: "chart"}, `alt="Chart."`},
		{"vega that fails, with a picture", map[string]any{"application/vnd.vegalite.v5+json": map[string]any{"mark": "no such mark"}, "image/png": "AAAA"}, Rich{Type: "application/vnd.vegalite.v5+json", Library: "vega-lite", Version: "5", Fallback: "picture"}, "The chart could not be drawn"},
		{"plotly with a picture", map[string]any{"application/vnd.plotly.v1+json": map[string]any{}, "image/png": "AAAA", "text/html": "<script>x</script>"}, Rich{Type: "application/vnd.plotly.v1+json", Library: "plotly", Fallback: "picture"}, "Plotly chart, as a picture."},
		{"plotly", map[string]any{"application/vnd.plotly.v1+json": map[string]any{"data": []any{map[string]any{"type": "bar"}, map[string]any{"type": "bar"}}, "layout": map[string]any{"title": map[string]any{"text": "Sales"}}}}, Rich{Type: "application/vnd.plotly.v1+json", Library: "plotly", Fallback: "none"}, "<strong>Sales</strong> 2 × bar"},
		{"plotly as html", map[string]any{"text/html": `<div id=x></div><script src="https://cdn.plot.ly/plotly-3.1.0.min.js"></script><script>Plotly.newPlot("x", [])</script>`}, Rich{Type: "text/html", Library: "plotly", Version: "3.1.0", Fallback: "none"}, "The document stores no picture of it."},
		{"bokeh", map[string]any{"application/vnd.bokehjs_exec.v0+json": "", "application/javascript": "x"}, Rich{Type: "application/vnd.bokehjs_exec.v0+json", Library: "bokeh", Fallback: "none"}, "Bokeh chart."},
		{"widget without state", map[string]any{mimeWidget: map[string]any{"model_id": "m"}, "text/plain": "IntSlider()"}, Rich{Type: mimeWidget, Library: "widgets", Fallback: "text"}, "IntSlider()"},
		{"map", map[string]any{"application/geo+json": map[string]any{"type": "Point"}}, Rich{Type: "application/geo+json", Library: "geojson", Fallback: "text"}, "Map, as stored."},
		{"html with a frame", map[string]any{"text/html": `<iframe src="https://e.org"></iframe>`, "text/plain": "IFrame"}, Rich{Type: "text/html", Library: "html", Fallback: "text"}, "IFrame"},
		{"html with text beside its script", map[string]any{"text/html": `<p>text</p><script>x</script>`}, Rich{Type: "text/html", Library: "html", Fallback: "html"}, "<p>text</p>"},
		{"script", map[string]any{"application/javascript": "x", "image/png": "AAAA"}, Rich{Type: "application/javascript", Library: "html", Fallback: "picture"}, "<img"},
	} {
		t.Run(c.name, func(t *testing.T) {
			html, s := fragment(t, cells(code("1"), code("x", stream("a"), shown(c.data))), Options{})
			if len(s.Rich) != 1 {
				t.Fatalf("%+v", s.Rich)
			}
			got := s.Rich[0]
			if got.Cell != 1 || got.Output != 1 || got.CellID == "" {
				t.Errorf("it stands at %d, %d, %q", got.Cell, got.Output, got.CellID)
			}
			got.Cell, got.Output, got.CellID = 0, 0, ""
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if !strings.Contains(html, `<div class="sx-rich" data-rich="0"`) || !strings.Contains(html, c.html) {
				t.Errorf("no %s in %s", c.html, html)
			}
		})
	}
}

func TestRichData(t *testing.T) {
	nb := read(t, cells(code("x", stream("a"), shown(map[string]any{mimeWidget: map[string]any{"model_id": "m"}, "text/plain": "w"}))))
	nb.Metadata["widgets"] = parse(t, `{"application/vnd.jupyter.widget-state+json":{"state":{"m":{}}}}`)
	data := RichData(nb, 0, 1)
	if data["text/plain"] != `"w"` || data[mimeWidgetState] != `{"state":{"m":{}}}` {
		t.Errorf("%v", data)
	}
	for _, at := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 2}} {
		if RichData(nb, at[0], at[1]) != nil {
			t.Errorf("%v gives something", at)
		}
	}
}

// TestChartsAreDrawn looks into the picture: two bars, the title, and both themes.
func TestChartsAreDrawn(t *testing.T) {
	html, _ := fragment(t, Document{Name: "c.vl", Content: []byte(barChart)}, Options{})
	_, rest, _ := strings.Cut(html, "data:image/svg+xml;base64,")
	text, _, _ := strings.Cut(rest, `"`)
	svg, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">Bars</text>", "prefers-color-scheme:dark", `aria-roledescription="bar"`} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	if n := strings.Count(string(svg), `aria-roledescription="bar"`); n != 2 {
		t.Errorf("%d bars", n)
	}
	if none, _ := fragment(t, Document{Name: "c.vl", Content: []byte(barChart)}, Options{NoCharts: true}); strings.Contains(none, "<img") {
		t.Error("drawn although not wanted")
	}
}

// TestNothingLeavesTheEngine asks the charts' engine for files and networks.
func TestNothingLeavesTheEngine(t *testing.T) {
	for _, url := range []string{"https://example.org/a.csv", "/etc/passwd", "file:///etc/passwd", "data.csv"} {
		html, _ := fragment(t, Document{Name: "c.vl", Content: []byte(fmt.Sprintf(`{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","data":{"url":%q},"mark":"point","encoding":{"x":{"field":"a"}}}`, url))}, Options{})
		if strings.Contains(html, "root:") {
			t.Errorf("%s was read", url)
		}
	}
	err := shared.charts.use(context.Background(), time.Second, func(vm *quickjs.VM) error {
		for _, name := range []string{"fetch", "XMLHttpRequest", "require", "process", "std", "os", "WebSocket", "importScripts"} {
			v, err := vm.Eval("typeof "+name, quickjs.EvalGlobal)
			if err != nil || v != "undefined" {
				t.Errorf("%s is %v, %v", name, v, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEnginesAreBounded has scripts go on for ever and grow without end; the pool goes on with new engines.
func TestEnginesAreBounded(t *testing.T) {
	r := New(Config{Engines: 1})
	defer r.Close()
	for _, script := range []string{"for(;;){}", "const a=[];for(;;)a.push(new Array(1e6).fill(1))", "(function f(){f()})()", "throw new Error('x')"} {
		start := time.Now()
		err := r.maths.use(context.Background(), 300*time.Millisecond, func(vm *quickjs.VM) error {
			_, err := vm.Eval(script, quickjs.EvalGlobal)
			return err
		})
		if err == nil || time.Since(start) > 3*time.Minute {
			t.Errorf("%s: %v after %v", script, err, time.Since(start))
		}
	}
	if len(r.maths.idle) != 0 {
		t.Error("an engine that failed is lent again")
	}
	var b bytes.Buffer
	if _, err := r.Document(context.Background(), &b, Document{Name: "a.md", Content: []byte("$x$")}, Options{}); err != nil || !strings.Contains(b.String(), "<mi>x</mi>") {
		t.Error(err, b.String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	begun := make(chan struct{})
	go func() { <-begun; cancel() }()
	err := r.maths.use(ctx, time.Minute, func(vm *quickjs.VM) error {
		close(begun)
		_, err := vm.Eval("for(;;){}", quickjs.EvalGlobal)
		return err
	})
	if err == nil {
		t.Error("a cancelled script ended by itself")
	}
}

// TestTheCacheIsAsked renders twice, the second time without engines to start.
func TestTheCacheIsAsked(t *testing.T) {
	c := &counting{m: map[string][]byte{}}
	doc := cells(md("$x$"), code("x", shown(map[string]any{"application/vnd.vegalite.v5+json": parse(t, barChart)})), md("```haskell\nx\n```"))
	var pages [2]string
	for i := range pages {
		r := New(Config{Cache: c})
		var b bytes.Buffer
		if _, err := r.Document(context.Background(), &b, doc, Options{}); err != nil {
			t.Fatal(err)
		}
		pages[i] = b.String()
		if i == 1 && len(r.charts.idle)+len(r.maths.idle) > 0 {
			t.Error("an engine was started although all was there")
		}
		r.Close()
	}
	if pages[0] != pages[1] || c.puts != 3 {
		t.Errorf("%d were put; equal: %v", c.puts, pages[0] == pages[1])
	}
}

type counting struct {
	mu   sync.Mutex
	m    map[string][]byte
	puts int
}

func (c *counting) Get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.m[key]
	return v, ok
}

func (c *counting) Put(key string, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[key] = v
	c.puts++
}

// TestManyAtOnce renders in many goroutines, and gets the same everywhere.
func TestManyAtOnce(t *testing.T) {
	doc := cells(md("# a $x$ <b>c</b>"), code("print(1)", stream("\x1b[38;2;1;2;3mx"), shown(map[string]any{"application/vnd.vegalite.v5+json": parse(t, barChart)})))
	want, _ := fragment(t, doc, Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				var b bytes.Buffer
				if _, err := shared.Document(context.Background(), &b, doc, Options{}); err != nil || b.String() != want {
					t.Error(err, b.String())
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCell(t *testing.T) {
	nb := read(t, cells(md("one"), code("two", stream("out"))))
	var b bytes.Buffer
	if _, err := shared.Cell(context.Background(), &b, nb, 1, Options{}); err != nil || !strings.Contains(b.String(), "two") || strings.Contains(b.String(), "one") {
		t.Error(err, b.String())
	}
	if _, err := shared.Cell(context.Background(), &b, nb, 2, Options{}); err == nil {
		t.Error("there is no cell 2")
	}
}

func TestStylesHaveTheNonce(t *testing.T) {
	html, _ := fragment(t, cells(code("x", stream("\x1b[38;2;1;2;3mx"), shown(map[string]any{"text/html": "<style>#T_a{color:red}</style><p id=T_a style='color:blue'>x</p>"}))), Options{Nonce: `n"1`})
	if strings.Count(html, `<style nonce="n&#34;1">`) != strings.Count(html, "<style") || strings.Count(html, "<style") != 2 || strings.Contains(html, " style=") {
		t.Error(html)
	}
	for _, want := range []string{"color:#010203;", "#u-t_a{color:red;}", "color:blue;", `id="u-t_a"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}

func TestFoldedCode(t *testing.T) {
	html, _ := fragment(t, cells(code("ran", stream("x"))), Options{FoldCode: true})
	if !strings.Contains(html, `<details class="sx-source"><summary>`) {
		t.Error(html)
	}
}

// TestMemoryCache forgets rather than grows.
func TestMemoryCache(t *testing.T) {
	m := newMemory(1_000)
	for i := range 100 {
		m.Put(fmt.Sprint(i), make([]byte, 100))
		if m.bytes > 1_000 {
			t.Fatalf("%d bytes are kept", m.bytes)
		}
	}
	m.Put("large", make([]byte, 900))
	if _, ok := m.Get("large"); ok {
		t.Error("one value takes it all")
	}
	if _, ok := m.Get("99"); !ok {
		t.Error("the last is gone")
	}
}
