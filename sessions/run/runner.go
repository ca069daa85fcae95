package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/sessions"
	"sextant/sessions/record"
)

// Options are what a Runner works with.
type Options struct {
	Service  *content.Service
	Sessions *sessions.Manager
	Recorder *record.Recorder
	// Server names this server among those that share a store.
	Server string
	// PerUser and All bound the jobs that run at a time, of one principal and of all; 0 is 4 and 16. The others wait.
	PerUser, All int
	Log          *slog.Logger
}

// Runner executes jobs. It is safe for concurrent use. Whoever made it closes it.
type Runner struct {
	Options
	ctx   context.Context
	stop  context.CancelCauseFunc
	work  sync.WaitGroup
	slots *slots

	mu     sync.Mutex
	active map[string]*active
}

// active is a job that has not ended.
type active struct {
	r    *Runner
	made content.Job // as it was; what never changes is read here
	job  content.Job // as it is, for the goroutine that runs it
	// taken is set while the cell at hand was sent, or not, by an earlier server.
	taken  bool
	log    *eventLog
	cancel context.CancelCauseFunc
}

// Why a job ends before its time, besides what its cells do.
var (
	errStopping  = errors.New("the server is stopping")
	errCancelled = errors.New("it was cancelled")
	errTimeout   = errors.New("its time was over")
)

// errLeft is for a job that the next server goes on with.
var errLeft = errors.New("left to the next server")

// watchEvery is how often a job that runs is looked at: cancelled elsewhere, or no longer allowed.
const watchEvery = 5 * time.Second

// New is a runner that runs nothing yet.
func New(o Options) *Runner {
	if o.PerUser == 0 {
		o.PerUser = 4
	}
	if o.All == 0 {
		o.All = 16
	}
	r := &Runner{Options: o, slots: newSlots(o.PerUser, o.All), active: map[string]*active{}}
	r.ctx, r.stop = context.WithCancelCause(context.Background())
	return r
}

// Resume goes on with the jobs that an earlier runner of this server left. It is called once.
func (r *Runner) Resume(ctx context.Context) error {
	left, err := r.Service.UnfinishedJobs(content.WithMaintenance(ctx), r.Server)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	for _, j := range left {
		r.begin(j)
	}
	return nil
}

// Close leaves jobs that run to the next runner; their kernels go on. It returns when nothing of it runs.
func (r *Runner) Close() {
	r.stop(errStopping)
	r.work.Wait()
}

// Start begins a job of the actor. Errors are content's; ErrInvalid says what is wrong with the request.
func (r *Runner) Start(ctx context.Context, q Request) (content.Job, error) {
	p, err := r.prepare(ctx, q)
	if err != nil {
		return content.Job{}, err
	}
	text, err := p.content()
	if err != nil {
		return content.Job{}, err
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return content.Job{}, fmt.Errorf("%w parameters: %w", content.ErrInvalid, err)
	}
	j, made, err := r.Service.CreateJob(ctx, content.NewJob{Document: q.Document, Server: r.Server, Spec: p.spec, Content: text, IdempotencyKey: q.IdempotencyKey,
		Request: sha256.Sum256(asked)})
	if err == nil && made {
		r.begin(j)
	}
	return j, err
}

// begin runs a job in a goroutine of its own.
func (r *Runner) begin(j content.Job) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	a := &active{r: r, made: j, job: j, taken: j.Sent, log: newEventLog(), cancel: cancel}
	a.tell()
	r.mu.Lock()
	r.active[j.ID] = a
	r.mu.Unlock()
	if !j.CancelledAt.IsZero() {
		cancel(errCancelled)
	}
	r.work.Go(func() {
		defer cancel(nil)
		a.run(ctx)
		a.log.end()
		r.mu.Lock()
		delete(r.active, j.ID)
		r.mu.Unlock()
	})
}

// Cancel ends one of the actor's jobs. It returns when that is noted; the job ends soon after.
func (r *Runner) Cancel(ctx context.Context, id string) (content.Job, error) {
	j, err := r.Service.CancelJob(ctx, id)
	if err != nil {
		return j, err
	}
	r.mu.Lock()
	a := r.active[id]
	r.mu.Unlock()
	if a != nil {
		a.cancel(errCancelled)
	}
	return j, nil
}

// Follow gives the events of one of the actor's jobs after one of them; empty is from the beginning. Of a job that has
// ended, or runs elsewhere, there is but how it is.
func (r *Runner) Follow(ctx context.Context, id, after string) (*Follower, error) {
	j, err := r.Service.Job(ctx, id)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	a := r.active[id]
	r.mu.Unlock()
	if a != nil {
		return a.log.follow(after), nil
	}
	if j, err = r.Service.Job(ctx, id); err != nil { // it may have ended just now
		return nil, err
	}
	l := newEventLog()
	l.add(Event{Kind: JobEvent, Job: &j})
	l.end()
	return l.follow(""), nil
}

// as gives a context in which a job's principal acts.
func as(ctx context.Context, who iam.Member) context.Context {
	return content.WithActor(ctx, content.Actor{Principal: who})
}

// tell tells followers how the job is.
func (a *active) tell() {
	j := a.job
	j.Layout = content.Layout{}
	a.log.add(Event{Kind: JobEvent, Job: &j})
}

// advance notes how far the job is. It is what is noted, not what is asked for, that counts from there on.
func (a *active) advance(ctx context.Context, change func(*content.Job)) error {
	j, err := a.r.Service.AdvanceJob(content.WithMaintenance(ctx), a.job.ID, change)
	if err != nil {
		return err
	}
	changed := j.State != a.job.State || j.Done != a.job.Done
	a.job = j
	if changed {
		a.tell()
	}
	return nil
}
