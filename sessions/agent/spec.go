package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sextant/sessions/sandbox"
)

// Spec is what an agent is started with, from SpecFile in its directory.
type Spec struct {
	// Session is the session's id.
	Session string `json:"session"`
	// Token is what a server has to show.
	Token string `json:"token"`
	// Argv starts the kernel; "{connection_file}" stands for that file's path.
	Argv []string `json:"argv"`
	// Env is the kernel's whole environment, Dir its working directory.
	Env []string `json:"env"`
	Dir string   `json:"dir"`
	// Signal interrupts the kernel by SIGINT instead of by message, as its kernelspec says.
	Signal  bool         `json:"signal,omitempty"`
	Sandbox sandbox.Spec `json:"sandbox"`
	// Init is code that each kernel runs, silently, before anything else; where it fails, the first cell says so. Notices are
	// lines that the first cell of each kernel begins with.
	Init    string   `json:"init,omitempty"`
	Notices []string `json:"notices,omitempty"`

	// JournalBytes bounds the journal; default 256 MiB.
	JournalBytes int64 `json:"journalBytes,omitempty"`
	// StartTimeout is how long a kernel may take to be ready; default 60 s.
	StartTimeout time.Duration `json:"startTimeout,omitempty"`
	// InterruptGrace is how long a cell may run on after an interrupt before its kernel is killed; default 30 s.
	InterruptGrace time.Duration `json:"interruptGrace,omitempty"`
	// ShutdownGrace is how long a kernel may take to end by itself; default 5 s.
	ShutdownGrace time.Duration `json:"shutdownGrace,omitempty"`
	// Orphan is how long an idle agent waits for a server that has gone; default 1 hour. A busy one waits up to 24 times as
	// long.
	Orphan time.Duration `json:"orphan,omitempty"`
}

// Files of a session's directory.
const (
	SpecFile   = "agent.json"
	SocketFile = "agent.sock"
	LockFile   = "agent.lock" // locked as long as the agent lives
	LogFile    = "agent.log"
	KernelLog  = "kernel.log"
	KernelDir  = "k" // the kernel's own: connection file and sockets
	journalDir = "journal"
)

func (s Spec) withDefaults() Spec {
	if s.JournalBytes == 0 {
		s.JournalBytes = 256 << 20
	}
	for _, d := range []struct {
		p        *time.Duration
		fallback time.Duration
	}{{&s.StartTimeout, time.Minute}, {&s.InterruptGrace, 30 * time.Second}, {&s.ShutdownGrace, 5 * time.Second}, {&s.Orphan, time.Hour}} {
		if *d.p == 0 {
			*d.p = d.fallback
		}
	}
	return s
}

// Write puts the spec into a session's directory, readable by its owner alone.
func (s Spec) Write(dir string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, SpecFile), b, 0o600)
}

func readSpec(dir string) (Spec, error) {
	b, err := os.ReadFile(filepath.Join(dir, SpecFile))
	if err != nil {
		return Spec{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var s Spec
	if err := dec.Decode(&s); err != nil {
		return Spec{}, fmt.Errorf("%s: %w", SpecFile, err)
	}
	if s.Session == "" || s.Token == "" || len(s.Argv) == 0 {
		return Spec{}, fmt.Errorf("%s: session, token and argv are needed", SpecFile)
	}
	return s.withDefaults(), nil
}
