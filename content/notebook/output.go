package notebook

import "strconv"

// OutputType is what an output is. A notebook of a later minor version may have others than these.
type OutputType string

// The output types of nbformat 4.
const (
	Stream        OutputType = "stream"
	DisplayData   OutputType = "display_data"
	ExecuteResult OutputType = "execute_result"
	ErrorOutput   OutputType = "error"
)

// Output is one output of a code cell. It cannot be changed, is compared with ==, and holds one canonical text, so
// that even a large one is cheap to keep, copy and compare. The zero Output is none.
type Output struct {
	kind OutputType
	json Value
}

// NewOutput takes an output from its JSON object, as nbformat or a kernel's message has it; multi-line strings are
// joined. The error is a *ReadError as from [Read].
func NewOutput(object []byte) (Output, error) {
	s, err := newScanner(object, DefaultLimits().Depth)
	if err != nil {
		return Output{}, err
	}
	r := reader{scanner: s}
	out, err := r.output()
	if err == nil {
		err = s.end()
	}
	return out, err
}

// NewStream is text written to name, stdout or stderr.
func NewStream(name, text string) Output {
	return newOutput(Stream, Object{"name": StringValue(name), "text": StringValue(text)})
}

// NewDisplayData is something shown. data maps MIME types to values: JSON for types such as application/json and
// application/vnd.vegalite.v5+json, strings for all others.
func NewDisplayData(data, metadata Object) Output {
	return newOutput(DisplayData, Object{"data": objectValue(data), "metadata": objectValue(metadata)})
}

// NewExecuteResult is the value of the cell's last expression; data as for [NewDisplayData].
func NewExecuteResult(data, metadata Object, executionCount *int64) Output {
	return newOutput(ExecuteResult, Object{"data": objectValue(data), "metadata": objectValue(metadata),
		"execution_count": countValue(executionCount)})
}

// NewError is a failure: its name, its message, and lines for people which may hold ANSI colours.
func NewError(name, message string, traceback []string) Output {
	lines := []byte{'['}
	for i, line := range traceback {
		if i > 0 {
			lines = append(lines, ',')
		}
		lines = appendQuoted(lines, line)
	}
	return newOutput(ErrorOutput, Object{"ename": StringValue(name), "evalue": StringValue(message),
		"traceback": Value(append(lines, ']'))})
}

func newOutput(kind OutputType, o Object) Output {
	o["output_type"] = StringValue(string(kind))
	return Output{kind: kind, json: objectValue(o)}
}

func countValue(n *int64) Value {
	if n == nil {
		return "null"
	}
	return Value(strconv.FormatInt(*n, 10))
}

// Type is the output's type.
func (o Output) Type() OutputType { return o.kind }

// JSON is the whole output as a canonical object.
func (o Output) JSON() Value { return o.json }

// Field is one field of the output, such as name or metadata; "" if it has none.
func (o Output) Field(name string) Value { return o.json.Object()[name] }

// Data is the MIME bundle of a display_data or execute_result; nil otherwise. Multi-line strings are joined.
func (o Output) Data() Object {
	if !o.display() {
		return nil
	}
	return o.Field("data").Object()
}

func (o Output) display() bool { return o.kind == DisplayData || o.kind == ExecuteResult }

// MarshalJSON gives the output object as strict JSON.
func (o Output) MarshalJSON() ([]byte, error) { return o.json.MarshalJSON() }

// UnmarshalJSON is [NewOutput].
func (o *Output) UnmarshalJSON(text []byte) error {
	out, err := NewOutput(text)
	*o = out
	return err
}
