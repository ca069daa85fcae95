package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant/kernel/wire"
)

// pipe is a transport within the process: requests in, everything the kernel says out.
type pipe struct {
	in  map[wire.Channel]chan *wire.Message
	out chan *wire.Message
}

func newPipe() *pipe {
	in := map[wire.Channel]chan *wire.Message{}
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		in[ch] = make(chan *wire.Message, 20_000)
	}
	return &pipe{in: in, out: make(chan *wire.Message, 100_000)}
}

func (p *pipe) Receive(ctx context.Context, ch wire.Channel) (*wire.Message, error) {
	select {
	case m := <-p.in[ch]:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Send(m *wire.Message) error    { p.out <- m; return nil }
func (p *pipe) Publish(m *wire.Message) error { p.out <- m; return nil }

// script is a shell whose cells are words: "ok", "fail", "panic", "wait" until interrupted.
type script struct {
	started chan string
	ran     *atomic.Int64
	closed  chan struct{}
}

func (s script) Run(ctx context.Context, c Cell, out Output) error {
	s.started <- c.Code
	s.ran.Add(1)
	switch c.Code {
	case "fail":
		return errors.New("it failed")
	case "panic":
		panic("at the disco")
	case "wait":
		<-ctx.Done()
		return ctx.Err()
	}
	return ctx.Err()
}

func (s script) Evaluate(context.Context, string) (wire.MIMEBundle, error) {
	return wire.MIMEBundle{"text/plain": json.RawMessage(`"1"`)}, nil
}

func (s script) Complete(_ context.Context, code string, cursor int) (wire.CompleteReply, error) {
	if code == "panic" {
		panic("at the disco")
	}
	return wire.CompleteReply{Matches: []string{code}, CursorEnd: cursor}, nil
}

func (s script) Inspect(context.Context, string, int, int) (wire.InspectReply, error) {
	return wire.InspectReply{}, nil
}
func (s script) IsComplete(string) wire.IsCompleteReply { return wire.IsCompleteReply{} }
func (s script) Close() error                           { s.closed <- struct{}{}; return nil }

type fixture struct {
	t       *testing.T
	p       *pipe
	k       *Kernel
	started chan string
	ran     atomic.Int64
	closed  chan struct{}
	seen    []*wire.Message
	idle    chan struct{}
}

func run(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, p: newPipe(), started: make(chan string, 20_000), idle: make(chan struct{}, 100), closed: make(chan struct{}, 100)}
	f.k = New(Options{
		Transport: f.p, History: NewHistory(filepath.Join(t.TempDir(), "history.jsonl")), Idle: func() { f.idle <- struct{}{} },
		NewShell: func(context.Context, string) (Shell, error) {
			return script{started: f.started, ran: &f.ran, closed: f.closed}, nil
		},
	})
	var done sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	done.Go(func() {
		if err := f.k.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	return f
}

func (f *fixture) send(ch wire.Channel, msgType, subshell string, content any) string {
	f.t.Helper()
	m, err := wire.NewMessage("client", "ana", msgType, content)
	if err != nil {
		f.t.Fatal(err)
	}
	m.Channel, m.Header.SubshellID, m.Identities = ch, subshell, [][]byte{[]byte("ana")}
	f.p.in[ch] <- m
	return m.Header.MsgID
}

func (f *fixture) execute(code string) string { return f.executeIn("", code) }

func (f *fixture) executeIn(subshell, code string) string {
	return f.send(wire.Shell, "execute_request", subshell, wire.ExecuteRequest{Code: code, StoreHistory: true, StopOnError: true})
}

// until reads what the kernel says until a message of that type answers the request, and gives it.
func (f *fixture) until(id, msgType string) *wire.Message {
	f.t.Helper()
	timeout := time.After(20 * time.Second)
	for i := 0; ; i++ {
		for ; i < len(f.seen); i++ {
			if m := f.seen[i]; m.Header.MsgType == msgType && strings.Contains(string(m.ParentHeader), id) {
				return m
			}
		}
		select {
		case m := <-f.p.out:
			f.seen = append(f.seen, m)
			i--
		case <-timeout:
			f.t.Fatalf("no %s for %s", msgType, id)
		}
	}
}

func (f *fixture) status(id string) string {
	f.t.Helper()
	var rep struct{ Status string }
	if err := json.Unmarshal(f.until(id, "execute_reply").Content, &rep); err != nil {
		f.t.Fatal(err)
	}
	return rep.Status
}

func TestCellsRunInOrderAndFailuresAbortWhatWaits(t *testing.T) {
	f := run(t)
	wait := f.execute("wait")
	<-f.started
	ids := []string{f.execute("ok"), f.execute("fail"), f.execute("ok"), f.execute("ok")}
	f.send(wire.Control, "interrupt_request", "", map[string]any{})
	// The interrupted cell failed, so that what waited behind it is aborted.
	if got := f.status(wait); got != "error" {
		t.Errorf("interrupted: %s", got)
	}
	for _, id := range ids {
		if got := f.status(id); got != "aborted" {
			t.Errorf("behind it: %s", got)
		}
	}
	if f.ran.Load() != 1 {
		t.Errorf("%d cells ran", f.ran.Load())
	}
}

func TestWhatWasSentBeforeAFailureIsAbortedByTheSendersClock(t *testing.T) {
	f := run(t)
	request := func(code, session string, sent time.Time) string {
		m, err := wire.NewMessage(session, "ana", "execute_request", wire.ExecuteRequest{Code: code, StoreHistory: true, StopOnError: true})
		if err != nil {
			t.Fatal(err)
		}
		m.Channel, m.Header.Date = wire.Shell, wire.FormatDate(sent)
		f.p.in[wire.Shell] <- m
		return m.Header.MsgID
	}
	wrong := time.Now().Add(-5 * time.Minute) // this client's clock is five minutes late
	for range 50 {
		wrong = wrong.Add(3 * time.Second)
		if got := f.status(request("fail", "late", wrong)); got != "error" {
			t.Fatal(got)
		}
		if got := f.status(request("ok", "late", wrong.Add(-time.Microsecond))); got != "aborted" {
			t.Fatalf("sent before the failure: %s", got)
		}
		if got := f.status(request("ok", "other", wrong.Add(-time.Hour))); got != "ok" {
			t.Fatalf("of another client: %s", got)
		}
		if got := f.status(request("ok", "late", wrong.Add(2*time.Second))); got != "ok" {
			t.Fatalf("sent after the failure: %s", got)
		}
	}
}

func TestAnAnswerToAFailureIsNotAborted(t *testing.T) {
	f := run(t)
	for range 300 {
		f.status(f.execute("fail"))
		if got := f.status(f.execute("ok")); got != "ok" {
			t.Fatal(got)
		}
	}
}

func TestInterruptHitsOnlyWhatRuns(t *testing.T) {
	f := run(t)
	for range 200 {
		id := f.send(wire.Control, "interrupt_request", "", map[string]any{})
		f.until(id, "interrupt_reply")
		if got := f.status(f.execute("ok")); got != "ok" {
			t.Fatal(got)
		}
	}
}

func TestPanicsAreAnswersAndTheKernelLives(t *testing.T) {
	f := run(t)
	if got := f.status(f.execute("panic")); got != "error" {
		t.Error(got)
	}
	id := f.send(wire.Shell, "complete_request", "", map[string]any{"code": "panic", "cursor_pos": 5})
	if m := f.until(id, "complete_reply"); !strings.Contains(string(m.Content), "error") || strings.Contains(string(m.Content), "goroutine") {
		t.Errorf("%s", m.Content)
	}
	if got := f.status(f.execute("ok")); got != "ok" {
		t.Error(got)
	}
}

func TestLooksAndControlDoNotWaitForACell(t *testing.T) {
	f := run(t)
	wait := f.execute("wait")
	<-f.started
	f.until(f.send(wire.Shell, "complete_request", "", map[string]any{"code": "x", "cursor_pos": 1}), "complete_reply")
	f.until(f.send(wire.Shell, "kernel_info_request", "", map[string]any{}), "kernel_info_reply")
	f.until(f.send(wire.Control, "kernel_info_request", "", map[string]any{}), "kernel_info_reply")
	f.send(wire.Control, "interrupt_request", "", map[string]any{})
	f.status(wait)
}

func TestSubshellsRunBesideEachOther(t *testing.T) {
	f := run(t)
	var rep wire.CreateSubshellReply
	made := f.until(f.send(wire.Control, "create_subshell_request", "", map[string]any{}), "create_subshell_reply")
	if err := json.Unmarshal(made.Content, &rep); err != nil {
		t.Fatal(err)
	}
	main, sub := f.execute("wait"), f.executeIn(rep.SubshellID, "wait")
	<-f.started
	<-f.started // both run
	f.send(wire.Control, "interrupt_request", rep.SubshellID, map[string]any{})
	f.status(sub)
	f.until(f.send(wire.Control, "delete_subshell_request", "", map[string]any{"subshell_id": rep.SubshellID}), "delete_subshell_reply")
	<-f.closed
	f.send(wire.Control, "interrupt_request", "", map[string]any{})
	f.status(main)
}

func TestTheQueueIsBounded(t *testing.T) {
	f := run(t)
	wait := f.execute("wait")
	<-f.started
	ids := make([]string, maxQueued+5)
	for i := range ids {
		ids[i] = f.execute("ok")
	}
	if m := f.until(ids[len(ids)-1], "execute_reply"); !strings.Contains(string(m.Content), "QueueFull") {
		t.Errorf("%s", m.Content)
	}
	f.send(wire.Control, "interrupt_request", "", map[string]any{})
	f.status(wait)
	if got := f.status(ids[0]); got != "aborted" {
		t.Error(got)
	}
}

func TestBusyAndIdleStandAroundEachRequest(t *testing.T) {
	f := run(t)
	id := f.execute("ok")
	f.status(id)
	f.until(id, "execute_input")
	var states []string
	for !slices.Contains(states, "idle") {
		states = nil
		for _, m := range f.seen {
			var s wire.Status
			if m.Header.MsgType == "status" && strings.Contains(string(m.ParentHeader), id) && json.Unmarshal(m.Content, &s) == nil {
				states = append(states, s.ExecutionState)
			}
		}
		if len(states) < 2 {
			f.seen = append(f.seen, <-f.p.out)
		}
	}
	if !slices.Equal(states, []string{"busy", "idle"}) {
		t.Errorf("states %v", states)
	}
}

func TestIdleIsToldOnceNothingRuns(t *testing.T) {
	f := run(t)
	<-f.idle // after the start
	wait := f.execute("wait")
	<-f.started
	select {
	case <-f.idle:
		t.Error("idle while a cell runs")
	case <-time.After(idleAfter + idleAfter/2):
	}
	f.send(wire.Control, "interrupt_request", "", map[string]any{})
	f.status(wait)
	<-f.idle
	f.until(f.send(wire.Shell, "kernel_info_request", "", map[string]any{}), "kernel_info_reply")
	select {
	case <-f.idle:
		t.Error("idle is told again though no cell was run")
	case <-time.After(idleAfter + idleAfter/2):
	}
}

func TestHistoryIsHalvedAndSharedAndSurvivesDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	a, b := NewHistory(path), NewHistory(path)
	var done sync.WaitGroup
	for _, h := range []*History{a, b} {
		done.Go(func() {
			for i := range 200 {
				if err := h.Append(i+1, "SELECT 1", "1"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	all, err := a.Read(wire.HistoryRequest{HistAccessType: "tail", N: 1000})
	if err != nil || len(all) != 400 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	if a.session == b.session {
		t.Error("two kernels share a session number")
	}
	big := strings.Repeat("x", 1<<20)
	for range maxHistoryFile>>20 + 2 {
		if err := a.Append(1, big, ""); err != nil {
			t.Fatal(err)
		}
	}
	found, err := b.Read(wire.HistoryRequest{HistAccessType: "search", Pattern: "SELECT*", N: 10})
	if err != nil || len(found) != 0 {
		t.Errorf("the oldest are still there: %d, %v", len(found), err)
	}
	if last, err := b.Read(wire.HistoryRequest{HistAccessType: "tail", N: 3}); err != nil || len(last) != 3 {
		t.Errorf("%d, %v", len(last), err)
	}
	if _, err := b.Read(wire.HistoryRequest{HistAccessType: "sideways"}); err == nil {
		t.Error("no error")
	}
}
