package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/server/web"
)

// maxCompared bounds each side of a comparison: unlike reading and saving, it holds them in memory.
const maxCompared = 64 << 20

// enter waits for one of the few comparisons that may run at a time.
func (a *API) enter(ctx context.Context) (leave func(), err error) {
	select {
	case a.comparing <- struct{}{}:
		return func() { <-a.comparing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// side is one version in a comparison.
type side struct {
	kind     content.Type
	revision content.Revision
	text     []byte
}

func (a *API) side(ctx context.Context, id content.ResourceID, which content.RevisionID) (side, error) {
	r, err := a.o.Service.Read(ctx, id, content.ReadOptions{Revision: which})
	if err != nil {
		return side{}, err
	}
	defer r.Body.Close() // it only releases
	if r.Size > maxCompared {
		return side{}, fmt.Errorf("%w: at most %d bytes can be compared", content.ErrTooLarge, maxCompared)
	}
	text, err := io.ReadAll(r.Body)
	return side{r.Resource.Type, r.Revision, text}, err
}

func (s side) notebook() (*notebook.Notebook, error) {
	nb, _, err := notebook.Read(s.text)
	if err != nil {
		return nil, fmt.Errorf("%w notebook: %v", content.ErrInvalid, err)
	}
	return nb, nil
}

func (s side) plain() (string, error) {
	if !utf8.Valid(s.text) || bytes.IndexByte(s.text, 0) >= 0 {
		return "", fmt.Errorf("%w document: it is not text", content.ErrInvalid)
	}
	return string(s.text), nil
}

func (a *API) diff(ctx context.Context, id content.ResourceID, from content.RevisionID, other content.ResourceID, to content.RevisionID) (Diff, error) {
	leave, err := a.enter(ctx)
	if err != nil {
		return Diff{}, err
	}
	defer leave()
	next, err := a.side(ctx, other, to)
	if err != nil {
		return Diff{}, err
	}
	if from == "" && id == other {
		if from = next.revision.Parent; from == "" {
			from = next.revision.ID
		}
	}
	last, err := a.side(ctx, id, from)
	if err != nil {
		return Diff{}, err
	}
	out := Diff{From: viewRevision(last.revision), To: viewRevision(next.revision), Same: bytes.Equal(last.text, next.text)}
	if last.kind == content.Notebook && next.kind == content.Notebook {
		x, err := last.notebook()
		if err != nil {
			return Diff{}, err
		}
		y, err := next.notebook()
		if err != nil {
			return Diff{}, err
		}
		out.Cells = &NotebookDiff{notebook.Diff(x, y)}
		return out, nil
	}
	x, err := last.plain()
	if err != nil {
		return Diff{}, err
	}
	y, err := next.plain()
	if err != nil {
		return Diff{}, err
	}
	lines := notebook.DiffText(x, y)
	if lines == nil {
		lines = []notebook.LineChange{}
	}
	out.Lines = &lines
	return out, nil
}

func (a *API) merge(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	leave, err := a.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	id := resourceID(r.PathValue("id"))
	query := r.URL.Query()
	if query.Get("base") == "" {
		return fmt.Errorf("%w merge: name the revision that both sides were made from as base", content.ErrInvalid)
	}
	theirs, err := a.side(ctx, id, content.RevisionID(query.Get("theirs")))
	if err != nil {
		return err
	}
	base, err := a.side(ctx, id, content.RevisionID(query.Get("base")))
	if err != nil {
		return err
	}
	// Not a web.Upload: a body that trickles in would keep others waiting for their turn.
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCompared))
	if err != nil {
		return err
	}
	if which := query.Get("ours"); which != "" {
		if len(text) > 0 {
			return fmt.Errorf("%w merge: ours names a revision, and there is a body too", content.ErrInvalid)
		}
		ours, err := a.side(ctx, id, content.RevisionID(which))
		if err != nil {
			return err
		}
		text = ours.text
	}
	out := Merge{Current: viewRevision(theirs.revision), Conflicts: []notebook.Conflict{}}
	var conflicts []notebook.Conflict
	if out.Content, conflicts, err = mergeSides(base, side{kind: theirs.kind, text: text}, theirs); err != nil {
		return err
	}
	out.Conflicts = append(out.Conflicts, conflicts...)
	return web.WriteJSON(w, http.StatusOK, out)
}

func mergeSides(base, ours, theirs side) (string, []notebook.Conflict, error) {
	sides := [3]side{base, ours, theirs}
	if theirs.kind != content.Notebook {
		var texts [3]string
		for i, s := range sides {
			var err error
			if texts[i], err = s.plain(); err != nil {
				return "", nil, err
			}
		}
		merged, conflicts := notebook.MergeText(texts[0], texts[1], texts[2])
		return merged, conflicts, nil
	}
	var books [3]*notebook.Notebook
	for i, s := range sides {
		var err error
		if books[i], err = s.notebook(); err != nil {
			return "", nil, err
		}
	}
	merged, conflicts := notebook.Merge(books[0], books[1], books[2])
	var b strings.Builder
	err := notebook.Write(&b, merged)
	return b.String(), conflicts, err
}
