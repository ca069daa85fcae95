package client

import (
	"context"
	"io"
	"sync"

	"sextant/kernel/wire"
)

// outputsAhead is how many iopub messages of one execution wait to be taken.
const outputsAhead = 256

// ExecuteOptions tune one execution. The zero value runs code as a notebook does, without input.
type ExecuteOptions struct {
	Silent bool
	// NoHistory keeps the code out of the kernel's history.
	NoHistory bool
	// ContinueOnError lets the requests queued behind run although this one fails.
	ContinueOnError bool
	UserExpressions map[string]string
	// Subshell is where to run it (JEP 91); empty is the main shell.
	Subshell string
	// Input answers input_request, on a goroutine of its own; its context ends with the execution's Close or the client's.
	// Nil tells the kernel that there is no input. An error is answered by no reply: interrupt the kernel then.
	Input func(ctx context.Context, req wire.InputRequest) (string, error)
}

// Execution is one execute_request under way. Whoever called [Client.Execute] closes it.
type Execution struct {
	c      *Client
	id     string
	p      *pending
	input  func(context.Context, wire.InputRequest) (string, error)
	ctx    context.Context
	cancel context.CancelFunc

	outputs chan *wire.Message // closed by the reader of iopub after idle
	idle    sync.Once
	mu      sync.Mutex
	reply   *wire.Message
}

// Execute sends code and returns at once. When ctx ends before, nothing is sent; afterwards it has no effect: pass a
// context to Next and Reply. To stop what runs, call [Client.Interrupt].
func (c *Client) Execute(ctx context.Context, code string, opts ExecuteOptions) (*Execution, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := &Execution{c: c, input: opts.Input, outputs: make(chan *wire.Message, outputsAhead)}
	e.ctx, e.cancel = context.WithCancel(c.ctx)
	e.p = &pending{channel: wire.Shell, exec: e}
	m, err := c.send(e.p, "execute_request", opts.Subshell, wire.ExecuteRequest{
		Code: code, Silent: opts.Silent, StoreHistory: !opts.NoHistory && !opts.Silent,
		UserExpressions: opts.UserExpressions, AllowStdin: opts.Input != nil, StopOnError: !opts.ContinueOnError,
	})
	if err != nil {
		e.cancel()
		return nil, err
	}
	e.id = m.Header.MsgID
	return e, nil
}

// ID is the msg_id of the request.
func (e *Execution) ID() string { return e.id }

// Next returns the execution's next iopub message, status included, and io.EOF when it is done: both the idle status and
// the reply have come. An execution whose messages nobody takes, over 256 of them, holds up the outputs of the others.
// Next is for one goroutine at a time.
func (e *Execution) Next(ctx context.Context) (*wire.Message, error) {
	select {
	case m, ok := <-e.outputs:
		return e.next(ctx, m, ok)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.c.ended[wire.IOPub]:
	}
	select { // what came before the end goes first
	case m, ok := <-e.outputs:
		return e.next(ctx, m, ok)
	default:
		return nil, e.c.gone()
	}
}

func (e *Execution) next(ctx context.Context, m *wire.Message, ok bool) (*wire.Message, error) {
	if ok {
		return m, nil
	}
	if _, err := e.replyMessage(ctx); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// Reply waits for the reply; it may come before or after the last output. A reply with status error or aborted is an
// [*Error] beside the content. It may be called again.
func (e *Execution) Reply(ctx context.Context) (wire.ExecuteReply, error) {
	m, err := e.replyMessage(ctx)
	if err != nil {
		return wire.ExecuteReply{}, err
	}
	var r wire.ExecuteReply
	if err := m.Read(&r); err != nil {
		return r, err
	}
	return r, failed(m)
}

func (e *Execution) replyMessage(ctx context.Context) (*wire.Message, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reply == nil {
		m, err := e.c.await(ctx, e.p)
		if err != nil {
			return nil, err
		}
		e.reply = m
	}
	return e.reply, nil
}

// Close gives up the outputs that are still to come. The kernel runs on.
func (e *Execution) Close() {
	e.c.forget(e.id)
	e.cancel()
}

// take is called by the reader of iopub alone.
func (e *Execution) take(m *wire.Message) {
	select {
	case <-e.ctx.Done():
		return
	case e.outputs <- m:
	}
	var s wire.Status
	if m.Header.MsgType == "status" && m.Read(&s) == nil && s.ExecutionState == wire.StateIdle {
		e.c.mu.Lock()
		e.p.exec = nil // nothing more is taken, only the reply
		e.c.mu.Unlock()
		e.idle.Do(func() { close(e.outputs) })
	}
}

// answer asks the callback and sends input_reply.
func (e *Execution) answer(m *wire.Message) {
	var req wire.InputRequest
	if m.Read(&req) != nil {
		return
	}
	value, err := e.input(e.ctx, req)
	if err != nil || e.ctx.Err() != nil {
		return
	}
	reply, err := wire.NewReply(e.c.conn.Session(), e.c.conn.Username(), m, "input_reply", wire.InputReply{Value: value})
	if err == nil {
		_ = e.c.conn.Send(reply) // a lost connection shows in Next and Reply
	}
}
