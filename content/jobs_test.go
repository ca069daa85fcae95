package content_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

const (
	resultOne = "01890000-0000-7000-8000-000000000001"
	resultTwo = "01890000-0000-7000-8000-000000000002"
)

// given is a value that comes without an error.
func given[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		return must(t, v, err)
	}
}

// job makes a job of somebody's over a document, or over none.
func (f *fixture) job(who iam.Member, n content.NewJob) (content.Job, error) {
	if n.Content == nil {
		n.Content = strings.NewReader(`{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}`)
	}
	if n.Spec.Cells == nil {
		n.Spec.Cells = []string{"a", "b"}
	}
	n.Spec.Title, n.Server = "secret plan", "here"
	j, _, err := f.CreateJob(as(who), n)
	return j, err
}

func TestJobs(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, f.folder(admin, root, "team").ID, "a.sql", "one")
		f.grant(doc.ID, iam.Runner, "", ana)
		f.grant(doc.ID, iam.Viewer, "", bo)
		for _, c := range []struct {
			who  iam.Member
			n    content.NewJob
			want error
		}{
			{ana, content.NewJob{Document: doc.ID}, nil},
			{ana, content.NewJob{Document: doc.ID, Spec: content.JobSpec{InDocument: true}}, content.ErrDenied},
			{bo, content.NewJob{Document: doc.ID}, content.ErrDenied},
			{cy, content.NewJob{Document: doc.ID}, content.ErrNotFound},
			{"", content.NewJob{}, content.ErrUnauthenticated},
			{cy, content.NewJob{}, nil},
			{cy, content.NewJob{Spec: content.JobSpec{InDocument: true}}, content.ErrInvalid},
			{cy, content.NewJob{Spec: content.JobSpec{Cells: []string{}}}, content.ErrInvalid},
			{cy, content.NewJob{Spec: content.JobSpec{Timeout: -1}}, content.ErrInvalid},
			{cy, content.NewJob{Spec: content.JobSpec{Cells: make([]string, content.MaxJobCells+1)}}, content.ErrInvalid},
		} {
			if _, err := f.job(c.who, c.n); !errors.Is(err, c.want) {
				t.Errorf("%s, %+v: %v, want %v", c.who, c.n.Spec, err, c.want)
			}
		}
		j := given[[]content.Job](t)(f.Jobs(as(ana), content.JobFilter{}))[0]
		// How far it is, is for the server to say.
		_, err := f.AdvanceJob(as(ana), j.ID, func(*content.Job) {})
		wantError(t, content.ErrDenied, err)
		system := content.WithMaintenance(t.Context())
		j = given[content.Job](t)(f.AdvanceJob(system, j.ID, func(j *content.Job) { j.State, j.Done, j.Principal = content.JobRunning, 1, bo }))
		if j.State != content.JobRunning || j.Done != 1 || j.Principal != ana || j.Current() != "b" {
			t.Errorf("%+v", j)
		}
		must0(t, f.SaveJob(as(ana), j.ID, strings.NewReader(`{"cells":[],"metadata":{"x":1},"nbformat":4,"nbformat_minor":5}`)))
		_, body, err := f.ReadJob(as(ana), j.ID)
		must0(t, err)
		if text := string(given[[]byte](t)(io.ReadAll(body))); !strings.Contains(text, `"x":1`) || body.Close() != nil {
			t.Error(text)
		}
		for _, who := range []iam.Member{bo, cy, admin} {
			_, err := f.Job(as(who), j.ID)
			wantError(t, content.ErrNotFound, err)
			_, _, err = f.ReadJob(as(who), j.ID)
			wantError(t, content.ErrNotFound, err)
			wantError(t, content.ErrNotFound, f.SaveJob(as(who), j.ID, strings.NewReader("{}")))
			_, err = f.CancelJob(as(who), j.ID)
			wantError(t, content.ErrNotFound, err)
			wantError(t, content.ErrNotFound, f.DeleteJob(as(who), j.ID))
		}
		// A token that may only read begins, cancels and forgets nothing.
		limited := content.WithActor(t.Context(), content.Actor{Principal: ana, Permissions: []iam.Permission{iam.DocumentsRead}})
		_, err = f.CancelJob(limited, j.ID)
		wantError(t, content.ErrDenied, err)
		_, _, err = f.CreateJob(limited, content.NewJob{Spec: content.JobSpec{Cells: []string{"a"}}, Content: strings.NewReader("{}")})
		wantError(t, content.ErrDenied, err)
		wantError(t, content.ErrInvalid, f.DeleteJob(as(ana), j.ID)) // it has not ended
		j = given[content.Job](t)(f.CancelJob(as(ana), j.ID))
		ended := given[content.Job](t)(f.AdvanceJob(system, j.ID, func(j *content.Job) { j.State = content.JobCancelled }))
		if ended.CancelledAt.IsZero() || ended.EndedAt.IsZero() {
			t.Errorf("%+v", ended)
		}
		if again := given[content.Job](t)(f.AdvanceJob(system, j.ID, func(j *content.Job) { j.State = content.JobRunning })); again.State != content.JobCancelled {
			t.Error("what has ended goes on")
		}
		// With the right to read goes what it gave, and its name.
		p, err := f.GetIamPolicy(as(admin), doc.ID)
		must0(t, err)
		p.Bindings = nil
		_, err = f.SetIamPolicy(as(admin), doc.ID, p)
		must0(t, err)
		_, err = f.Job(as(ana), j.ID)
		wantError(t, content.ErrNotFound, err)
		if all := given[[]content.Job](t)(f.Jobs(as(ana), content.JobFilter{})); len(all) != 1 || all[0].Spec.Title != "" || all[0].Document != "" {
			t.Errorf("%+v", all)
		}
		f.clock.pass(31 * 24 * time.Hour)
		given[content.Maintenance](t)(f.Maintain(system))
		if all := given[[]content.Job](t)(f.Jobs(as(ana), content.JobFilter{})); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

func TestStoredResults(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, f.folder(admin, root, "team").ID, "a.sql", "one")
		f.grant(doc.ID, iam.Editor, "", ana)
		long := strings.Repeat("rows ", 20_000)
		keep := func(who iam.Member, r content.StoredResult) error {
			_, err := f.KeepResult(as(who), r, strings.NewReader(long))
			return err
		}
		one := content.StoredResult{ID: resultOne, Document: doc.ID, Cell: "c", Rows: 3, Complete: true, Columns: []content.ResultColumn{{Name: "n", Type: "INTEGER"}}, Principal: bo}
		wantError(t, content.ErrNotFound, keep(bo, one))
		wantError(t, content.ErrInvalid, keep(ana, content.StoredResult{ID: "../x", Document: doc.ID}))
		wantError(t, content.ErrInvalid, keep(ana, content.StoredResult{ID: resultTwo}))
		must0(t, keep(ana, one))
		wantError(t, content.ErrExists, keep(ana, one)) // whoever chooses an id takes nobody's place
		f.grant(doc.ID, iam.Viewer, "", bo)
		got, body, err := f.ReadResult(as(bo), resultOne)
		must0(t, err)
		if text := string(given[[]byte](t)(io.ReadAll(body))); text != long || body.Close() != nil || got.Principal != ana || got.Rows != 3 {
			t.Errorf("%+v", got)
		}
		_, _, err = f.ReadResult(as(cy), resultOne)
		wantError(t, content.ErrNotFound, err)
		_, err = f.Results(as(cy), doc.ID)
		wantError(t, content.ErrNotFound, err)
		j := given[content.Job](t)(f.job(cy, content.NewJob{}))
		must0(t, keep(cy, content.StoredResult{ID: resultTwo, Job: j.ID}))
		wantError(t, content.ErrNotFound, keep(bo, content.StoredResult{ID: "01890000-0000-7000-8000-000000000003", Job: j.ID}))
		_, err = f.Result(as(admin), resultTwo)
		wantError(t, content.ErrNotFound, err)
		// A document takes a job's over, for its own readers.
		kept := f.sql(cy, given[content.Resource](t)(f.Home(as(cy))).ID, "kept.sql", "one")
		const taken = "01890000-0000-7000-8000-000000000004"
		wantError(t, content.ErrDenied, f.TakeResults(as(bo), j.ID, doc.ID, map[string]string{resultTwo: taken}))
		wantError(t, content.ErrNotFound, f.TakeResults(as(ana), j.ID, doc.ID, map[string]string{resultTwo: taken})) // it is not their job
		wantError(t, content.ErrNotFound, f.TakeResults(as(cy), j.ID, doc.ID, map[string]string{resultTwo: taken}))
		must0(t, f.TakeResults(as(cy), j.ID, kept.ID, map[string]string{resultTwo: taken}))
		f.grant(kept.ID, iam.Viewer, "", bo)
		_, body, err = f.ReadResult(as(bo), taken)
		must0(t, err)
		must0(t, body.Close())
		if all := given[[]content.StoredResult](t)(f.JobResults(as(cy), j.ID)); len(all) != 1 || all[0].ID != resultTwo {
			t.Errorf("%+v", all)
		}
		// In time its rows are given up, and their blob with them.
		system := content.WithMaintenance(t.Context())
		f.clock.pass(31 * 24 * time.Hour)
		did := given[content.Maintenance](t)(f.Maintain(system))
		did2 := given[content.Maintenance](t)(f.Maintain(system))
		if did.Evicted != 3 || did.Collected+did2.Collected == 0 {
			t.Errorf("%+v %+v", did, did2)
		}
		if r := given[content.StoredResult](t)(f.Result(as(bo), resultOne)); r.EvictedAt.IsZero() || r.Rows != 3 {
			t.Errorf("%+v", r)
		}
		_, _, err = f.ReadResult(as(bo), resultOne)
		wantError(t, content.ErrEvicted, err)
	})
}
