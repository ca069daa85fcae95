package agent

import (
	"encoding/json"
	"slices"
	"strings"

	"sextant/kernel/wire"
)

// request is one that the kernel has not answered yet.
type request struct {
	id       string
	msgType  string
	channel  wire.Channel
	subshell string
	header   json.RawMessage
	began    bool // its busy was seen
}

// book knows what is asked of the kernel and not yet done. It is used under the agent's lock.
type book struct {
	open  []request       // in the order they were asked
	busy  map[string]bool // requests between their busy and idle
	lossy map[string]bool // requests that lost output
}

// maxOpen bounds the requests that are remembered; the kernel's own queue is bounded too.
const maxOpen = 100_000

func newBook() *book { return &book{busy: map[string]bool{}, lossy: map[string]bool{}} }

// ask notes a request for the kernel.
func (b *book) ask(m *wire.Message) {
	if m.Channel == wire.Stdin || !strings.HasSuffix(m.Header.MsgType, "_request") || len(b.open) >= maxOpen {
		return
	}
	header, err := m.HeaderJSON()
	if err != nil {
		return
	}
	b.open = append(b.open, request{id: m.Header.MsgID, msgType: m.Header.MsgType, channel: m.Channel, subshell: m.Header.SubshellID, header: header})
}

// hear notes what the kernel says.
func (b *book) hear(m *wire.Message, parent wire.Header) {
	switch {
	case m.Channel != wire.IOPub:
		if m.Channel == wire.Stdin {
			return
		}
		b.open = slices.DeleteFunc(b.open, func(r request) bool { return r.id == parent.MsgID })
	case m.Header.MsgType == "status":
		var s wire.Status
		if m.Read(&s) != nil {
			return
		}
		switch s.ExecutionState {
		case wire.StateBusy:
			b.busy[parent.MsgID] = true
			for i := range b.open {
				if b.open[i].id == parent.MsgID {
					b.open[i].began = true
				}
			}
		case wire.StateIdle:
			delete(b.busy, parent.MsgID)
			delete(b.lossy, parent.MsgID)
		}
	}
}

// executing reports whether code runs or waits to.
func (b *book) executing() bool {
	return slices.ContainsFunc(b.open, func(r request) bool { return r.msgType == "execute_request" })
}

// running gives the request that a subshell executes now; ok is false where there is none.
func (b *book) running(subshell string) (request, bool) {
	for _, r := range b.open {
		if r.msgType == "execute_request" && r.began && r.subshell == subshell {
			return r, true
		}
	}
	return request{}, false
}

// has reports whether a request is still open.
func (b *book) has(id string) bool {
	return slices.ContainsFunc(b.open, func(r request) bool { return r.id == id })
}

// lose notes that output of a request was lost, and reports whether it was the first.
func (b *book) lose(id string) bool {
	if b.lossy[id] {
		return false
	}
	b.lossy[id] = true
	return true
}

// abandon gives up on everything, and gives what was open. Of what was to be executed, the oldest in each subshell counts as
// begun: a kernel that dies may take the word of it with it.
func (b *book) abandon() (open []request) {
	first := map[string]bool{}
	for i, r := range b.open {
		if r.msgType == "execute_request" && !first[r.subshell] {
			first[r.subshell] = true
			b.open[i].began = true
		}
	}
	open = b.open
	b.open = nil
	clear(b.busy)
	clear(b.lossy)
	return open
}

// replyType is the type of a request's reply.
func replyType(request string) string { return strings.TrimSuffix(request, "_request") + "_reply" }
