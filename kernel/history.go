package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"sextant/kernel/wire"
)

// maxHistoryFile is where the history file is halved: the older entries go.
const maxHistoryFile = 32 << 20

// defaultHistoryTail answers a tail or search request that gives no n.
const defaultHistoryTail = 1000

// History keeps what was run, across kernels: one file of JSON lines that all kernels of a user append to under a lock.
// Each kernel is a session with a number of its own, given with its first entry. A nil History keeps nothing.
type History struct {
	path string

	mu      sync.Mutex
	session int // 0 until the first entry
}

// NewHistory keeps the history in the file at path, which is made when there is something to keep.
func NewHistory(path string) *History { return &History{path: path} }

type historyLine struct {
	Session int    `json:"s"`
	Line    int    `json:"n"`
	Input   string `json:"in"`
	Output  string `json:"out,omitempty"`
}

// Append keeps one cell.
func (h *History) Append(line int, input, output string) (err error) {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil { // released with the file
		return err
	}
	if h.session == 0 {
		last, err := lastSession(f)
		if err != nil {
			return err
		}
		h.session = last + 1
	}
	end, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	if end > maxHistoryFile {
		if end, err = halve(f); err != nil {
			return err
		}
	}
	raw, err := wire.Marshal(historyLine{Session: h.session, Line: line, Input: input, Output: output})
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(raw, '\n'), end)
	return err
}

// lastSession reads the session number of the file's last entry.
func lastSession(f *os.File) (int, error) {
	last := 0
	err := eachLine(f, func(l historyLine) { last = max(last, l.Session) })
	return last, err
}

// halve drops the older half of the file, at a line's end, and gives its new size.
func halve(f *os.File) (int64, error) {
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return 0, err
	}
	data = data[len(data)/2:]
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		data = data[i+1:]
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return 0, err
	}
	return int64(len(data)), f.Truncate(int64(len(data)))
}

// eachLine reads all entries, oldest first; lines that are none (a write that a crash cut off) are passed over.
func eachLine(f *os.File, do func(historyLine)) error {
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, 64<<10)
	for {
		raw, err := r.ReadBytes('\n')
		if len(raw) > 0 {
			var l historyLine
			if json.Unmarshal(raw, &l) == nil && l.Session > 0 {
				do(l)
			}
		}
		if err != nil {
			return nil //nolint:nilerr // the end, or as far as it can be read
		}
	}
}

// Read answers a history_request (messaging spec, "History").
func (h *History) Read(req wire.HistoryRequest) ([]wire.HistoryEntry, error) {
	if h == nil {
		return nil, nil
	}
	pick, err := h.picker(req)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(h.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var found []historyLine
	if err := eachLine(f, func(l historyLine) {
		if pick(l) {
			found = append(found, l)
		}
	}); err != nil {
		return nil, err
	}
	if req.HistAccessType == "search" && req.Unique {
		found = uniqueInputs(found)
	}
	if req.HistAccessType != "range" {
		n := req.N
		if n <= 0 {
			n = defaultHistoryTail
		}
		found = found[max(0, len(found)-n):]
	}
	out := make([]wire.HistoryEntry, len(found))
	for i := range found {
		l := &found[i]
		out[i] = wire.HistoryEntry{Session: l.Session, Line: l.Line, Input: l.Input, WithOutput: req.Output}
		if l.Output != "" {
			out[i].Output = &l.Output
		}
	}
	return out, nil
}

// picker decides which entries a request asks for.
func (h *History) picker(req wire.HistoryRequest) (func(historyLine) bool, error) {
	switch req.HistAccessType {
	case "tail":
		return func(historyLine) bool { return true }, nil
	case "search":
		pattern := req.Pattern
		if pattern == "" {
			pattern = "*"
		}
		return func(l historyLine) bool { return globMatch(pattern, l.Input) }, nil
	case "range":
		h.mu.Lock()
		current := h.session
		h.mu.Unlock()
		session := req.Session
		if session <= 0 { // 0 is the current one, -1 the one before
			session += current
		}
		return func(l historyLine) bool {
			return l.Session == session && l.Line >= req.Start && (req.Stop <= 0 || l.Line < req.Stop)
		}, nil
	}
	return nil, &Failure{Name: "BadRequest", Value: fmt.Sprintf("hist_access_type %q is not one of range, tail, search", req.HistAccessType)}
}

// uniqueInputs keeps the newest of entries with equal input.
func uniqueInputs(lines []historyLine) []historyLine {
	seen := map[string]bool{}
	out := lines[:0]
	for _, l := range slices.Backward(lines) {
		if !seen[l.Input] {
			seen[l.Input] = true
			out = append(out, l)
		}
	}
	slices.Reverse(out)
	return out
}
