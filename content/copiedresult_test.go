package content_test

import (
	"io"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestACopyHasItsResults copies a document, alone and with its folder: who may read a copy alone reads its rows, by the id that its
// outputs name, and sees nothing of what others made of the original's.
func TestACopyHasItsResults(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		doc := f.sql(admin, folder.ID, "a.sql", "one")
		for _, id := range []string{resultOne, resultTwo} {
			_, err := f.KeepResult(as(admin), content.StoredResult{ID: id, Document: doc.ID, Cell: "c", Columns: []content.ResultColumn{{Name: "n", Type: "INTEGER"}}}, strings.NewReader("rows of "+id))
			must0(t, err)
		}
		_, err := f.CreateSnapshot(as(admin), content.Snapshot{Result: resultOne, Name: "private"})
		must0(t, err)
		rows := func(who iam.Member, id string) (string, content.StoredResult) {
			r, body, err := f.ReadResult(as(who), id)
			must0(t, err)
			text, err := io.ReadAll(body)
			must0(t, err)
			must0(t, body.Close())
			return string(text), r
		}
		wantError(t, content.ErrNotFound, ignore(f.Result(as(bo), resultOne)))
		copied, err := f.Copy(as(admin), doc.ID, root, "b.sql", "")
		must0(t, err)
		wantError(t, content.ErrNotFound, ignore(f.Result(as(bo), resultOne)))
		f.grant(copied.ID, iam.Editor, "", bo)
		text, r := rows(bo, resultOne)
		if text != "rows of "+resultOne || r.ID == resultOne || r.Document != copied.ID || r.CopyOf != resultOne || r.Cell != "c" || r.Principal != admin {
			t.Errorf("%s of %+v", text, r)
		}
		// Its snapshots are its own.
		none, err := f.Snapshots(as(bo), resultOne)
		must0(t, err)
		if len(none) != 0 {
			t.Errorf("snapshots of the original: %v", none)
		}
		made, err := f.CreateSnapshot(as(bo), content.Snapshot{Result: resultOne, Name: "mine"})
		must0(t, err)
		if made.Result != r.ID {
			t.Errorf("a snapshot of %s", made.Result)
		}
		// A link to rows of the copy shows rows of the copy.
		f.grant(copied.ID, iam.Owner, "", bo)
		_, _, err = f.CreateShareLink(as(bo), content.ShareLink{ResourceID: copied.ID, Shows: &content.ResultView{Result: resultOne}})
		wantError(t, content.ErrNotFound, err)
		_, _, err = f.CreateShareLink(as(bo), content.ShareLink{ResourceID: copied.ID, Shows: &content.ResultView{Result: r.ID}})
		must0(t, err)
		// A folder's copy, and a copy's copy: outputs name the first. Both are newest first.
		tree, err := f.CopyTree(as(admin), folder.ID, content.CopyRequest{Parent: root, Name: "team2"})
		must0(t, err)
		mine := f.folder(admin, root, "mine")
		f.grant(mine.ID, iam.Editor, "", bo)
		again, err := f.CopyTree(as(bo), copied.ID, content.CopyRequest{Parent: mine.ID, Name: "c.sql"})
		must0(t, err)
		below, err := f.List(as(admin), tree.Resource.ID, content.ByName, content.PageRequest{})
		must0(t, err)
		inTree, err := f.Results(as(admin), below.Items[0].ID)
		must0(t, err)
		inAgain, err := f.Results(as(bo), again.Resource.ID)
		must0(t, err)
		for _, all := range [][]content.StoredResult{inTree, inAgain} {
			if len(all) != 2 || all[0].CopyOf != resultTwo || all[1].CopyOf != resultOne {
				t.Errorf("%+v", all)
			}
		}
		// The copy does not need the original.
		must0(t, f.Trash(as(admin), doc.ID, ""))
		must0(t, f.Purge(as(admin), doc.ID))
		if text, _ := rows(bo, resultTwo); text != "rows of "+resultTwo {
			t.Error(text)
		}
		_, err = f.Maintain(as(admin))
		must0(t, err)
		if text, _ := rows(bo, resultTwo); text != "rows of "+resultTwo {
			t.Error(text)
		}
	})
}
