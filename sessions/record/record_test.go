package record

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sextant/content/notebook"
	"sextant/kernel/wire"
)

func say(t *testing.T, msgType string, content any) *wire.Message {
	t.Helper()
	m, err := wire.NewMessage("k", "k", msgType, content)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func shown(nb []notebook.Output) string {
	b, _ := json.Marshal(nb)
	return string(b)
}

func TestStreamsAreResolvedAsTerminalsDo(t *testing.T) {
	for _, c := range []struct {
		parts []string
		want  string
	}{
		{[]string{"a\n", "b"}, "a\nb"},
		{[]string{"10%\r", "20%\r", "100%\n"}, "100%\n"},
		{[]string{"long line\rshort"}, "shortline"},
		{[]string{"ab\b", "c"}, "ac"},
		{[]string{"\b\bx"}, "x"},
		{[]string{"one\r\ntwo\r\n"}, "one\ntwo\n"},
		{[]string{"é", "è\rü"}, "üè"},
	} {
		var s terminal
		for _, p := range c.parts {
			s.write(p)
		}
		if got := s.String(); got != c.want {
			t.Errorf("%q: %q, want %q", c.parts, got, c.want)
		}
	}
}

func TestACellGathersWhatItsKernelSays(t *testing.T) {
	c := NewCell("c", "r", 5)
	take := func(msgType string, content any) *Update {
		_, u := c.Take(say(t, msgType, content), c.Last+1, time.Now())
		return u
	}
	take("status", wire.Status{ExecutionState: wire.StateBusy})
	take("execute_input", wire.ExecuteInput{Code: "x", ExecutionCount: 3})
	take("stream", wire.Stream{Name: "stdout", Text: "a"})
	take("stream", wire.Stream{Name: "stdout", Text: "b\n"})
	take("stream", wire.Stream{Name: "stderr", Text: "e"})
	take("display_data", wire.DisplayData{Data: wire.MIMEBundle{"text/plain": json.RawMessage(`"old"`)}, Transient: wire.Transient{DisplayID: "d"}})
	if u := take("update_display_data", wire.DisplayData{Data: wire.MIMEBundle{"text/plain": json.RawMessage(`"new"`)}, Transient: wire.Transient{DisplayID: "d"}}); u == nil || !c.Apply(u) {
		t.Fatal("the display was not updated")
	}
	take("execute_result", wire.ExecuteResult{ExecutionCount: 3, Data: wire.MIMEBundle{"text/plain": json.RawMessage(`"42"`)}})
	got := shown(c.Outputs())
	for _, want := range []string{`"ab\n"`, `"e"`, `"new"`, `"42"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "old") || len(c.Outputs()) != 4 {
		t.Errorf("got %s", got)
	}
	// clear_output(wait) clears with the next output, and not before.
	take("clear_output", wire.ClearOutput{Wait: true})
	if len(c.Outputs()) != 4 {
		t.Error("it was cleared at once")
	}
	take("error", wire.ErrorContent{EName: "E", EValue: "v"})
	if len(c.Outputs()) != 1 || c.Done() {
		t.Errorf("got %s", shown(c.Outputs()))
	}
	take("status", wire.Status{ExecutionState: wire.StateIdle})
	if !c.Done() || *c.Count != 3 || c.Code != "x" || c.First != 5 {
		t.Errorf("%+v", c)
	}
}

func TestACellIsBounded(t *testing.T) {
	c := NewCell("c", "r", 1)
	block := strings.Repeat("x", 1<<20) + "\n"
	for range 100 {
		c.Take(say(t, "stream", wire.Stream{Name: "stdout", Text: block}), 1, time.Now())
	}
	out := c.Outputs()
	if len(out) != 2 || !strings.Contains(shown(out[1:]), "not kept") || c.bytes > MaxCellBytes+len(block) {
		t.Errorf("%d outputs, %d bytes", len(out), c.bytes)
	}
}

// cells makes a notebook of cells as "id count output".
func cells(t *testing.T, specs ...string) *notebook.Notebook {
	t.Helper()
	nb := notebook.New()
	for _, s := range specs {
		f := strings.SplitN(s, " ", 3)
		c := notebook.Cell{ID: f[0], Type: notebook.Code, Source: "s", Metadata: notebook.Object{}}
		if len(f) > 1 && f[1] != "-" {
			n := int64(f[1][0] - '0')
			c.ExecutionCount = &n
		}
		if len(f) > 2 {
			for _, o := range strings.Split(f[2], "|") {
				c.Outputs = append(c.Outputs, notebook.NewStream("stdout", o))
			}
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

func TestMergeRuns(t *testing.T) {
	for name, c := range map[string]struct {
		base, head, incoming, want string
		seen                       bool
	}{
		"a tab that was asleep":            {"a -", "a 1 out", "a -", "a 1 out", false},
		"it was cleared":                   {"a -", "a 1 out", "a -", "a -", true},
		"a tab that saw it":                {"a -", "a 1 out", "a 1 out", "a 1 out", true},
		"a tab that saw a part":            {"a -", "a 1 o|p|q", "a - o|p", "a 1 o|p|q", true},
		"a part of the last output":        {"a -", "a 1 one two", "a - one", "a 1 one two", true},
		"the same execution, cut off":      {"a -", "a 2 o|p", "a 2 o", "a 2 o|p", true},
		"an older run was there":           {"a 1 old", "a 2 new", "a 1 old", "a 2 new", false},
		"an older run, cleared":            {"a 1 old", "a 2 new", "a -", "a -", true},
		"run again elsewhere":              {"a 1 old", "a 2 new", "a 3 newest", "a 3 newest", true},
		"nothing was recorded":             {"a 1 old", "a 1 old", "a -", "a -", false},
		"a cell that the client deleted":   {"a -", "a 1 out", "b -", "b -", false},
		"a cell that is only the client's": {"a -", "a 1 out", "c 7 mine", "c 7 mine", false},
		"recorded before it was saved":     {"b -", "a 1 out", "a -", "a 1 out", false},
	} {
		base, head, in := cells(t, c.base), cells(t, c.head), cells(t, c.incoming)
		before := in.Clone()
		got := MergeRuns(base, head, in, func(string) bool { return c.seen })
		if !got.Equal(cells(t, c.want)) {
			t.Errorf("%s: got %s of %v", name, shown(got.Cells[0].Outputs), got.Cells[0].ExecutionCount)
		}
		if !in.Equal(before) {
			t.Errorf("%s: what came in was changed", name)
		}
	}
}
