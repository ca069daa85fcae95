package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Contents of iopub messages.

// Execution states of a kernel. The last two are said by a server on the kernel's behalf.
const (
	StateStarting   = "starting"
	StateIdle       = "idle"
	StateBusy       = "busy"
	StateRestarting = "restarting"
	StateDead       = "dead"
)

// Status frames the handling of each request: busy, work, idle.
type Status struct {
	ExecutionState string `json:"execution_state"`
}

// ExecuteInput echoes to all clients what is being run.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// Names of streams.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Stream is text for stdout or stderr.
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// MIMEBundle maps MIME types to values: a JSON string for text and for base64 images, any JSON for application/json and
// application/*+json.
type MIMEBundle map[string]json.RawMessage

// Transient is display data that no document keeps.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// DisplayData is the content of display_data and, with a display id, of update_display_data.
type DisplayData struct {
	Data      MIMEBundle                 `json:"data"`
	Metadata  map[string]json.RawMessage `json:"metadata"`
	Transient Transient                  `json:"transient"`
}

// MarshalJSON writes empty objects as such.
func (d DisplayData) MarshalJSON() ([]byte, error) { return d.raw(nil) }

// raw is MarshalJSON without what encoding/json would do to the result afterwards: [Marshal] calls it directly, because
// checking and copying a ten megabyte value again and again takes longer than sending it.
func (d DisplayData) raw(prefix []byte) (json.RawMessage, error) {
	size := len(prefix) + 128
	for k, v := range d.Data {
		size += len(k) + len(v) + 8
	}
	b := append(make([]byte, 0, size), prefix...)
	if prefix == nil {
		b = append(b, '{')
	}
	b, err := appendObject(append(b, `"data":`...), d.Data)
	if err != nil {
		return nil, err
	}
	if b, err = appendObject(append(b, `,"metadata":`...), d.Metadata); err != nil {
		return nil, err
	}
	transient, err := Marshal(d.Transient)
	if err != nil {
		return nil, err
	}
	b = append(append(b, `,"transient":`...), transient...)
	return append(b, '}'), nil
}

// appendObject writes a map whose values are JSON already, checking each, its keys in order.
func appendObject[M ~map[string]json.RawMessage](b []byte, m M) ([]byte, error) {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := Marshal(k)
		if err != nil {
			return nil, err
		}
		v := m[k]
		if err := checkValue(v); err != nil {
			return nil, fmt.Errorf("value of %q %w", k, err)
		}
		b = append(append(append(b, key...), ':'), v...)
	}
	return append(b, '}'), nil
}

// ExecuteResult is the value of what was run.
type ExecuteResult struct {
	ExecutionCount int                        `json:"execution_count"`
	Data           MIMEBundle                 `json:"data"`
	Metadata       map[string]json.RawMessage `json:"metadata"`
	Transient      Transient                  `json:"transient"`
}

// MarshalJSON writes empty objects as such.
func (r ExecuteResult) MarshalJSON() ([]byte, error) { return r.raw() }

func (r ExecuteResult) raw() (json.RawMessage, error) {
	prefix := append(strconv.AppendInt([]byte(`{"execution_count":`), int64(r.ExecutionCount), 10), ',')
	return DisplayData{r.Data, r.Metadata, r.Transient}.raw(prefix)
}

// ErrorContent is the content of the iopub message error.
type ErrorContent = Failure

// ClearOutput asks clients to clear a cell's output.
type ClearOutput struct {
	// Wait defers the clearing until new output arrives.
	Wait bool `json:"wait"`
}

// IOPubWelcome tells a subscriber that its subscription is in place (JEP 65).
type IOPubWelcome struct {
	Subscription string `json:"subscription"`
}
