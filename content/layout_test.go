package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// cut gives the pieces of a text.
func cut(t *rapid.T, text string, chunk int) (whole, source string, outputs []string) {
	var r io.Reader = strings.NewReader(text)
	if chunk == 1 {
		r = iotest.OneByteReader(r)
	}
	err := CutOutputs(r, func(kind PieceKind, piece io.Reader) error {
		b, err := io.ReadAll(piece)
		whole += string(b)
		if kind == SourcePiece {
			source += string(b)
		} else {
			outputs = append(outputs, string(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return whole, source, outputs
}

// TestCutOutputs draws notebooks, with traps in their sources, and checks that the pieces are the notebook, that it is
// cut where its outputs are and that what is left without them is the notebook with empty outputs.
func TestCutOutputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trap := rapid.SampledFrom([]string{"x", `"outputs": [1]`, `\"]}[{`, "]", "outputs", `{"cells":[{"outputs":[`, "é\n"})
		var cells []any
		var want []string
		for range rapid.IntRange(0, 4).Draw(t, "cells") {
			cell := map[string]any{"source": trap.Draw(t, "source"), "metadata": map[string]any{"outputs": []any{trap.Draw(t, "metadata")},
				"cells": []any{map[string]any{"outputs": []int{1}}}}}
			if rapid.Bool().Draw(t, "code") {
				outputs := []any{}
				for range rapid.IntRange(0, 2).Draw(t, "outputs") {
					outputs = append(outputs, map[string]any{"text": trap.Draw(t, "text"), "data": []any{[]any{}, map[string]any{"outputs": []any{}}}})
				}
				cell["outputs"] = outputs
				text, err := json.Marshal(outputs)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, string(text[1:len(text)-1]))
			}
			cells = append(cells, cell)
		}
		notebook := map[string]any{"cells": cells, "metadata": map[string]any{"outputs": []int{7}, "cells": 1}, "nbformat": 4}
		text, err := json.Marshal(notebook)
		if err != nil {
			t.Fatal(err)
		}
		whole, source, outputs := cut(t, string(text), rapid.IntRange(0, 1).Draw(t, "chunk"))
		if whole != string(text) {
			t.Fatalf("pieces %q, want %q", whole, text)
		}
		if fmt.Sprintf("%q", outputs) != fmt.Sprintf("%q", want) {
			t.Fatalf("outputs %q, want %q", outputs, want)
		}
		for _, c := range cells {
			if _, code := c.(map[string]any)["outputs"]; code {
				c.(map[string]any)["outputs"] = []any{}
			}
		}
		stripped, err := json.Marshal(notebook)
		if err != nil {
			t.Fatal(err)
		}
		if source != string(stripped) {
			t.Fatalf("source %q, want %q", source, stripped)
		}
	})
}

// FuzzCutOutputs: whatever comes in comes out, in the same order.
func FuzzCutOutputs(f *testing.F) {
	for _, s := range []string{"", "{", `{"cells":[{"outputs":[`, `{"cells":[{"outputs":[]}]}]]]}}}}`, `{"cells":[{"outputs":["\`, `{"cells":[{"outputs":[}}}}}}]]]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var whole bytes.Buffer
		err := CutOutputs(strings.NewReader(s), func(_ PieceKind, piece io.Reader) error {
			_, err := io.Copy(&whole, piece)
			return err
		})
		if err != nil || whole.String() != s {
			t.Fatalf("%q, %v; want %q", whole.String(), err, s)
		}
	})
}

func TestCutOutputsPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	err := CutOutputs(io.MultiReader(strings.NewReader(`{"cells":[{"outputs":[`), iotest.ErrReader(broken)), func(_ PieceKind, piece io.Reader) error {
		_, err := io.ReadAll(piece)
		return err
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
}

func TestLayoutEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Layout
		for range rapid.IntRange(1, 5).Draw(t, "blobs") {
			var d Digest
			copy(d[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
			l.Blobs = append(l.Blobs, d)
		}
		for range rapid.IntRange(0, 9).Draw(t, "segments") {
			l.Segments = append(l.Segments, Segment{PieceKind(rapid.IntRange(0, 1).Draw(t, "kind")),
				rapid.IntRange(0, len(l.Blobs)-1).Draw(t, "blob"), rapid.Int64Range(0, 1<<40).Draw(t, "length")})
		}
		if rapid.Bool().Draw(t, "held") {
			l.Held = rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "packed")
			l.Segments = append(l.Segments, Segment{SourcePiece, len(l.Blobs), 5})
		}
		encoded := l.Encode()
		got, err := DecodeLayout(encoded)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(l) {
			t.Fatalf("%v, %v; want %v", got, err, l)
		}
		if _, err := DecodeLayout(encoded[:rapid.IntRange(0, 32).Draw(t, "cut")]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("a cut layout decodes: %v", err)
		}
	})
}

func FuzzDecodeLayout(f *testing.F) {
	f.Add(Layout{Blobs: []Digest{{1}}, Segments: []Segment{{OutputPiece, 0, 7}}}.Encode())
	f.Add(Layout{Held: []byte{1, 2}, Segments: []Segment{{SourcePiece, 0, 7}}}.Encode())
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = DecodeLayout(b) })
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "[]",
		"Total_Café, naïve+x":       "[total cafe naive x]",
		"cafe\u0301s":               "[cafes]",
		"東京 tower 2026-11":          "[東 京 tower 2026 11]",
		"ﬁne ＡＢＣ":                   "[fine abc]",
		strings.Repeat("x", 100):    "[" + strings.Repeat("x", MaxWordLength) + "]",
		"a\x00b \xff c":             "[a b c]",
		"select * from t where a>1": "[select from t where a 1]",
	} {
		if got := fmt.Sprint(Words(in)); got != want {
			t.Errorf("Words(%q) = %s, want %s", in, got, want)
		}
	}
}
