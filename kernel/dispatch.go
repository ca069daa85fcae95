package kernel

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"sextant/kernel/wire"
)

// onShell puts a shell request into the queue it belongs to; it never blocks.
func (k *Kernel) onShell(ctx context.Context, m *wire.Message) {
	k.mu.Lock()
	l := k.lanes[m.Header.SubshellID]
	k.mu.Unlock()
	if l == nil {
		k.answer(m, func() error {
			return &Failure{Name: "SubshellError", Value: "there is no subshell " + m.Header.SubshellID}
		})
		return
	}
	q := l.looks
	switch m.Header.MsgType {
	case "execute_request":
		m.Arrived = time.Now()
		if l.overtaken(m) {
			k.abort(m)
			return
		}
		q = l.cells
	case "shutdown_request", "interrupt_request": // accepted here too, for old clients
		k.onControl(ctx, m)
		return
	}
	if !q.put(m) {
		k.answer(m, func() error {
			return &Failure{Name: "QueueFull", Value: fmt.Sprintf("%d requests are waiting already", maxQueued)}
		})
	}
}

// look answers a shell request that runs nothing, while a cell may be running.
func (k *Kernel) look(ctx context.Context, l *lane, m *wire.Message) {
	switch m.Header.MsgType {
	case "comm_open", "comm_msg", "comm_close":
		k.framed(m, func() { k.onComm(m) })
	default:
		k.answer(m, func() error { return k.lookup(ctx, l, m) })
	}
	// Clients show the last status they saw: the look's idle must not hide that a cell is running.
	if running := l.current(); running != nil {
		k.publishStatus(running, wire.StateBusy)
	}
}

func (k *Kernel) lookup(ctx context.Context, l *lane, m *wire.Message) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	switch m.Header.MsgType {
	case "kernel_info_request":
		return k.reply(m, k.info())
	case "complete_request":
		var req wire.CompleteRequest
		if err := m.Read(&req); err != nil {
			return err
		}
		rep, err := l.shell.Complete(ctx, req.Code, clampCursor(req.Code, req.CursorPos))
		if err != nil {
			return err
		}
		return k.reply(m, rep)
	case "inspect_request":
		var req wire.InspectRequest
		if err := m.Read(&req); err != nil {
			return err
		}
		rep, err := l.shell.Inspect(ctx, req.Code, clampCursor(req.Code, req.CursorPos), req.DetailLevel)
		if err != nil {
			return err
		}
		return k.reply(m, rep)
	case "is_complete_request":
		var req wire.IsCompleteRequest
		if err := m.Read(&req); err != nil {
			return err
		}
		return k.reply(m, l.shell.IsComplete(req.Code))
	case "history_request":
		var req wire.HistoryRequest
		if err := m.Read(&req); err != nil {
			return err
		}
		entries, err := k.history.Read(req)
		if err != nil {
			return err
		}
		return k.reply(m, wire.HistoryReply{History: entries})
	case "comm_info_request":
		return k.reply(m, wire.CommInfoReply{})
	case "connect_request": // deprecated; the connection file says it all
		return k.reply(m, map[string]any{"status": wire.StatusOK})
	}
	return unknownRequest(m)
}

func unknownRequest(m *wire.Message) error {
	return &Failure{Name: "UnknownRequest", Value: "this kernel does not know " + m.Header.MsgType + " on " + string(m.Channel)}
}

// onComm refuses comms: there is nothing here that a widget could speak to.
func (k *Kernel) onComm(m *wire.Message) {
	if m.Header.MsgType != "comm_open" {
		return
	}
	var open wire.CommOpen
	if m.Read(&open) != nil || open.CommID == "" {
		return
	}
	k.publish(m, "comm_close", wire.CommClose{CommID: open.CommID})
}

// onControl answers control requests one after the other; none of them waits for a cell.
func (k *Kernel) onControl(ctx context.Context, m *wire.Message) {
	switch m.Header.MsgType {
	case "shutdown_request":
		k.onShutdown(m)
	default:
		k.answer(m, func() error { return k.control(ctx, m) })
	}
}

func (k *Kernel) control(ctx context.Context, m *wire.Message) error {
	switch m.Header.MsgType {
	case "kernel_info_request":
		return k.reply(m, k.info())
	case "interrupt_request":
		// A subshell is named in the header, as for any request; without one the main shell is meant.
		if !k.interrupt(m.Header.SubshellID) {
			return &Failure{Name: "SubshellError", Value: "there is no subshell " + m.Header.SubshellID}
		}
		return k.reply(m, wire.InterruptReply{})
	case "create_subshell_request":
		// Our own: what relative names of files are relative to.
		var req struct {
			Directory string `json:"directory"`
		}
		if err := m.Read(&req); err != nil {
			return err
		}
		id, err := k.createSubshell(ctx, req.Directory)
		if err != nil {
			return err
		}
		return k.reply(m, wire.CreateSubshellReply{SubshellID: id})
	case "delete_subshell_request":
		var req wire.DeleteSubshellRequest
		if err := m.Read(&req); err != nil {
			return err
		}
		if err := k.deleteSubshell(req.SubshellID); err != nil {
			return err
		}
		return k.reply(m, wire.DeleteSubshellReply{})
	case "list_subshell_request":
		return k.reply(m, wire.ListSubshellReply{SubshellID: k.subshells()})
	case "debug_request":
		return &Failure{Name: "Unsupported", Value: "this kernel has no debugger"}
	}
	return unknownRequest(m)
}

func (k *Kernel) onShutdown(m *wire.Message) {
	var req wire.ShutdownRequest
	_ = m.Read(&req) // an unreadable request still means shutdown
	k.mu.Lock()
	k.restart = req.Restart
	k.mu.Unlock()
	k.framed(m, func() {
		rep := wire.ShutdownReply{Restart: req.Restart}
		k.publish(m, "shutdown_reply", rep)
		if err := k.reply(m, rep); err != nil {
			k.log.Warn("shutdown reply", "error", err)
		}
	})
	k.shutdown()
}

func (k *Kernel) createSubshell(ctx context.Context, directory string) (string, error) {
	k.mu.Lock()
	full := len(k.lanes) > k.opts.MaxSubshells
	k.mu.Unlock()
	if full {
		return "", &Failure{Name: "SubshellError", Value: fmt.Sprintf("%d subshells are open already; delete one first", k.opts.MaxSubshells)}
	}
	shell, err := k.opts.NewShell(ctx, directory)
	if err != nil {
		return "", err
	}
	id := uuid.NewString()
	l := k.newLane(ctx, id, shell)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lanes[id] = l
	return id, nil
}

// deleteSubshell ends what the subshell runs; requests that still wait in it are answered as aborted.
func (k *Kernel) deleteSubshell(id string) error {
	k.mu.Lock()
	l := k.lanes[id]
	if id != "" {
		delete(k.lanes, id)
	}
	k.mu.Unlock()
	if l == nil || id == "" {
		return &Failure{Name: "SubshellError", Value: "there is no subshell " + id}
	}
	for _, m := range l.cells.takeAll() {
		k.abort(m)
	}
	// Its cell may take a moment to let go: nobody has to wait for that.
	k.wg.Go(l.close)
	return nil
}

func (k *Kernel) subshells() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := []string{}
	for id := range k.lanes {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (k *Kernel) info() wire.KernelInfoReply {
	i := k.opts.Info
	return wire.KernelInfoReply{
		ProtocolVersion: wire.ProtocolVersion, Implementation: i.Implementation,
		ImplementationVersion: i.ImplementationVersion, LanguageInfo: i.Language, Banner: i.Banner,
		HelpLinks: i.HelpLinks, SupportedFeatures: []string{"kernel subshells"},
	}
}

// replyType is the type of the answer to a request.
func replyType(request string) string { return strings.TrimSuffix(request, "_request") + "_reply" }

// clampCursor brings a client's cursor, in code points, into the text; a negative one counts as the end.
func clampCursor(code string, cursor int) int {
	n := 0
	for range code {
		n++
	}
	if cursor < 0 || cursor > n {
		return n
	}
	return cursor
}
