package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/kernel/wire"
	"sextant/sessions"
)

// execution is the execution of one cell.
type execution struct {
	a    *active
	k    *sessions.Kernel
	c    *sessions.Client
	cell *notebook.Cell
	// last is the position of the newest message that was read.
	last  uint64
	reply *wire.ExecuteReply // nil until it has come
	idle  bool               // all outputs have come
	// probe is the id of the request that tells whether the kernel ever got the cell; empty where that is known.
	probe string
}

// request is the id of the message that executes the cell, the same however often it is sent.
func (x *execution) request() string { return fmt.Sprintf("%s-%d", x.a.job.ID, x.a.job.Done) }

// run executes the cell, or goes on with what an earlier server began. The error is a *cellError where the cell failed.
func (x *execution) run(ctx context.Context) error {
	// Cells are executed in order: where an earlier server may have sent this one, and another that does nothing ends before
	// there is any word of it, it never came.
	act := x.send
	if x.a.taken {
		act = x.ask
	}
	if !x.a.job.Begun {
		if err := act(); err != nil {
			return err
		}
	}
	x.a.log.add(Event{Kind: CellEvent, Cell: x.cell.ID, State: "running"})
	err := x.await(ctx)
	if err != nil && ctx.Err() != nil && !x.a.left(ctx) {
		x.interrupt(ctx)
	}
	state := "succeeded"
	if err != nil {
		state = "failed"
	}
	x.a.log.add(Event{Kind: CellEvent, Cell: x.cell.ID, State: state})
	return err
}

func (x *execution) send() error {
	m, err := wire.NewMessage(clientOf(x.a.job), x.a.job.Principal.Value(), "execute_request", wire.ExecuteRequest{Code: x.cell.Source, StoreHistory: true,
		StopOnError: true, UserExpressions: map[string]string{}})
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(map[string]any{"cellId": x.cell.ID})
	if err != nil {
		return err
	}
	m.Channel, m.Header.MsgID, m.Metadata = wire.Shell, x.request(), metadata
	return x.c.Send(m)
}

func (x *execution) ask() error {
	m, err := wire.NewMessage(clientOf(x.a.job), x.a.job.Principal.Value(), "execute_request", wire.ExecuteRequest{Silent: true, UserExpressions: map[string]string{}})
	if err != nil {
		return err
	}
	m.Channel = wire.Shell
	x.probe = m.Header.MsgID
	return x.c.Send(m)
}

// interrupt stops the cell, and reads what it still says.
func (x *execution) interrupt(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	err := x.k.Interrupt(ctx)
	var ended *cellError
	if err == nil {
		err = x.await(ctx)
	}
	if err != nil && !errors.As(err, &ended) {
		x.a.r.Log.Warn("a job's cell was not seen to stop", "job", x.a.job.ID, "error", err)
	}
}

// await reads until the cell has ended. Reply and outputs come by channels of their own: neither is always the last.
func (x *execution) await(ctx context.Context) error {
	for x.reply == nil || !x.idle {
		m, err := x.c.Next(ctx)
		if err != nil {
			return err
		}
		x.last = max(x.last, m.Position)
		switch {
		case m.Parent.MsgID == x.request():
			if !x.a.job.Begun {
				if err := x.a.advance(ctx, func(j *content.Job) { j.Begun = true }); err != nil {
					return err
				}
			}
			switch m.Header.MsgType {
			case "execute_reply":
				var r wire.ExecuteReply
				if err := m.Read(&r); err != nil {
					return fmt.Errorf("the kernel's answer: %w", err)
				}
				x.reply = &r
			case "status":
				var s wire.Status
				x.idle = m.Read(&s) == nil && s.ExecutionState == wire.StateIdle
			default:
				x.output(m)
			}
		case x.probe != "" && m.Parent.MsgID == x.probe && m.Header.MsgType == "execute_reply":
			if x.probe = ""; !x.a.job.Begun {
				if err := x.send(); err != nil {
					return err
				}
			}
		case m.Header.MsgType == "status" && m.Parent.MsgID == "":
			// What the cells before left in the kernel is gone then: going on would give other results.
			if why, anew := begunAnew(m); anew && x.reply == nil {
				return &cellError{x.cell.ID, kernelDied, why}
			}
		}
		// Until the cell has ended, a server that comes after this one need not see again what this one has.
		if x.reply == nil && !x.idle {
			x.c.Confirm(m.Position)
		}
	}
	if x.reply.Status == wire.StatusOK {
		return nil
	}
	return &cellError{x.cell.ID, orElse(x.reply.EName, "Aborted"), orElse(x.reply.EValue, "the kernel did not execute it")}
}

// begunAnew tells whether a status says that the kernel is another now, or none, and why.
func begunAnew(m *sessions.Message) (string, bool) {
	var s struct {
		State  string `json:"execution_state"`
		Reason string `json:"reason"`
	}
	if m.Read(&s) != nil {
		return "", false
	}
	switch s.State {
	case wire.StateRestarting, wire.StateDead:
		return orElse(s.Reason, "the kernel ended"), true
	case wire.StateStarting:
		// Kernels say so by themselves, sometimes late; what has no position comes of a client's wish for a restart.
		return "the kernel was restarted", m.Position == 0
	}
	return "", false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// output tells followers of an output.
func (x *execution) output(m *sessions.Message) {
	e := Event{Cell: x.cell.ID}
	switch m.Header.MsgType {
	case "stream", "display_data", "execute_result", "error":
		e.Kind = OutputEvent
	case "update_display_data":
		e.Kind = UpdateEvent
	case "clear_output":
		e.Kind = ClearEvent
	default:
		return
	}
	var body map[string]json.RawMessage
	if m.Read(&body) != nil {
		return
	}
	if e.Kind != ClearEvent {
		kind := m.Header.MsgType
		if e.Kind == UpdateEvent {
			kind = "display_data"
		} else {
			delete(body, "transient")
		}
		body["output_type"], _ = json.Marshal(kind) // a word marshals
	}
	text, err := json.Marshal(body)
	if err != nil {
		return
	}
	e.Output = text
	x.a.log.add(e)
}
