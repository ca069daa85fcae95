package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sextant/content/iam"
)

// NewJob is what CreateJob makes.
type NewJob struct {
	Document ResourceID
	Server   string
	Spec     JobSpec
	// Content is the notebook that is executed.
	Content io.Reader
	// IdempotencyKey, where not empty, makes CreateJob give the job that the same Request with this key has made within a day.
	IdempotencyKey string
	Request        Digest
}

// CreateJob queues a job of the actor. A document's takes [iam.DocumentsExecute] on it, and to put outputs into it
// [iam.DocumentsUpdate]. made is false where the key gives a job that was there.
func (s *Service) CreateJob(ctx context.Context, n NewJob) (out Job, made bool, err error) {
	out, err = s.createJob(ctx, n, &made)
	return out, made, s.refused(ctx, opCreateJob, n.Document, err)
}

func (s *Service) createJob(ctx context.Context, n NewJob, made *bool) (Job, error) {
	spec := n.Spec
	if spec.Title = clip(spec.Title, maxJobTitle); len(spec.Cells) == 0 || len(spec.Cells) > MaxJobCells {
		return Job{}, fmt.Errorf("%w job: it has %d cells to execute; want 1 to %d", ErrInvalid, len(spec.Cells), MaxJobCells)
	}
	if spec.Timeout < 0 || spec.Timeout > maxJobTime {
		return Job{}, fmt.Errorf("%w job: a time-out of %v; at most %v", ErrInvalid, spec.Timeout, maxJobTime)
	}
	if details, err := json.Marshal(spec); err != nil || len(details) > maxJobDetails {
		return Job{}, fmt.Errorf("%w job: parameters and cells have more than %d bytes", ErrInvalid, maxJobDetails)
	}
	if n.Document == "" && spec.InDocument {
		return Job{}, fmt.Errorf("%w job: there is no document to put outputs into", ErrInvalid)
	}
	if err := checkKey(n.IdempotencyKey); err != nil {
		return Job{}, err
	}
	if err := s.view(ctx, func(a *access) error { _, err := a.mayRun(n.Document, spec.InDocument); return err }); err != nil {
		return Job{}, err
	}
	w, err := s.keepJob(ctx, n.Content, Layout{})
	if err != nil {
		return Job{}, err
	}
	out := Job{ID: newID(), Document: n.Document, State: JobQueued, Server: n.Server, Spec: spec}
	return out, s.update(ctx, func(a *access) error {
		who, err := a.mayRun(n.Document, spec.InDocument)
		if err != nil {
			return err
		}
		if known, err := a.remembered(who, n.IdempotencyKey, n.Request); err != nil {
			return err
		} else if known != "" {
			out, err = a.job(known)
			return err
		}
		*made = true
		open, err := a.tx.CountJobs(who)
		if err != nil {
			return err
		}
		if open >= MaxOpenJobs {
			return fmt.Errorf("%w job: you have %d that have not ended; wait for some, or cancel them", ErrInvalid, open)
		}
		out.Principal, out.CreatedAt = who, a.now
		if err := a.putJob(&out, w, Layout{}); err != nil {
			return err
		}
		if err := a.remember(who, n.IdempotencyKey, n.Request, out.ID); err != nil {
			return err
		}
		return a.log(opCreateJob, n.Document, detail("job", out.ID, "revision", spec.Revision, "inDocument", spec.InDocument))
	})
}

// mayRun tells who acts, where they may run a document; without one, whoever has signed in may run, unless their token does not let them.
func (a *access) mayRun(document ResourceID, update bool) (iam.Member, error) {
	who, err := a.signedIn()
	if err != nil {
		return "", err
	}
	if document == "" {
		if a.limited(a.s.operations[opCreateJob]) {
			return "", ErrDenied
		}
		return who, nil
	}
	t, err := a.check(opCreateJob, document)
	if err != nil {
		return "", err
	}
	needs := []iam.Permission{iam.DocumentsRead}
	if update {
		needs = append(needs, iam.DocumentsUpdate)
	}
	for _, p := range needs {
		if ok, err := a.allowed(t, p); err != nil || !ok {
			return "", orDenied(err)
		}
	}
	return who, nil
}

// keepJob stores a job's notebook.
func (s *Service) keepJob(ctx context.Context, r io.Reader, base Layout) (written, error) {
	if r == nil {
		return written{}, fmt.Errorf("%w job: no content", ErrInvalid)
	}
	return write(ctx, s.blobs, s.formats[Notebook].Split, r, s.options.MaxSize, s.options.MaxHeld, base)
}

// putJob stores a job over content that keepJob has stored, as commit does for revisions.
func (a *access) putJob(j *Job, w written, base Layout) error {
	if err := a.noteBlobs(w, base); err != nil {
		return err
	}
	j.Layout, j.Size = w.layout, w.size
	return a.tx.PutJob(*j)
}

// job finds a job of the actor. One of a document is there only while they may read that.
func (a *access) job(id string) (Job, error) {
	who, err := a.signedIn()
	if err != nil {
		return Job{}, err
	}
	j, err := a.tx.Job(id)
	if err == nil && j.Principal != who {
		return Job{}, ErrNotFound
	}
	if err == nil && j.Document != "" {
		if _, err := a.checkPermission(iam.DocumentsRead, j.Document, false); err != nil {
			return Job{}, ErrNotFound
		}
	}
	return j, err
}

// Job gives one of the actor's jobs, as long as they may read its document.
func (s *Service) Job(ctx context.Context, id string) (Job, error) {
	var out Job
	err := s.view(ctx, func(a *access) (err error) { out, err = a.job(id); return err })
	return out, s.refused(ctx, opJob, "", err)
}

// Jobs lists the actor's jobs, newest first.
func (s *Service) Jobs(ctx context.Context, f JobFilter) ([]Job, error) {
	var out []Job
	if f.Limit <= 0 || f.Limit > maxJobs {
		f.Limit = 100
	}
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		all, err := a.tx.Jobs(who, f)
		if err != nil {
			return err
		}
		may := map[ResourceID]bool{"": true}
		for _, j := range all {
			ok, known := may[j.Document]
			if !known {
				_, err := a.checkPermission(iam.DocumentsRead, j.Document, false)
				if ok = err == nil; err != nil && !isNotFound(err) && !errors.Is(err, ErrDenied) {
					return err
				}
				may[j.Document] = ok
			}
			if !ok { // what it is called is the document's secret too
				j.Spec = JobSpec{Cells: make([]string, len(j.Spec.Cells))}
				j.FailedCell, j.ErrorName, j.Error, j.Document = "", "", "", ""
			}
			out = append(out, j)
		}
		return nil
	})
	return out, s.refused(ctx, opJobs, "", err)
}

// ReadJob gives one of the actor's jobs with its notebook, as far as it has been executed. The caller closes the reader.
func (s *Service) ReadJob(ctx context.Context, id string) (Job, io.ReadCloser, error) {
	var out Job
	err := s.view(ctx, func(a *access) (err error) { out, err = a.job(id); return err })
	if err != nil {
		return out, nil, s.refused(ctx, opReadJob, "", err)
	}
	body, err := openLayout(ctx, s.blobs, out.Layout, false, 0, -1)
	return out, body, err
}

// SaveJob replaces the notebook of one of the actor's jobs. It is called by the recorder.
func (s *Service) SaveJob(ctx context.Context, id string, content io.Reader) error {
	var base Layout
	err := s.view(ctx, func(a *access) error {
		j, err := a.job(id)
		base = j.Layout
		return err
	})
	if err == nil {
		var w written
		if w, err = s.keepJob(ctx, content, base); err == nil {
			err = s.update(ctx, func(a *access) error {
				j, err := a.job(id)
				if err != nil {
					return err
				}
				return a.putJob(&j, w, base)
			})
		}
	}
	return s.refused(ctx, opSaveJob, "", err)
}

// AdvanceJob notes how far a job is. It is called by the server that runs it, as its own upkeep; of one that has ended
// nothing changes any more.
func (s *Service) AdvanceJob(ctx context.Context, id string, change func(*Job)) (Job, error) {
	var out Job
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opAdvanceJob); err != nil {
			return err
		}
		j, err := a.tx.Job(id)
		if err != nil {
			return err
		}
		if out = j; j.State.Ended() {
			return nil
		}
		next := j
		change(&next)
		j.State, j.JobProgress = next.State, next.JobProgress
		j.Error, j.ErrorName = clip(j.Error, maxJobError), clip(j.ErrorName, maxJobTitle)
		if j.State.Ended() {
			j.EndedAt = a.now
		}
		out = j
		return a.tx.PutJob(j)
	})
	return out, s.refused(ctx, opAdvanceJob, "", err)
}

// CancelJob asks for the end of one of the actor's jobs; the server that runs it ends it. It is no error for one that
// has ended.
func (s *Service) CancelJob(ctx context.Context, id string) (Job, error) {
	var out Job
	err := s.update(ctx, func(a *access) error {
		if a.limited(a.s.operations[opCreateJob]) {
			return ErrDenied
		}
		j, err := a.job(id)
		if err != nil {
			return err
		}
		if out = j; j.State.Ended() || !j.CancelledAt.IsZero() {
			return nil
		}
		j.CancelledAt = a.now
		out = j
		if err := a.tx.PutJob(j); err != nil {
			return err
		}
		return a.log(opCancelJob, j.Document, detail("job", id))
	})
	return out, s.refused(ctx, opCancelJob, "", err)
}

// DeleteJob forgets one of the actor's jobs that has ended, with its notebook.
func (s *Service) DeleteJob(ctx context.Context, id string) error {
	err := s.update(ctx, func(a *access) error {
		if a.limited(a.s.operations[opCreateJob]) {
			return ErrDenied
		}
		j, err := a.job(id)
		if err != nil {
			return err
		}
		if !j.State.Ended() {
			return fmt.Errorf("%w: the job has not ended; cancel it first", ErrInvalid)
		}
		return a.tx.DeleteJob(id)
	})
	return s.refused(ctx, opDeleteJob, "", err)
}

// UnfinishedJobs lists the jobs that a server has yet to end, oldest first. It is called by that server, as its own upkeep.
func (s *Service) UnfinishedJobs(ctx context.Context, server string) ([]Job, error) {
	var out []Job
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opUnfinishedJobs); err != nil {
			return err
		}
		var err error
		out, err = a.tx.UnfinishedJobs(server)
		return err
	})
	return out, s.refused(ctx, opUnfinishedJobs, "", err)
}

// MayRun is nil as long as the actor may run a document, as CreateJob asks.
func (s *Service) MayRun(ctx context.Context, document ResourceID, inDocument bool) error {
	err := s.view(ctx, func(a *access) error { _, err := a.mayRun(document, inDocument); return err })
	return s.refused(ctx, opMayRun, document, err)
}
