// Package kernel is a Jupyter kernel: it answers the requests of the messaging protocol 5.5 and leaves what the code
// means to a Shell.
//
// Requests on shell that run code wait in a queue; there is one queue per subshell (JEP 91), each with a Shell of its
// own. Requests that only look (completion, inspection, history, kernel_info …) are answered beside the queue, so that
// they never wait for a running cell. Control has a goroutine of its own.
package kernel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"

	"sextant/kernel/wire"
)

// Transport carries messages to and from clients. Implementations are safe for concurrent use.
type Transport interface {
	// Receive gives the next verified request of shell, control or stdin. It returns an error once ctx has ended or the
	// transport was closed.
	Receive(ctx context.Context, ch wire.Channel) (*wire.Message, error)
	// Send sends m to m.Identities on m.Channel. It does not wait for a slow peer.
	Send(m *wire.Message) error
	// Publish broadcasts m on iopub. It does not wait for slow readers.
	Publish(m *wire.Message) error
}

// Shell gives code its meaning. Run is called by one goroutine at a time; the other methods may be called at any time,
// also while Run runs, and answer quickly.
type Shell interface {
	// Run runs one cell. What it gives goes to out as it comes. An error it returns is shown to the user by the kernel:
	// a *Failure as it is, anything else by its text. When ctx is cancelled the cell is to end soon.
	Run(ctx context.Context, cell Cell, out Output) error
	// Evaluate gives the value of one user expression as a MIME bundle.
	Evaluate(ctx context.Context, expression string) (wire.MIMEBundle, error)
	Complete(ctx context.Context, code string, cursor int) (wire.CompleteReply, error)
	Inspect(ctx context.Context, code string, cursor, detail int) (wire.InspectReply, error)
	IsComplete(code string) wire.IsCompleteReply
	Close() error
}

// Info is what kernel_info_reply says of the kernel.
type Info struct {
	Implementation        string
	ImplementationVersion string
	Language              wire.LanguageInfo
	Banner                string
	HelpLinks             []wire.HelpLink
}

// Options are what a kernel is made of.
type Options struct {
	Transport Transport
	Info      Info
	// NewShell makes the shell of the main queue, and of each subshell with the working directory that its client named, or
	// empty.
	NewShell func(ctx context.Context, directory string) (Shell, error)
	// History keeps what was run; nil keeps nothing.
	History *History
	// MaxSubshells bounds how many subshells may be open at once; 0 means 64.
	MaxSubshells int
	// Idle, if set, is called when nothing has been asked or run for a moment after a start or a cell, on a goroutine of
	// its own.
	Idle func()
	Log  *slog.Logger
}

// Kernel answers one transport's requests.
type Kernel struct {
	opts    Options
	log     *slog.Logger
	session string // our own, in the headers that we write
	history *History

	mu       sync.Mutex
	lanes    map[string]*lane // by subshell id; the main one's is ""
	restart  bool
	shutdown context.CancelFunc
	inputs   inputs
	idler    *idler

	wg sync.WaitGroup
}

// New makes a kernel; Run runs it.
func New(opts Options) *Kernel {
	if opts.MaxSubshells == 0 {
		opts.MaxSubshells = 64
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Kernel{
		opts: opts, log: opts.Log, session: uuid.NewString(), history: opts.History,
		lanes: map[string]*lane{}, idler: newIdler(opts.Idle),
	}
}

// Run serves until ctx ends or a client asks for shutdown, and returns when every goroutine and shell has ended. The
// error is nil after a shutdown that was asked for.
func (k *Kernel) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	k.shutdown = cancel

	shell, err := k.opts.NewShell(ctx, "")
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	main := k.newLane(ctx, "", shell)
	k.mu.Lock()
	k.lanes[""] = main
	k.mu.Unlock()

	k.publishStatus(nil, wire.StateStarting)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		k.wg.Go(func() { k.serve(ctx, ch) })
	}
	<-ctx.Done()
	k.idler.close()
	k.mu.Lock()
	lanes := make([]*lane, 0, len(k.lanes))
	for _, l := range k.lanes {
		lanes = append(lanes, l)
	}
	k.mu.Unlock()
	for _, l := range lanes {
		l.close()
	}
	k.wg.Wait()
	return nil
}

// Restart reports whether the shutdown was asked for with restart.
func (k *Kernel) Restart() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.restart
}

// Interrupt stops what the main shell runs, as SIGINT does.
func (k *Kernel) Interrupt() { k.interrupt("") }

func (k *Kernel) interrupt(subshell string) bool {
	k.mu.Lock()
	l := k.lanes[subshell]
	k.mu.Unlock()
	if l == nil {
		return false
	}
	l.interrupt()
	return true
}

// serve receives one channel's requests.
func (k *Kernel) serve(ctx context.Context, ch wire.Channel) {
	for {
		m, err := k.opts.Transport.Receive(ctx, ch)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				k.log.Error("channel ended", "channel", ch, "error", err)
				k.shutdown()
			}
			return
		}
		switch ch {
		case wire.Shell:
			k.onShell(ctx, m)
		case wire.Control:
			k.onControl(ctx, m)
		case wire.Stdin:
			k.inputs.answer(m)
		}
	}
}
