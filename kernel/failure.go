package kernel

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"sextant/kernel/wire"
)

// Failure is an error with the three things that Jupyter shows of one.
type Failure struct {
	Name  string // the class of error
	Value string // one sentence
	// Traceback is what a person reads, lines with ANSI colours allowed; empty: made from Name and Value.
	Traceback []string
}

func (f *Failure) Error() string { return f.Name + ": " + f.Value }

// Interrupted is the failure of a cell that the user stopped.
var Interrupted = &Failure{Name: "KeyboardInterrupt", Value: "interrupted"}

// failureOf makes the failure of any error.
func failureOf(err error) *Failure {
	var f *Failure
	switch {
	case errors.As(err, &f):
	case errors.Is(err, context.Canceled):
		f = Interrupted
	case errors.Is(err, wire.ErrMalformed):
		f = &Failure{Name: "BadRequest", Value: err.Error()}
	default:
		f = &Failure{Name: "Error", Value: err.Error()}
	}
	if len(f.Traceback) == 0 {
		f = &Failure{Name: f.Name, Value: f.Value, Traceback: []string{red(f.Name) + ": " + f.Value}}
	}
	return f
}

func (f *Failure) wire() wire.Failure {
	return wire.Failure{EName: f.Name, EValue: f.Value, Traceback: f.Traceback}
}

func red(s string) string { return "\x1b[31m" + s + "\x1b[0m" }

// protect runs f and turns a panic into an error without a stack: the stack goes to the log only.
func (k *Kernel) protect(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("panic", "in", what, "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = &Failure{Name: "InternalError", Value: "the kernel hit a bug in " + what + "; it goes on, and its log holds the details"}
		}
	}()
	return f()
}
