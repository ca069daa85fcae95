package content_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestSnapshotsAreInTheAuditLog makes some, and deletes them as who made them and as who may change the document.
func TestSnapshotsAreInTheAuditLog(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	doc := f.owned(ana, "a.sql")
	f.grant(doc, iam.Viewer, "", bo)
	const id = "0190aaaa-0000-7000-8000-000000000001"
	_, err := f.KeepResult(as(ana), content.StoredResult{ID: id, Document: doc, Columns: []content.ResultColumn{{Name: "n", Type: "INTEGER"}}}, strings.NewReader("rows"))
	must0(t, err)
	for _, who := range []iam.Member{ana, bo} {
		snap, err := f.CreateSnapshot(as(bo), content.Snapshot{Result: id, Name: "monday", Query: "sort=n"})
		must0(t, err)
		must0(t, f.DeleteSnapshot(as(who), snap.ID))
	}
	log, err := f.Audit(as(admin), content.AuditFilter{Resource: doc}, content.PageRequest{})
	must0(t, err)
	var did []string
	for _, e := range log.Items {
		if strings.HasSuffix(e.Operation, "Snapshot") {
			did = append(did, fmt.Sprintf("%s %s %s", e.Actor, e.Operation, e.Detail))
		}
	}
	slices.Sort(did)
	what := fmt.Sprintf(`{"name":"monday","result":"%s"}`, id)
	if want := []string{"user:ana@x.org DeleteSnapshot " + what, "user:bo@x.org CreateSnapshot " + what, "user:bo@x.org CreateSnapshot " + what, "user:bo@x.org DeleteSnapshot " + what}; !slices.Equal(did, want) {
		t.Errorf("%v\nwant %v", did, want)
	}
}
