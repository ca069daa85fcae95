package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/sessions"
	"sextant/sessions/packages"
	"sextant/sessions/record"
)

// How long things may take beside the cells themselves.
const (
	retryStart = time.Second
	// stopWait is how long a cell that was interrupted is waited for: the agent kills its kernel before.
	stopWait = 45 * time.Second
	saveWait = 2 * time.Minute
	// endWait bounds the end of a kernel.
	endWait = 30 * time.Second
)

// kernelDied is what agents call the error of a cell whose kernel ended.
const kernelDied = "KernelDied"

// cellError is how a cell failed.
type cellError struct {
	cell        string
	name, value string
}

func (e *cellError) Error() string { return e.name + ": " + e.value }

// run takes a job to its end, or leaves it to the next server.
func (a *active) run(ctx context.Context) {
	err := a.turn(ctx)
	if errors.Is(err, errLeft) {
		return
	}
	state, fault := content.JobSucceeded, &cellError{}
	if err != nil {
		state = content.JobFailed
		if cause := context.Cause(ctx); cause != nil {
			err = cause
			if errors.Is(cause, errCancelled) {
				state = content.JobCancelled
			}
		}
		if !errors.As(err, &fault) {
			fault = &cellError{name: "JobError", value: err.Error()}
		}
		if state == content.JobCancelled {
			fault = &cellError{}
		} else if fault.cell == "" && a.job.State == content.JobRunning {
			fault.cell = a.job.Current()
		}
	}
	for try := 1; ; try++ {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWait)
		err = a.advance(end, func(j *content.Job) {
			j.State, j.FailedCell, j.ErrorName, j.Error = state, fault.cell, fault.name, fault.value
		})
		cancel()
		if err == nil || errors.Is(err, content.ErrNotFound) { // its document is gone, and so is the job
			return
		}
		a.r.Log.Error("the end of a job could not be noted", "job", a.made.ID, "error", err)
		select {
		case <-time.After(min(time.Duration(try)*retryStart, time.Minute)):
		case <-a.r.ctx.Done(): // the next server finds that its kernel is gone
			return
		}
	}
}

// turn waits for the job's turn and executes it. The error is errLeft where the next server goes on.
func (a *active) turn(ctx context.Context) (err error) {
	ended := false // its kernel is
	defer func() {
		if !ended && a.left(ctx) {
			err = errLeft
		}
	}()
	leave, err := a.r.slots.enter(ctx, a.job.Principal)
	if err != nil {
		return err
	}
	defer leave()
	if err := a.allowed(ctx); err != nil {
		return err
	}
	nb, err := a.notebook(ctx)
	if err != nil {
		return err
	}
	k, err := a.kernel(ctx)
	var c *sessions.Client
	if err == nil {
		if c, err = k.AttachHolding(clientOf(a.job)); err != nil {
			err = fmt.Errorf("its kernel: %w", err)
		}
	}
	if err != nil {
		if k != nil && !a.left(ctx) {
			a.shutdown(ctx, k)
		}
		return err
	}
	if a.job.State != content.JobRunning {
		err = a.advance(ctx, func(j *content.Job) {
			j.State, j.StartedAt, j.Sent = content.JobRunning, time.Now().UTC().Truncate(time.Microsecond), true
		})
	}
	if err == nil {
		err = a.cells(ctx, nb, k, c)
	}
	if ended = !a.left(ctx); !ended {
		c.Detach(false) // the next server reads on from here
		return err
	}
	c.Detach(true)
	saved, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveWait)
	defer cancel()
	if fault := a.r.Recorder.FlushSession(saved, k.Session(), target(a.job)); fault != nil && err == nil {
		err = fmt.Errorf("its outputs could not be saved: %w", fault)
	}
	a.shutdown(ctx, k)
	return err
}

// left reports whether the job is left to the next server, since this one stops.
func (a *active) left(ctx context.Context) bool {
	return errors.Is(context.Cause(a.r.ctx), errStopping) && !errors.Is(context.Cause(ctx), errCancelled)
}

// shutdown ends the job's kernel.
func (a *active) shutdown(ctx context.Context, k *sessions.Kernel) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer cancel()
	if err := k.Shutdown(ctx); err != nil {
		a.r.Log.Warn("the kernel of a job", "job", a.made.ID, "error", err)
	}
}

// clientOf is the session id under which a job speaks to its kernel.
func clientOf(j content.Job) string { return "job-" + j.ID }

// target is where the recorder puts the job's outputs.
func target(j content.Job) string {
	if j.Spec.InDocument {
		return string(j.Document)
	}
	return record.JobPrefix + j.ID
}

// allowed is nil as long as the job's principal may run it, and nobody has cancelled it.
func (a *active) allowed(ctx context.Context) error {
	own := as(ctx, a.made.Principal)
	j, err := a.r.Service.Job(own, a.made.ID)
	if err == nil {
		if !j.CancelledAt.IsZero() {
			a.cancel(errCancelled)
			return errCancelled
		}
		err = a.r.Service.MayRun(own, a.made.Document, a.made.Spec.InDocument)
	}
	switch {
	case errors.Is(err, content.ErrNotFound), errors.Is(err, content.ErrDenied), errors.Is(err, content.ErrUnauthenticated):
		return fmt.Errorf("%s may not run it any longer", a.made.Principal.Value())
	}
	return err
}

// watch ends a job that was cancelled on another server, that may not go on, or whose time is over.
func (a *active) watch(ctx context.Context, began time.Time) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	over := make(<-chan time.Time)
	if limit := a.made.Spec.Timeout; limit > 0 {
		timer := time.NewTimer(time.Until(began.Add(limit)))
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-over:
			a.cancel(fmt.Errorf("%w: it may run for %v", errTimeout, a.made.Spec.Timeout))
			return
		case <-tick.C:
			if err := a.allowed(ctx); err != nil && ctx.Err() == nil {
				a.cancel(err)
				return
			}
		}
	}
}

// notebook is what the job executes.
func (a *active) notebook(ctx context.Context) (*notebook.Notebook, error) {
	_, body, err := a.r.Service.ReadJob(as(ctx, a.job.Principal), a.job.ID)
	if err != nil {
		return nil, err
	}
	defer body.Close() // it only releases
	text, err := io.ReadAll(io.LimitReader(body, maxDocument))
	if err != nil {
		return nil, err
	}
	nb, _, err := notebook.Read(text)
	return nb, err
}

// kernel gives the job's kernel: the one that it has already, or a new one.
func (a *active) kernel(ctx context.Context) (*sessions.Kernel, error) {
	j := a.job
	if j.Kernel != "" {
		k, err := a.r.Sessions.Kernel(j.Principal, j.Kernel)
		if err == nil {
			return k, ready(ctx, k)
		}
		if j.State == content.JobRunning {
			return nil, errors.New("its session ended while no server was there")
		}
	}
	// The kernel's id is noted before there is one, so that none is forgotten.
	id := uuid.NewString()
	if err := a.advance(ctx, func(j *content.Job) { j.State, j.Kernel = content.JobStarting, id }); err != nil {
		return nil, err
	}
	own := as(ctx, j.Principal)
	q := sessions.Request{ID: id, User: j.Principal, Environment: j.Spec.Environment, Kernel: j.Spec.Kernel, Path: j.Spec.Title, Document: target(j)}
	if j.Document != "" {
		r, err := a.r.Service.Get(own, j.Document)
		if err != nil {
			return nil, err
		}
		q.Folder = r.ParentID
	}
	for {
		k, err := a.r.Sessions.Start(own, q)
		var building *packages.BuildingError
		if errors.Is(err, sessions.ErrQuota) || errors.As(err, &building) { // it will pass
			select {
			case <-time.After(retryStart):
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if err != nil {
			return nil, fmt.Errorf("its session could not be started: %w", err)
		}
		return k, ready(ctx, k)
	}
}

// ready waits until a kernel answers.
func ready(ctx context.Context, k *sessions.Kernel) error {
	if err := k.Ready(ctx); err != nil {
		return fmt.Errorf("its session could not be started: %w", err)
	}
	return nil
}

// cells executes what is left of the cells.
func (a *active) cells(ctx context.Context, nb *notebook.Notebook, k *sessions.Kernel, c *sessions.Client) error {
	watching, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	began := a.job.StartedAt
	go func() { defer close(done); a.watch(watching, began) }()
	defer func() { stop(); <-done }()
	for a.job.Done < len(a.job.Spec.Cells) {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := a.job.Current()
		var cell *notebook.Cell
		for i := range nb.Cells {
			if nb.Cells[i].ID == id {
				cell = &nb.Cells[i]
			}
		}
		if cell == nil {
			return fmt.Errorf("the job's notebook has no cell %s", id)
		}
		if err := a.allowed(ctx); err != nil {
			return err
		}
		x := &execution{a: a, k: k, c: c, cell: cell}
		if err := x.run(ctx); err != nil {
			var failed *cellError
			if !errors.As(err, &failed) || !tagged(*cell, "raises-exception") || ctx.Err() != nil || failed.name == kernelDied {
				return err
			}
		}
		// The next one is about to be sent: one note for both.
		if err := a.advance(ctx, func(j *content.Job) { j.Done, j.Begun = j.Done+1, false }); err != nil {
			return err
		}
		c.Confirm(x.last)
		a.taken = false
	}
	return nil
}
