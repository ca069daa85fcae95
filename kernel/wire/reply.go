package wire

import "encoding/json"

// Contents of replies. Each has a status; an empty one marshals as "ok", and on any other the fields that belong to
// success are left out, as the spec's schemas demand.

// Status of a reply.
const (
	StatusOK      = "ok"
	StatusError   = "error"
	StatusAborted = "aborted"
)

// Failure is what went wrong, inside replies and as the content of the iopub message error.
type Failure struct {
	EName     string   `json:"ename"`
	EValue    string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// MarshalJSON writes traceback as an array even when it is empty.
func (f Failure) MarshalJSON() ([]byte, error) {
	type plain Failure
	f.Traceback = array(f.Traceback)
	return Marshal(plain(f))
}

// ErrorReply is the content of any reply with status error, or, with Status set, aborted. It also reads the status of any
// reply at all: the failure is zero when that is ok.
type ErrorReply struct {
	Status string `json:"status"`
	Failure
}

// MarshalJSON flattens the failure into the reply.
func (e ErrorReply) MarshalJSON() ([]byte, error) {
	if e.Status == "" {
		e.Status = StatusError
	}
	type plain struct {
		Status    string   `json:"status"`
		EName     string   `json:"ename"`
		EValue    string   `json:"evalue"`
		Traceback []string `json:"traceback"`
	}
	return Marshal(plain{e.Status, e.EName, e.EValue, array(e.Traceback)})
}

// ExecuteReply answers execute_request.
type ExecuteReply struct {
	Status         string `json:"status"`
	ExecutionCount int    `json:"execution_count"`
	// UserExpressions and Payload belong to success; always an object and an array there.
	UserExpressions map[string]json.RawMessage `json:"user_expressions,omitempty"`
	Payload         []json.RawMessage          `json:"payload,omitempty"`
	// Failure belongs to error and aborted.
	Failure
}

// MarshalJSON writes what belongs to the status and nothing else.
func (r ExecuteReply) MarshalJSON() ([]byte, error) {
	if r.Status == "" || r.Status == StatusOK {
		return Marshal(struct {
			Status          string                     `json:"status"`
			ExecutionCount  int                        `json:"execution_count"`
			UserExpressions map[string]json.RawMessage `json:"user_expressions"`
			Payload         []json.RawMessage          `json:"payload"`
		}{StatusOK, r.ExecutionCount, object(r.UserExpressions), array(r.Payload)})
	}
	return Marshal(struct {
		Status         string   `json:"status"`
		ExecutionCount int      `json:"execution_count"`
		EName          string   `json:"ename"`
		EValue         string   `json:"evalue"`
		Traceback      []string `json:"traceback"`
	}{r.Status, r.ExecutionCount, r.EName, r.EValue, array(r.Traceback)})
}

// PagePayload is a payload that asks the client to show data in a pager (deprecated by the spec, used by Jupyter).
type PagePayload struct {
	// Source is always "page".
	Source string     `json:"source"`
	Data   MIMEBundle `json:"data"`
	Start  int        `json:"start"`
}

// KernelInfoReply answers kernel_info_request.
type KernelInfoReply struct {
	Status                string       `json:"status"`
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	HelpLinks             []HelpLink   `json:"help_links"`
	Debugger              bool         `json:"debugger"`
	// SupportedFeatures names optional abilities (JEP 92), such as "kernel subshells".
	SupportedFeatures []string `json:"supported_features"`
}

// FeatureSubshells in SupportedFeatures says that the kernel has subshells (JEP 91).
const FeatureSubshells = "kernel subshells"

// LanguageInfo says which language the kernel speaks.
type LanguageInfo struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	MIMEType string `json:"mimetype"`
	// FileExtension begins with a dot.
	FileExtension  string `json:"file_extension"`
	PygmentsLexer  string `json:"pygments_lexer,omitempty"`
	CodeMirrorMode any    `json:"codemirror_mode,omitempty"`
	NBConvert      string `json:"nbconvert_exporter,omitempty"`
}

// HelpLink is one entry of a front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// MarshalJSON fills the status and writes arrays as arrays.
func (r KernelInfoReply) MarshalJSON() ([]byte, error) {
	type plain KernelInfoReply
	r.Status = orOK(r.Status)
	r.HelpLinks, r.SupportedFeatures = array(r.HelpLinks), array(r.SupportedFeatures)
	return Marshal(plain(r))
}

// CompleteReply answers complete_request. Positions count Unicode code points.
type CompleteReply struct {
	Status      string                     `json:"status"`
	Matches     []string                   `json:"matches"`
	CursorStart int                        `json:"cursor_start"`
	CursorEnd   int                        `json:"cursor_end"`
	Metadata    map[string]json.RawMessage `json:"metadata"`
}

// CompletionTypesKey is the metadata key under which JupyterLab looks for a list of [TypedCompletion].
const CompletionTypesKey = "_jupyter_types_experimental"

// TypedCompletion is one completion with its kind, for icons.
type TypedCompletion struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature,omitempty"`
}

// MarshalJSON fills the status and writes empty lists and objects as such.
func (r CompleteReply) MarshalJSON() ([]byte, error) {
	type plain CompleteReply
	r.Status, r.Matches, r.Metadata = orOK(r.Status), array(r.Matches), object(r.Metadata)
	return Marshal(plain(r))
}

// InspectReply answers inspect_request.
type InspectReply struct {
	Status   string                     `json:"status"`
	Found    bool                       `json:"found"`
	Data     MIMEBundle                 `json:"data"`
	Metadata map[string]json.RawMessage `json:"metadata"`
}

// MarshalJSON fills the status and writes empty objects as such.
func (r InspectReply) MarshalJSON() ([]byte, error) {
	type plain InspectReply
	r.Status, r.Data, r.Metadata = orOK(r.Status), object(r.Data), object(r.Metadata)
	return Marshal(plain(r))
}

// The answers to is_complete_request.
const (
	Complete        = "complete"
	Incomplete      = "incomplete"
	Invalid         = "invalid"
	UnknownComplete = "unknown"
)

// IsCompleteReply answers is_complete_request; Status is one of the four words above.
type IsCompleteReply struct {
	Status string `json:"status"`
	// Indent is what to put before the next line; only with incomplete.
	Indent string `json:"indent,omitempty"`
}

// MarshalJSON writes an empty status as unknown, and indent whenever the code is incomplete, as the spec demands.
func (r IsCompleteReply) MarshalJSON() ([]byte, error) {
	switch r.Status {
	case Incomplete:
		return Marshal(map[string]string{"status": r.Status, "indent": r.Indent})
	case "":
		r.Status = UnknownComplete
	}
	return Marshal(map[string]string{"status": r.Status})
}

// HistoryReply answers history_request.
type HistoryReply struct {
	Status  string         `json:"status"`
	History []HistoryEntry `json:"history"`
}

// HistoryEntry is one input, with its output if that was asked for. On the wire it is an array: [session, line, input] or
// [session, line, [input, output]].
type HistoryEntry struct {
	Session int
	Line    int
	Input   string
	// Output is nil when outputs were not asked for or there was none.
	Output *string
	// WithOutput chooses the second form.
	WithOutput bool
}

// MarshalJSON writes the array form.
func (e HistoryEntry) MarshalJSON() ([]byte, error) {
	if e.WithOutput {
		return Marshal([]any{e.Session, e.Line, []any{e.Input, e.Output}})
	}
	return Marshal([]any{e.Session, e.Line, e.Input})
}

// UnmarshalJSON reads either array form.
func (e *HistoryEntry) UnmarshalJSON(data []byte) error {
	var body json.RawMessage
	*e = HistoryEntry{}
	if err := json.Unmarshal(data, &[]any{&e.Session, &e.Line, &body}); err != nil {
		return err
	}
	if len(body) > 0 && body[0] == '[' {
		e.WithOutput = true
		return json.Unmarshal(body, &[]any{&e.Input, &e.Output})
	}
	if len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, &e.Input)
}

// MarshalJSON fills the status and writes an empty history as an array.
func (r HistoryReply) MarshalJSON() ([]byte, error) {
	type plain HistoryReply
	r.Status, r.History = orOK(r.Status), array(r.History)
	return Marshal(plain(r))
}

// CommInfoReply answers comm_info_request: open comms by id.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]CommInfo `json:"comms"`
}

// CommInfo names the target of one open comm.
type CommInfo struct {
	TargetName string `json:"target_name"`
}

// MarshalJSON fills the status and writes no comms as {}.
func (r CommInfoReply) MarshalJSON() ([]byte, error) {
	type plain CommInfoReply
	r.Status, r.Comms = orOK(r.Status), object(r.Comms)
	return Marshal(plain(r))
}

// InterruptReply answers interrupt_request.
type InterruptReply struct {
	Status string `json:"status"`
}

// MarshalJSON fills the status.
func (r InterruptReply) MarshalJSON() ([]byte, error) {
	type plain InterruptReply
	r.Status = orOK(r.Status)
	return Marshal(plain(r))
}

// ShutdownReply answers shutdown_request and is broadcast on iopub as well.
type ShutdownReply struct {
	Status  string `json:"status"`
	Restart bool   `json:"restart"`
}

// MarshalJSON fills the status.
func (r ShutdownReply) MarshalJSON() ([]byte, error) {
	type plain ShutdownReply
	r.Status = orOK(r.Status)
	return Marshal(plain(r))
}

// CreateSubshellReply answers create_subshell_request.
type CreateSubshellReply struct {
	Status     string `json:"status"`
	SubshellID string `json:"subshell_id"`
}

// MarshalJSON fills the status.
func (r CreateSubshellReply) MarshalJSON() ([]byte, error) {
	type plain CreateSubshellReply
	r.Status = orOK(r.Status)
	return Marshal(plain(r))
}

// DeleteSubshellReply answers delete_subshell_request.
type DeleteSubshellReply struct {
	Status string `json:"status"`
}

// MarshalJSON fills the status.
func (r DeleteSubshellReply) MarshalJSON() ([]byte, error) {
	type plain DeleteSubshellReply
	r.Status = orOK(r.Status)
	return Marshal(plain(r))
}

// ListSubshellReply answers list_subshell_request; the key is singular in the spec too.
type ListSubshellReply struct {
	Status     string   `json:"status"`
	SubshellID []string `json:"subshell_id"`
}

// MarshalJSON fills the status and writes no subshells as [].
func (r ListSubshellReply) MarshalJSON() ([]byte, error) {
	type plain ListSubshellReply
	r.Status, r.SubshellID = orOK(r.Status), array(r.SubshellID)
	return Marshal(plain(r))
}

func orOK(status string) string {
	if status == "" {
		return StatusOK
	}
	return status
}

// array and object turn nil, which JSON would call null, into the empty value.
func array[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func object[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return M{}
	}
	return m
}
