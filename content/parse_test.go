package content_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sextant/content"
)

// upper is a format whose normal form is in capitals, and which cannot read what holds an exclamation mark.
func upper(limit int64) map[content.Type]content.Format {
	return map[content.Type]content.Format{content.Notebook: {MaxParsed: limit, Empty: "EMPTY", Parse: func(text []byte) content.Parsed {
		if at := bytes.IndexByte(text, '!'); at >= 0 {
			return content.Parsed{Problem: "an exclamation mark " + strings.Repeat("é", content.MaxProblemLength)}
		}
		normal := bytes.ToUpper(text)
		return content.Parsed{Source: string(text), Write: func(w io.Writer) error { _, err := w.Write(normal); return err }}
	}}}
}

func TestContentIsKeptInItsNormalForm(t *testing.T) {
	scratch := t.TempDir()
	f := newFixture(t, openSQLite(t), content.Options{Formats: upper(3 << 20), Scratch: scratch})
	large, tooLarge := strings.Repeat("b", 2<<20), strings.Repeat("c", 3<<20+1)
	r := must1(f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n.ipynb"}))
	if got := f.read(admin, r.ID, content.ReadOptions{}); got != "EMPTY" {
		t.Errorf("made without content: %q", got)
	}
	for _, c := range []struct {
		name, in, want, problem string
	}{
		{"small", "a", "A", ""},
		{"large", large, strings.ToUpper(large), ""},
		{"unreadable", "no!", "no!", "an exclamation mark"},
		{"unreadable and large", "!" + large, "!" + large, "an exclamation mark"},
		{"as large as is read", tooLarge[1:], strings.ToUpper(tooLarge[1:]), ""},
		{"too large to be read", tooLarge, tooLarge, "larger than 3145728 bytes"},
	} {
		saved := f.save(admin, r.ID, content.AnyRevision, c.in)
		if got := f.read(admin, r.ID, content.ReadOptions{}); got != c.want {
			t.Errorf("%s: %d bytes are %.20q, want %.20q", c.name, len(got), got, c.want)
		}
		if saved.Size != int64(len(c.want)) || !strings.Contains(saved.Problem, c.problem) || (c.problem == "") != (saved.Problem == "") {
			t.Errorf("%s: %d bytes, problem %q", c.name, saved.Size, saved.Problem)
		}
		if len(saved.Problem) > content.MaxProblemLength {
			t.Errorf("%s: a problem of %d bytes", c.name, len(saved.Problem))
		}
		if got := must1(f.Get(as(admin), r.ID)); got.Problem != saved.Problem {
			t.Errorf("%s: the document has problem %q", c.name, got.Problem)
		}
	}
	// The normal form decides whether anything has changed; an old problem comes back with what has it.
	one := f.save(admin, r.ID, content.AnyRevision, "same")
	if again, saved, err := f.Save(as(admin), r.ID, content.NewRevision{Base: one.ID, Content: strings.NewReader("SAME")}); err != nil || saved || again.ID != one.ID {
		t.Errorf("the same in another form: %v %v %v", again.ID, saved, err)
	}
	history := all(t, 100, func(p content.PageRequest) (content.Page[content.Revision], error) {
		return f.History(as(admin), r.ID, false, p)
	})
	broken := history[len(history)-4]
	if back, _, err := f.RestoreRevision(as(admin), r.ID, broken.ID, content.AnyRevision); err != nil || back.Problem != broken.Problem || broken.Problem == "" {
		t.Errorf("restored %q %v, was %q", back.Problem, err, broken.Problem)
	}
	// An upload that fails leaves nothing.
	broke := errors.New("broke")
	_, _, err := f.Save(as(admin), r.ID, content.NewRevision{Base: content.AnyRevision, Content: io.MultiReader(strings.NewReader(large), endingIn{broke})})
	wantError(t, broke, err)
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left in the scratch directory: %v %v", left, err)
	}
}

func TestWhatIsTooLargeToBeParsedIsSearched(t *testing.T) {
	formats := upper(10)
	format := formats[content.Notebook]
	format.Text = func(r io.Reader) (string, string, error) {
		b, err := io.ReadAll(r)
		return string(b), "", err
	}
	formats[content.Notebook] = format
	f := newFixture(t, openSQLite(t), content.Options{Formats: formats})
	r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n.ipynb", Content: strings.NewReader("a needle in a haystack")})
	if err != nil || r.Problem == "" {
		t.Fatalf("problem %q, %v", r.Problem, err)
	}
	found, err := f.Search(as(admin), content.SearchRequest{Query: "needle"})
	if err != nil || len(found.Items) != 1 || found.Items[0].ID != r.ID {
		t.Errorf("found %+v, %v", found.Items, err)
	}
}

// endingIn is a reader that ends in an error.
type endingIn struct{ err error }

func (f endingIn) Read([]byte) (int, error) { return 0, f.err }

// must1 drops the zero error of a pair, for calls whose error is part of must.
func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
