// Package sandbox confines a kernel to what its session may touch.
//
// A kernel is started through a small step in between: the agent runs its own program again with the command `sandbox` ([Helper] says
// which program that is), which takes a [Spec], gives up what the session may not have, and becomes the kernel by exec. Each layer of protection is used
// where the machine has it; a [Report] says which are in force, and which are not and why.
package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Spec says what a process may touch and use. The zero value of a limit sets none.
type Spec struct {
	// UID and GID are those to become; 0 stays. Only root can change.
	UID int `json:"uid,omitempty"`
	GID int `json:"gid,omitempty"`
	// ReadOnly may be read and executed below, ReadWrite also written. What does not exist is left out. With neither,
	// files are not restricted.
	ReadOnly  []string `json:"readOnly,omitempty"`
	ReadWrite []string `json:"readWrite,omitempty"`
	// ListOnly may be listed below, but what is there not be read.
	ListOnly []string `json:"listOnly,omitempty"`
	// Network lets the process use it; without, only unix sockets work.
	Network bool `json:"network,omitempty"`
	// Memory bounds private memory (RLIMIT_DATA), in bytes.
	Memory int64 `json:"memory,omitempty"`
	// Processes bounds the processes and threads of the user (RLIMIT_NPROC); it means little for root.
	Processes int64 `json:"processes,omitempty"`
	OpenFiles int64 `json:"openFiles,omitempty"`
	// FileSize bounds each file written, in bytes.
	FileSize int64 `json:"fileSize,omitempty"`
	// CPUSeconds bounds processor time; at the bound the process is killed.
	CPUSeconds int64 `json:"cpuSeconds,omitempty"`
	// Nice lowers the priority, 0 to 19.
	Nice int `json:"nice,omitempty"`
}

// Layer is one kind of protection.
type Layer struct {
	Name string `json:"name"`
	// Missing says why it is not in force; empty where it is.
	Missing string `json:"missing,omitempty"`
	// Detail says more of what is in force.
	Detail string `json:"detail,omitempty"`
}

// String is the layer for people.
func (l Layer) String() string {
	switch {
	case l.Missing != "":
		return fmt.Sprintf("%s: off (%s)", l.Name, l.Missing)
	case l.Detail != "":
		return fmt.Sprintf("%s: %s", l.Name, l.Detail)
	}
	return l.Name + ": on"
}

// Report is what came of a Spec.
type Report struct {
	Layers []Layer `json:"layers"`
	// Error is why the program was not started.
	Error string `json:"error,omitempty"`
}

// The file descriptors of the step in between.
const (
	// SpecFD gives the Spec as JSON.
	SpecFD = 3
	// ReportFD takes the Report as JSON.
	ReportFD = 4
)

// maxSpec bounds a Spec's JSON.
const maxSpec = 4 << 20

// Main is the step in between: it reads a Spec from SpecFD, applies it, writes a Report to ReportFD, and becomes argv. It
// returns only with an error, which it has reported.
func Main(argv []string) error {
	err := become(argv)
	report := os.NewFile(ReportFD, "report")
	return fmt.Errorf("sandbox: %w", orReport(report, err))
}

func orReport(w io.Writer, err error) error {
	if out := json.NewEncoder(w).Encode(Report{Error: err.Error()}); out != nil {
		return fmt.Errorf("%w (and it could not be reported: %v)", err, out)
	}
	return err
}

// readSpec reads a Spec to its end.
func readSpec(r io.Reader) (Spec, error) {
	var s Spec
	dec := json.NewDecoder(io.LimitReader(r, maxSpec))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("spec: %w", err)
	}
	return s, nil
}
