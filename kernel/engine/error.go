package engine

import "errors"

// ErrInterrupted is what Query and Next return when their context ended the statement.
var ErrInterrupted = errors.New("interrupted")

// Error is what the engine said about a statement.
type Error struct {
	// Class is the kind of error as a name: "ParserException", "CatalogException", "OutOfMemoryException".
	Class string
	// Message is the engine's sentence, without class prefix and without the quoted line and caret.
	Message string
	// Position is the byte offset in Query.SQL that the engine points at, or negative.
	Position int
	// Candidates are the names the engine suggests instead, best first.
	Candidates []string
	// Hint is what the user may do about it; may be empty.
	Hint string
}

func (e *Error) Error() string { return e.Class + ": " + e.Message }
