package sqltext

// Error is what is wrong with a part of a text, which is at Start:End in bytes.
type Error struct {
	Start, End int
	Message    string
}

func (e *Error) Error() string { return e.Message }
