package wire

import "encoding/json"

// Contents of requests. Where the spec gives a default for a missing key, UnmarshalJSON applies it, so that a terse client
// means the same as a verbose one.

// ExecuteRequest asks shell to run code.
type ExecuteRequest struct {
	Code string `json:"code"`
	// Silent runs without execute_input, result broadcast, history or counter.
	Silent bool `json:"silent"`
	// StoreHistory defaults to true, and is forced to false by Silent.
	StoreHistory bool `json:"store_history"`
	// UserExpressions maps names to expressions evaluated after the code. Always an object on the wire.
	UserExpressions map[string]string `json:"user_expressions"`
	// AllowStdin defaults to true: the client can answer input_request.
	AllowStdin bool `json:"allow_stdin"`
	// StopOnError defaults to true: a failure aborts the requests queued behind.
	StopOnError bool `json:"stop_on_error"`
}

// UnmarshalJSON applies the spec's defaults.
func (r *ExecuteRequest) UnmarshalJSON(data []byte) error {
	type plain ExecuteRequest
	p := plain{StoreHistory: true, AllowStdin: true, StopOnError: true}
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	if p.Silent {
		p.StoreHistory = false
	}
	*r = ExecuteRequest(p)
	return nil
}

// MarshalJSON writes user_expressions as an object even when there are none.
func (r ExecuteRequest) MarshalJSON() ([]byte, error) {
	type plain ExecuteRequest
	r.UserExpressions = object(r.UserExpressions)
	return Marshal(plain(r))
}

// InspectRequest asks shell what is at the cursor.
type InspectRequest struct {
	Code string `json:"code"`
	// CursorPos counts Unicode code points.
	CursorPos int `json:"cursor_pos"`
	// DetailLevel is 0 or 1.
	DetailLevel int `json:"detail_level"`
}

// CompleteRequest asks shell for completions at the cursor.
type CompleteRequest struct {
	Code string `json:"code"`
	// CursorPos counts Unicode code points.
	CursorPos int `json:"cursor_pos"`
}

// IsCompleteRequest asks shell whether code can be run as it stands.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// HistoryRequest asks shell for earlier inputs.
type HistoryRequest struct {
	// Output asks for the outputs too.
	Output bool `json:"output"`
	// Raw asks for the untransformed inputs.
	Raw bool `json:"raw"`
	// HistAccessType is "range", "tail" or "search".
	HistAccessType string `json:"hist_access_type"`
	// Session, Start and Stop belong to "range"; session 0 is the present one, Stop is exclusive.
	Session int `json:"session,omitempty"`
	Start   int `json:"start,omitempty"`
	Stop    int `json:"stop,omitempty"`
	// N belongs to "tail" and "search".
	N int `json:"n,omitempty"`
	// Pattern is a glob; it and Unique belong to "search".
	Pattern string `json:"pattern,omitempty"`
	Unique  bool   `json:"unique,omitempty"`
}

// CommInfoRequest asks shell for the open comms, of one target or of all.
type CommInfoRequest struct {
	TargetName string `json:"target_name,omitempty"`
}

// KernelInfoRequest asks shell or control who the kernel is.
type KernelInfoRequest struct{}

// InterruptRequest asks control to stop what runs.
type InterruptRequest struct{}

// ShutdownRequest asks control (or shell) to end the kernel.
type ShutdownRequest struct {
	// Restart says that a new kernel will take over the same ports.
	Restart bool `json:"restart"`
}

// CreateSubshellRequest asks control for a new subshell (JEP 91).
type CreateSubshellRequest struct{}

// DeleteSubshellRequest asks control to end a subshell (JEP 91).
type DeleteSubshellRequest struct {
	SubshellID string `json:"subshell_id"`
}

// ListSubshellRequest asks control for the subshells (JEP 91).
type ListSubshellRequest struct{}

// InputRequest is sent by the kernel on stdin to one client.
type InputRequest struct {
	Prompt string `json:"prompt"`
	// Password asks the client not to echo.
	Password bool `json:"password"`
}

// InputReply is the client's answer on stdin.
type InputReply struct {
	Value string `json:"value"`
}

// CommOpen opens a comm, from either side.
type CommOpen struct {
	CommID     string          `json:"comm_id"`
	TargetName string          `json:"target_name"`
	Data       json.RawMessage `json:"data"`
}

// CommMsg carries data over an open comm, either way; the same shape closes it (comm_close).
type CommMsg struct {
	CommID string          `json:"comm_id"`
	Data   json.RawMessage `json:"data"`
}

// CommClose is the content of comm_close.
type CommClose = CommMsg

// MarshalJSON writes data as an object even when there is none.
func (c CommOpen) MarshalJSON() ([]byte, error) {
	type plain CommOpen
	c.Data = orEmpty(c.Data)
	return Marshal(plain(c))
}

// MarshalJSON writes data as an object even when there is none.
func (c CommMsg) MarshalJSON() ([]byte, error) {
	type plain CommMsg
	c.Data = orEmpty(c.Data)
	return Marshal(plain(c))
}
