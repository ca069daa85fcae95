package record

import (
	"encoding/json"
	"fmt"
	"time"

	"sextant/content/notebook"
	"sextant/kernel/wire"
)

// Bounds of what is recorded of one execution.
const (
	// MaxCellBytes bounds the outputs of a cell; what is over it is left out, with a note in their place.
	MaxCellBytes = 64 << 20
	// MaxCellOutputs bounds their number.
	MaxCellOutputs = 20_000
)

// Cell gathers the outputs of one execution of a cell. It is used by one goroutine.
type Cell struct {
	// ID is the cell's; Request the id of the message that executes it.
	ID      string
	Request string
	// Code is what was executed.
	Code string
	// Count is the execution count; nil until the kernel has told it.
	Count *int64
	// Began and Ended are when the kernel took it up and was done; zero until then.
	Began time.Time
	Ended time.Time
	// First and Last are the positions of its first and its last message.
	First uint64
	Last  uint64

	outputs []piece
	bytes   int
	clear   bool // with the next output
	full    bool
	times   map[string]string
	stored  []*stored // results that are yet to be kept
}

// piece is one output: a stream that may still grow, or anything else.
type piece struct {
	stream  string // the stream's name; "" for all others
	text    *terminal
	output  notebook.Output
	display string // display id
	result  bool
	size    int
	stored  *stored // nil for none
}

// NewCell is the cell of a request.
func NewCell(id, request string, position uint64) *Cell {
	return &Cell{ID: id, Request: request, First: position, Last: position, times: map[string]string{}}
}

// Done reports whether the execution has ended.
func (c *Cell) Done() bool { return !c.Ended.IsZero() }

// Take takes up a message of the execution, and reports whether it changed anything that a document shows. updates are
// displays of other cells to be changed.
func (c *Cell) Take(m *wire.Message, position uint64, now time.Time) (changed bool, update *Update) {
	c.Last = max(c.Last, position)
	switch m.Header.MsgType {
	case "execute_input":
		var v wire.ExecuteInput
		if m.Read(&v) != nil {
			return false, nil
		}
		n := int64(v.ExecutionCount)
		c.Code, c.Count = v.Code, &n
		c.times["iopub.execute_input"] = m.Header.Date
		return true, nil
	case "status":
		var v wire.Status
		if m.Read(&v) != nil {
			return false, nil
		}
		switch v.ExecutionState {
		case wire.StateBusy:
			if c.Began.IsZero() {
				c.Began = now
			}
			c.times["iopub.status.busy"] = m.Header.Date
		case wire.StateIdle:
			c.Ended = now
			c.times["iopub.status.idle"] = m.Header.Date
			return true, nil
		}
	case "execute_reply":
		c.times["shell.execute_reply"] = m.Header.Date
	case "clear_output":
		var v wire.ClearOutput
		if m.Read(&v) != nil {
			return false, nil
		}
		if c.clear = v.Wait; v.Wait {
			return false, nil
		}
		c.reset()
		return true, nil
	case "stream":
		var v wire.Stream
		if m.Read(&v) != nil || v.Text == "" {
			return false, nil
		}
		c.began()
		c.stream(v)
		return true, nil
	case "display_data", "execute_result", "error":
		p, ok := pieceOf(m)
		if !ok {
			return false, nil
		}
		c.began()
		c.add(p)
		if p.stored != nil {
			c.stored = append(c.stored, p.stored)
		}
		return true, nil
	case "update_display_data":
		var v wire.DisplayData
		if m.Read(&v) != nil || v.Transient.DisplayID == "" {
			return false, nil
		}
		data, metadata := objects(v.Data, v.Metadata)
		return false, &Update{DisplayID: v.Transient.DisplayID, data: data, metadata: metadata, size: len(m.Content)}
	}
	return false, nil
}

// Update is new content for all outputs that were displayed under an id.
type Update struct {
	DisplayID string
	data      notebook.Object
	metadata  notebook.Object
	size      int
}

// Apply changes the outputs that have the update's display id, and reports whether there was any.
func (c *Cell) Apply(u *Update) bool {
	found := false
	for i := range c.outputs {
		p := &c.outputs[i]
		if p.display != u.DisplayID {
			continue
		}
		found = true
		if p.result {
			p.output = notebook.NewExecuteResult(u.data, u.metadata, c.Count)
		} else {
			p.output = notebook.NewDisplayData(u.data, u.metadata)
		}
		c.bytes += u.size - p.size
		p.size = u.size
	}
	return found
}

// began does the clearing that waited for an output.
func (c *Cell) began() {
	if c.clear {
		c.clear = false
		c.reset()
	}
}

func (c *Cell) reset() { c.outputs, c.bytes, c.full = nil, 0, false }

// stream appends to the stream that came last, or begins another output.
func (c *Cell) stream(v wire.Stream) {
	if c.full {
		return
	}
	if n := len(c.outputs); n > 0 && c.outputs[n-1].stream == v.Name {
		p := &c.outputs[n-1]
		p.text.write(v.Text)
		now := p.text.size()
		c.bytes += now - p.size
		p.size = now
		c.limit()
		return
	}
	t := &terminal{}
	t.write(v.Text)
	c.add(piece{stream: v.Name, text: t, size: t.size()})
}

func (c *Cell) add(p piece) {
	if c.full {
		return
	}
	c.outputs = append(c.outputs, p)
	c.bytes += p.size
	c.limit()
}

// limit ends the recording of what has grown too large. An error that follows is still worth keeping, but would mostly not
// come: a cell that prints without end is interrupted.
func (c *Cell) limit() {
	if c.bytes <= MaxCellBytes && len(c.outputs) < MaxCellOutputs {
		return
	}
	c.full = true
	t := &terminal{}
	t.write(fmt.Sprintf("\nFurther output of this cell is not kept: it has more than %d MB or %d pieces.\n", MaxCellBytes>>20, MaxCellOutputs))
	c.outputs = append(c.outputs, piece{stream: wire.Stderr, text: t})
}

// Outputs are the outputs so far.
func (c *Cell) Outputs() []notebook.Output {
	out := make([]notebook.Output, 0, len(c.outputs))
	for _, p := range c.outputs {
		if p.stream != "" {
			out = append(out, notebook.NewStream(p.stream, p.text.String()))
			continue
		}
		out = append(out, p.output)
	}
	return out
}

// Put writes the execution into a cell of a notebook: outputs, count and times.
func (c *Cell) Put(to *notebook.Cell) {
	to.Outputs, to.ExecutionCount = c.Outputs(), c.Count
	times, err := json.Marshal(c.times)
	if err != nil { // they are strings
		return
	}
	value, err := notebook.ParseValue(times)
	if err != nil {
		return
	}
	metadata := notebook.Object{}
	for k, v := range to.Metadata {
		metadata[k] = v
	}
	metadata["execution"] = value
	to.Metadata = metadata
}

func pieceOf(m *wire.Message) (piece, bool) {
	p := piece{size: len(m.Content)}
	switch m.Header.MsgType {
	case "error":
		var v wire.ErrorContent
		if m.Read(&v) != nil {
			return p, false
		}
		p.output = notebook.NewError(v.EName, v.EValue, v.Traceback)
		return p, true
	case "execute_result":
		var v wire.ExecuteResult
		if m.Read(&v) != nil {
			return p, false
		}
		data, metadata := objects(v.Data, v.Metadata)
		p.stored, metadata = takeStored(metadata)
		n := int64(v.ExecutionCount)
		p.output, p.display, p.result = notebook.NewExecuteResult(data, metadata, &n), v.Transient.DisplayID, true
		return p, true
	}
	var v wire.DisplayData
	if m.Read(&v) != nil {
		return p, false
	}
	data, metadata := objects(v.Data, v.Metadata)
	p.stored, metadata = takeStored(metadata)
	p.output, p.display = notebook.NewDisplayData(data, metadata), v.Transient.DisplayID
	return p, true
}

// objects gives a bundle and its metadata as a notebook has them; what is no JSON is left out.
func objects(bundle wire.MIMEBundle, meta map[string]json.RawMessage) (data, metadata notebook.Object) {
	return object(bundle), object(meta)
}

func object(from map[string]json.RawMessage) notebook.Object {
	to := make(notebook.Object, len(from))
	for k, raw := range from {
		if v, err := notebook.ParseValue(raw); err == nil {
			to[k] = v
		}
	}
	return to
}
