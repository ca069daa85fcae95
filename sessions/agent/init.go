package agent

import (
	"strings"
	"sync"

	"sextant/kernel/wire"
)

// beginning is what a fresh kernel runs before the first cell, and what its first cell is to say.
type beginning struct {
	done chan struct{} // closed by the reply of Spec.Init, or where there is none

	mu    sync.Mutex
	notes []string
}

// begin has a kernel that is ready run the session's init code. Kernels take what they are asked in order, so that whatever
// is asked of it later comes after.
func (r *running) begin() error {
	if r.a.spec.Init == "" {
		close(r.first.done)
		return nil
	}
	// What waits behind it must not be aborted where it fails.
	m, err := wire.NewMessage(r.a.own, "agent", "execute_request", wire.ExecuteRequest{Code: r.a.spec.Init, Silent: true, StopOnError: false})
	if err != nil {
		return err
	}
	m.Channel = wire.Shell
	return r.conn.Send(m)
}

// begun takes the reply of the init code.
func (b *beginning) begun(m *wire.Message) {
	var e wire.ErrorReply
	if err := m.Read(&e); err == nil && e.Status == wire.StatusError {
		text := "The environment's init code failed: " + e.EName
		if e.EValue != "" {
			text += ": " + e.EValue
		}
		if len(e.Traceback) > 0 {
			text += "\n" + strings.Join(e.Traceback, "\n")
		}
		b.mu.Lock()
		b.notes = append(b.notes, text)
		b.mu.Unlock()
	}
	close(b.done)
}

// tell has the first cell say what there is to say, right after it has begun.
func (r *running) tell(m *wire.Message, parent wire.Header) {
	if m.Channel != wire.IOPub || m.Header.MsgType != "execute_input" || parent.MsgType != "execute_request" {
		return
	}
	select {
	case <-r.first.done: // it was answered before the cell began
	case <-r.ended:
	}
	r.first.mu.Lock()
	notes := r.first.notes
	r.first.notes = nil
	r.first.mu.Unlock()
	if len(notes) > 0 {
		r.a.say(m.ParentHeader, "stream", wire.Stream{Name: wire.Stderr, Text: strings.Join(notes, "\n") + "\n"})
	}
}
