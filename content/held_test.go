package content_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"sextant/content"
)

// byLine cuts content into lines, those that begin with "o" outputs.
func byLine(r io.Reader, piece func(content.PieceKind, io.Reader) error) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		kind := content.SourcePiece
		if strings.HasPrefix(line, "o") {
			kind = content.OutputPiece
		}
		if line != "" {
			if err := piece(kind, strings.NewReader(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestSmallContentStandsWithItsRevision(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{MaxHeld: 100, Formats: map[content.Type]content.Format{content.Notebook: {Split: byLine}}})
	line := func(kind string, n int) string { return kind + strings.Repeat("x", n-2) + "\n" }
	for _, c := range []struct {
		name, text string
		held       int64
		blobs      int
	}{
		{"nothing", "", 0, 0},
		{"sources alone", line("s", 50), 50, 0},
		{"with outputs between", line("s", 20) + line("o", 30) + line("s", 20) + line("o", 30), 100, 0},
		{"outputs that leave no room", line("s", 40) + line("o", 61) + line("s", 40), 80, 1},
		{"sources that leave no room", line("s", 101) + line("o", 10), 0, 2},
		{"a large output", line("s", 20) + line("o", 5000) + line("o", 10), 30, 1},
	} {
		r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: c.name, Content: strings.NewReader(c.text)})
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got := f.read(admin, r.ID, content.ReadOptions{}); got != c.text {
			t.Errorf("%s: %q comes back", c.name, got)
		}
		if got := f.read(admin, r.ID, content.ReadOptions{SourceOnly: true}); strings.Contains(got, "o") || strings.Count(got, "s") != strings.Count(c.text, "s") {
			t.Errorf("%s: %q are the sources", c.name, got)
		}
		layout := must1(f.Revision(as(admin), r.ID, r.Head)).Layout
		var held int64
		for _, s := range layout.Segments {
			if s.Blob == len(layout.Blobs) {
				held += s.Length
			}
		}
		if held != c.held || len(layout.Blobs) != c.blobs {
			t.Errorf("%s: %d bytes are held beside %d blobs, want %d and %d", c.name, held, len(layout.Blobs), c.held, c.blobs)
		}
	}
}
