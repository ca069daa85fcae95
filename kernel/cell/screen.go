package cell

import (
	"encoding/json"
	"sync"

	"github.com/google/uuid"

	"sextant/kernel"
	"sextant/kernel/display"
	"sextant/kernel/wire"
)

// maxReplay bounds the outputs that are kept to be shown again after a progress display; a cell that gave more shows no
// progress.
const maxReplay = 2 << 20

// screen is the cell's output with a progress display that leaves no trace.
//
// Jupyter has no message that removes one output. So progress is a display that is updated in place, and what comes
// after it first clears the cell's output (with wait, so that nothing flickers) and repeats what the cell had shown
// before. Documents that recorded the cell then hold what the statements gave and nothing else.
type screen struct {
	out kernel.Output

	mu      sync.Mutex
	shown   []func() // what was shown so far
	size    int
	tooMuch bool
	id      string // of the progress display in view; empty when none is
}

func newScreen(out kernel.Output) *screen { return &screen{out: out} }

// emit shows an output that is about size bytes long.
func (s *screen) emit(size int, show func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearProgress()
	show()
	if s.tooMuch {
		return
	}
	if s.size += size + 200; s.size > maxReplay {
		s.shown, s.tooMuch = nil, true
		return
	}
	s.shown = append(s.shown, show)
}

// clearProgress takes the progress display away when the next output comes.
func (s *screen) clearProgress() {
	if s.id == "" {
		return
	}
	s.id = ""
	s.out.Clear(true)
	for _, show := range s.shown {
		show()
	}
}

func (s *screen) stream(name, text string) {
	s.emit(len(text), func() { s.out.Stream(name, text) })
}

func (s *screen) display(b display.Bundle) error {
	kb, size, err := encode(b)
	if err != nil {
		return err
	}
	s.emit(size, func() { s.out.Display(kb, "") })
	return nil
}

func (s *screen) result(b display.Bundle) error {
	kb, size, err := encode(b)
	if err != nil {
		return err
	}
	s.emit(size, func() { s.out.Result(kb) })
	return nil
}

func (s *screen) page(b display.Bundle) error {
	kb, _, err := encode(b)
	if err == nil {
		s.out.Page(kb)
	}
	return err
}

// clear clears what the cell has shown.
func (s *screen) clear(wait bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown, s.size, s.tooMuch, s.id = nil, 0, false, ""
	s.out.Clear(wait)
}

// progress shows or updates the progress display.
func (s *screen) progress(b display.Bundle) {
	kb, _, err := encode(b)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tooMuch:
	case s.id == "":
		s.id = uuid.NewString()
		s.out.Display(kb, s.id)
	default:
		s.out.Update(kb, s.id)
	}
}

// finish takes away a progress display that nothing came after.
func (s *screen) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearProgress()
}

// encode makes the JSON of a bundle, but of its texts; size is about that of the data.
func encode(b display.Bundle) (out kernel.Bundle, size int, err error) {
	out = kernel.Bundle{Texts: map[string]string{}, Data: wire.MIMEBundle{}, Metadata: map[string]json.RawMessage{}}
	for mime, v := range b.Data {
		if text, ok := v.(string); ok {
			out.Texts[mime] = text
			size += len(text)
			continue
		}
		raw, err := wire.Marshal(v)
		if err != nil {
			return out, 0, err
		}
		out.Data[mime] = raw
		size += len(raw)
	}
	for key, v := range b.Metadata {
		raw, err := wire.Marshal(v)
		if err != nil {
			return out, 0, err
		}
		out.Metadata[key] = raw
	}
	return out, size, nil
}
