package wire

import "encoding/json"

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
func (d DisplayData) MarshalJSON() ([]byte, error) {
	type plain DisplayData
	d.Data, d.Metadata = object(d.Data), object(d.Metadata)
	return Marshal(plain(d))
}

// ExecuteResult is the value of what was run.
type ExecuteResult struct {
	ExecutionCount int                        `json:"execution_count"`
	Data           MIMEBundle                 `json:"data"`
	Metadata       map[string]json.RawMessage `json:"metadata"`
	Transient      Transient                  `json:"transient"`
}

// MarshalJSON writes empty objects as such.
func (r ExecuteResult) MarshalJSON() ([]byte, error) {
	type plain ExecuteResult
	r.Data, r.Metadata = object(r.Data), object(r.Metadata)
	return Marshal(plain(r))
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
