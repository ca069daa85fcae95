package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/sessions"
)

// Recorder puts outputs into documents. Its Record is what a session's messages are given to. It is safe for concurrent use.
type Recorder struct {
	Service *content.Service
	Log     *slog.Logger
	// Saved, where not nil, is told of each revision that holds new outputs, in the actor's context, with the one that it
	// was made from.
	Saved func(ctx context.Context, before, after content.Revision)
	// Kept, where not nil, is told of each stored result that was kept, in the actor's context: somebody may soon look into it.
	Kept func(context.Context, content.StoredResult)

	mu       sync.Mutex
	active   map[string][]*recording // by document
	sessions map[*sessions.Session]*recording
}

// JobPrefix begins what stands in a document's place in a cell's reference where the outputs belong to a job's own
// notebook; its id follows.
const JobPrefix = "job:"

// When outputs are saved.
const (
	// settle is how long nothing may run in a document before its outputs are saved.
	settle = 250 * time.Millisecond
	// longest is how long outputs of a cell that runs on may be unsaved, at first; saving a large notebook takes time, and
	// costAllowance times what it took is waited at least.
	longest       = 5 * time.Second
	costAllowance = 20
	// keptBytes bounds the outputs of finished cells that are kept so that a display in them can still be updated.
	keptBytes = 32 << 20
	// maxNotebook bounds a notebook that outputs are recorded in.
	maxNotebook = 512 << 20
)

// recording is the recording of one session.
type recording struct {
	r     *Recorder
	s     *sessions.Session
	flush chan flushing
	ended chan struct{}

	docs map[string]*document
	at   uint64 // position of the last message that was taken

	mu   sync.Mutex
	last map[[2]string]uint64 // document and cell → position of the last message of its last execution
}

type flushing struct {
	document string
	through  uint64
	done     chan error
}

// document is one whose cells run.
type document struct {
	id    string
	cells map[string]*Cell // by request: those that run, or whose outputs are not saved
	dirty map[*Cell]bool
	kept  []*Cell // the newest execution of each cell, oldest first, for updates of displays
	since time.Time
	quiet time.Time // when something last came
	cost  time.Duration
	off   bool  // outputs cannot be saved
	fault error // of the save that failed last
}

// Record records one session until its messages end.
func (r *Recorder) Record(ctx context.Context, s *sessions.Session) {
	g := r.recordingOf(s)
	defer func() {
		r.mu.Lock()
		delete(r.sessions, s)
		r.mu.Unlock()
		close(g.ended)
	}()
	g.at = s.Recorded()
	f := s.Follow(g.at)
	defer f.Close()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	in := make(chan *sessions.Message)
	end := make(chan error, 1)
	go func() { // ends with reading or the session
		for {
			m, _, err := f.Next(reading)
			if err != nil {
				end <- err
				return
			}
			select {
			case in <- m:
			case <-reading.Done():
				end <- reading.Err()
				return
			}
		}
	}()
	defer func() { stop(); <-drain(in, end) }()
	defer g.forget()
	var waiting []flushing
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		g.saveDue(ctx, time.Now())
		waiting = slices.DeleteFunc(waiting, func(w flushing) bool {
			if g.at < w.through {
				return false
			}
			w.done <- g.saveNow(ctx, w.document)
			return true
		})
		timer.Reset(g.next(time.Now()))
		select {
		case m := <-in:
			g.take(m)
		case w := <-g.flush:
			waiting = append(waiting, w)
		case <-timer.C:
		case err := <-end:
			end <- err
			// A server that stops leaves what is unfinished to the next; with the session everything ends.
			final, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			faults := map[string]error{}
			for id := range g.docs {
				faults[id] = g.saveNow(final, id)
			}
			cancel()
			for _, w := range waiting {
				w.done <- faults[w.document]
			}
			return
		}
	}
}

// recordingOf is the recording of a session, which its Record is to begin or has begun.
func (r *Recorder) recordingOf(s *sessions.Session) *recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.sessions[s]
	if g == nil {
		g = &recording{r: r, s: s, flush: make(chan flushing), ended: make(chan struct{}), docs: map[string]*document{}, last: map[[2]string]uint64{}}
		if r.sessions == nil {
			r.sessions = map[*sessions.Session]*recording{}
		}
		r.sessions[s] = g
	}
	return g
}

// saveNow saves what of a document is not saved.
func (g *recording) saveNow(ctx context.Context, document string) error {
	d := g.docs[document]
	if d == nil {
		return nil
	}
	if len(d.dirty) > 0 {
		g.save(ctx, d)
	}
	if len(d.dirty) > 0 || d.off {
		return d.fault
	}
	return nil
}

// drain waits for the reading goroutine, which may be about to hand on one more message.
func drain(in <-chan *sessions.Message, end chan error) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-in:
			case <-end:
				return
			}
		}
	}()
	return done
}

// take takes up one message.
func (g *recording) take(m *sessions.Message) {
	g.at = m.Position
	ref := m.Parent.Cell
	if ref == nil || m.Parent.MsgType != "execute_request" {
		return
	}
	now := time.Now()
	d := g.docs[ref.Document]
	c := (*Cell)(nil)
	if d != nil {
		c = d.cells[m.Parent.MsgID]
	}
	if c == nil {
		if m.Header.MsgType != "execute_input" && m.Header.MsgType != "status" {
			return // it was aborted, or comes after its end
		}
		if d == nil {
			d = &document{id: ref.Document, cells: map[string]*Cell{}, dirty: map[*Cell]bool{}}
			g.docs[ref.Document] = d
			g.announce(d.id)
		}
		c = NewCell(ref.Cell, m.Parent.MsgID, m.Position)
		d.cells[m.Parent.MsgID] = c
	}
	changed, update := c.Take(m.Message, m.Position, now)
	d.quiet = now
	g.mu.Lock()
	g.last[[2]string{d.id, c.ID}] = m.Position
	g.mu.Unlock()
	if changed && c.Count != nil {
		d.mark(c, now)
	}
	if update != nil {
		for _, other := range slices.AppendSeq(slices.Clone(d.kept), maps.Values(d.cells)) {
			if other.Apply(update) {
				d.mark(other, now)
			}
		}
	}
	if c.Done() && c.Count == nil { // nothing was executed
		delete(d.cells, c.Request)
	}
}

func (d *document) mark(c *Cell, now time.Time) {
	if len(d.dirty) == 0 {
		d.since = now
	}
	d.dirty[c] = true
}

// due is when a document's outputs are to be saved; zero is never.
func (d *document) due() time.Time {
	if len(d.dirty) == 0 {
		return time.Time{}
	}
	at := d.since.Add(max(longest, costAllowance*d.cost))
	for _, c := range d.cells {
		if !c.Done() {
			return at
		}
	}
	if quiet := d.quiet.Add(settle); quiet.Before(at) {
		return quiet
	}
	return at
}

// next is how long it is until something is to be saved.
func (g *recording) next(now time.Time) time.Duration {
	wait := time.Hour
	for _, d := range g.docs {
		if at := d.due(); !at.IsZero() {
			wait = min(wait, max(0, at.Sub(now)))
		}
	}
	return wait
}

func (g *recording) saveDue(ctx context.Context, now time.Time) {
	for _, d := range g.docs {
		if at := d.due(); !at.IsZero() && !at.After(now) {
			g.save(ctx, d)
		}
	}
}

// save saves a document's outputs, and notes how far everything is recorded.
func (g *recording) save(ctx context.Context, d *document) {
	began := time.Now()
	cells := make([]*Cell, 0, len(d.dirty))
	for c := range d.dirty {
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(a, b *Cell) int { return int(int64(a.First) - int64(b.First)) })
	if !d.off {
		own := content.WithActor(ctx, content.Actor{Principal: g.s.User()})
		for _, c := range cells {
			if g.keepResults(own, d.id, c) != nil {
				return // it ends
			}
		}
		err := g.r.put(own, d.id, cells)
		d.fault = err
		switch {
		case err == nil:
		case errors.Is(err, content.ErrNotFound), errors.Is(err, content.ErrDenied), errors.Is(err, errUnfit):
			d.off = true
			g.r.Log.Info("outputs are not recorded", "document", d.id, "user", g.s.User(), "error", err)
		default:
			if ctx.Err() != nil {
				return
			}
			g.r.Log.Error("outputs could not be saved; they are tried again", "document", d.id, "error", err)
			d.since, d.cost = time.Now(), max(d.cost*2, time.Second)
			return
		}
	}
	d.cost = time.Since(began)
	clear(d.dirty)
	for id, c := range d.cells {
		if c.Done() {
			delete(d.cells, id)
			d.keep(c)
		}
	}
	g.advance(ctx)
}

// keep holds a finished cell, so that its displays can still be updated.
func (d *document) keep(c *Cell) {
	d.kept = append(slices.DeleteFunc(d.kept, func(o *Cell) bool { return o.ID == c.ID }), c)
	sum := 0
	for i, o := range slices.Backward(d.kept) {
		if sum += o.bytes; sum > keptBytes {
			d.kept = slices.Clone(d.kept[i+1:])
			return
		}
	}
}

// advance notes the position before which everything is recorded.
func (g *recording) advance(ctx context.Context) {
	at := g.at
	for _, d := range g.docs {
		for _, c := range d.cells {
			at = min(at, c.First-1)
		}
	}
	g.s.SetRecorded(ctx, at)
}

// errUnfit is for a document that cannot hold outputs.
var errUnfit = errors.New("outputs cannot be recorded in it")

// maxTries bounds how often a save is tried again because somebody else saved in between.
const maxTries = 10

// put saves the executions of cells in a document.
func (r *Recorder) put(ctx context.Context, id string, cells []*Cell) error {
	if job, ok := strings.CutPrefix(id, JobPrefix); ok {
		return r.putJob(ctx, job, cells)
	}
	for try := 0; ; try++ {
		err := r.putOnce(ctx, content.ResourceID(id), cells)
		if !errors.Is(err, content.ErrConflict) || try == maxTries {
			return err
		}
	}
}

func (r *Recorder) putOnce(ctx context.Context, id content.ResourceID, cells []*Cell) error {
	nb, revision, err := r.read(ctx, id, "")
	if err != nil {
		return err
	}
	place(nb, cells)
	from := written(nb)
	saved, made, err := r.Service.Save(ctx, id, content.NewRevision{Base: revision.ID, Content: from, Origin: content.ByRun, Message: message(cells)})
	_ = from.Close() // ends the writer where not all was read
	if err == nil && made && r.Saved != nil {
		r.Saved(ctx, revision, saved)
	}
	return err
}

// putJob saves the executions of cells in a job's notebook.
func (r *Recorder) putJob(ctx context.Context, id string, cells []*Cell) error {
	_, body, err := r.Service.ReadJob(ctx, id)
	if err != nil {
		return err
	}
	defer body.Close() // it only releases
	b, err := io.ReadAll(io.LimitReader(body, maxNotebook))
	if err != nil {
		return err
	}
	nb, _, err := notebook.Read(b)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnfit, err)
	}
	place(nb, cells)
	from := written(nb)
	err = r.Service.SaveJob(ctx, id, from)
	_ = from.Close() // ends the writer where not all was read
	return err
}

// written is a notebook as it is written while it is read; whoever reads closes it.
func written(nb *notebook.Notebook) io.ReadCloser {
	from, to := io.Pipe()
	go func() { to.CloseWithError(notebook.Write(to, nb)) }()
	return from
}

// place puts the executions of cells into a notebook.
func place(nb *notebook.Notebook, cells []*Cell) {
	after := -1
	for _, c := range cells {
		at := slices.IndexFunc(nb.Cells, func(o notebook.Cell) bool { return o.ID == c.ID })
		if at < 0 {
			if !notebook.ValidID(c.ID) {
				continue
			}
			// It was executed before it was saved: it goes after the one that was executed before it.
			at = after + 1
			if after < 0 {
				at = len(nb.Cells)
			}
			nb.Cells = slices.Insert(nb.Cells, at, notebook.Cell{ID: c.ID, Type: notebook.Code, Source: c.Code, Metadata: notebook.Object{}})
		}
		if nb.Cells[at].Type == notebook.Code {
			c.Put(&nb.Cells[at])
		}
		after = at
	}
}

func message(cells []*Cell) string {
	if len(cells) == 1 {
		return "Outputs of a cell"
	}
	return fmt.Sprintf("Outputs of %d cells", len(cells))
}

// read reads a notebook, the newest revision or another.
func (r *Recorder) read(ctx context.Context, id content.ResourceID, which content.RevisionID) (*notebook.Notebook, content.Revision, error) {
	reading, err := r.Service.Read(ctx, id, content.ReadOptions{Revision: which})
	if err != nil {
		return nil, content.Revision{}, err
	}
	defer reading.Body.Close() // it only releases
	if reading.Size > maxNotebook {
		return nil, content.Revision{}, fmt.Errorf("%w: it has %d bytes", errUnfit, reading.Size)
	}
	b := bytes.NewBuffer(make([]byte, 0, reading.Size+bytes.MinRead))
	if _, err := b.ReadFrom(reading.Body); err != nil {
		return nil, content.Revision{}, err
	}
	nb, _, err := notebook.Read(b.Bytes())
	if err != nil {
		return nil, content.Revision{}, fmt.Errorf("%w: %w", errUnfit, err)
	}
	return nb, reading.Revision, nil
}

// announce notes that a document is recorded by g.
func (g *recording) announce(document string) {
	g.r.mu.Lock()
	defer g.r.mu.Unlock()
	if g.r.active == nil {
		g.r.active = map[string][]*recording{}
	}
	g.r.active[document] = append(g.r.active[document], g)
}

func (g *recording) forget() {
	g.r.mu.Lock()
	defer g.r.mu.Unlock()
	for document, all := range g.r.active {
		if all = slices.DeleteFunc(all, func(o *recording) bool { return o == g }); len(all) == 0 {
			delete(g.r.active, document)
		} else {
			g.r.active[document] = all
		}
	}
}

func (r *Recorder) recordings(document content.ResourceID) []*recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.active[string(document)])
}

// Flush returns when all outputs of a document that have come by now are saved, or ctx's error.
func (r *Recorder) Flush(ctx context.Context, document content.ResourceID) error {
	for _, g := range r.recordings(document) {
		// What could not be saved is tried again, and logged.
		if _, err := g.awaitSaved(ctx, string(document)); err != nil {
			return err
		}
	}
	return nil
}

// FlushSession returns when all outputs that a session's kernel has given by now are saved in a document, or in a job's
// notebook; the error is why they could not be, or ctx's.
func (r *Recorder) FlushSession(ctx context.Context, s *sessions.Session, document string) error {
	fault, err := r.recordingOf(s).awaitSaved(ctx, document)
	return errors.Join(fault, err)
}

// awaitSaved returns when all outputs of a document that have come by now have been saved or could not be, which fault
// tells; err is ctx's.
func (g *recording) awaitSaved(ctx context.Context, document string) (fault, err error) {
	w := flushing{document: document, through: g.s.Newest(), done: make(chan error, 1)}
	select {
	case g.flush <- w:
	case <-g.ended:
		return nil, nil
	case <-g.s.RecordingEnded(): // before it was asked
		g.r.mu.Lock()
		delete(g.r.sessions, g.s)
		g.r.mu.Unlock()
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case fault := <-w.done:
		return fault, nil
	case <-g.ended:
		select { // with the end comes what there is to say
		case fault := <-w.done:
			return fault, nil
		default:
			return nil, nil
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Seen reports whether the clients that have a document open have received all of what was last recorded of a cell.
func (r *Recorder) Seen(document content.ResourceID, cell string) bool {
	seen := false
	for _, g := range r.recordings(document) {
		g.mu.Lock()
		last, ok := g.last[[2]string{string(document), cell}]
		g.mu.Unlock()
		if !ok {
			continue
		}
		if !g.s.Received(string(document), last) {
			return false
		}
		seen = true
	}
	return seen
}

// Base is what a client's notebook is based on.
type Base struct {
	// Has is the revision whose outputs the client has: the one that it read, or its own last save.
	Has content.RevisionID
	// Saved is its own last save, which may hold outputs that it has not; empty for none.
	Saved content.RevisionID
}

// Merge gives what is to be saved when a client saves a notebook: where outputs were recorded that it has not, they are
// brought in (see [MergeRuns]). on is the newest revision then: what the save has to be made on. Where somebody else has
// saved since, the client's notebook is given as it is; so it is where nothing is to be brought in.
func (r *Recorder) Merge(ctx context.Context, document content.ResourceID, from Base, incoming *notebook.Notebook) (merged *notebook.Notebook, on content.RevisionID, err error) {
	head, err := r.Service.LastEdit(ctx, document)
	if err != nil {
		return nil, "", err
	}
	if on = head.Newest.ID; on == from.Has {
		return incoming, on, nil
	}
	was, revision, err := r.read(ctx, document, from.Has)
	switch {
	case errors.Is(err, content.ErrNotFound), errors.Is(err, errUnfit):
		return incoming, on, nil // it is no longer kept
	case err != nil:
		return nil, "", err
	}
	if head.Edit.Number > revision.Number && head.Edit.ID != from.Saved {
		return incoming, on, nil
	}
	now, _, err := r.read(ctx, document, on)
	if errors.Is(err, errUnfit) {
		return incoming, on, nil
	}
	if err != nil {
		return nil, "", err
	}
	return MergeRuns(was, now, incoming, func(cell string) bool { return r.Seen(document, cell) }), on, nil
}
