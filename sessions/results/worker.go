package results

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// worker is a process over one result. Whoever has taken it uses it alone.
type worker struct {
	*process // nil until there is one
	result   string
	busy     bool      // under the pool's lock
	used     time.Time // likewise
	done     func()    // lets go of the file
}

// process answers requests.
type process struct {
	dir    string
	uid    int
	kill   context.CancelFunc
	ended  chan struct{}
	in     io.WriteCloser
	out    *bufio.Reader
	said   *tail
	copies int
}

// maxLine bounds an answer, in bytes.
const maxLine = 128 << 20

// launch starts a process that knows of no result yet, and returns when it answers.
func (p *Pool) launch(ctx context.Context) (_ *process, err error) {
	p.mu.Lock()
	w := &process{dir: filepath.Join(p.o.Dir, fmt.Sprintf("w%d", p.next)), uid: p.o.UID, said: &tail{}, ended: make(chan struct{})}
	p.next++
	p.mu.Unlock()
	if err := errors.Join(os.Mkdir(w.dir, 0o700), own(w.dir, w.uid)); err != nil {
		return nil, err
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer inR.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inW.Close())
	}
	defer outW.Close()
	life, kill := context.WithCancel(p.ctx)
	w.in, w.out, w.kill = inW, bufio.NewReaderSize(outR, 64<<10), kill
	argv := append(append([]string{}, p.o.Program...), "--dir", w.dir)
	env := append(append([]string{}, p.o.Env...), "TMPDIR="+w.dir, "HOME="+w.dir)
	run, err := sandbox.Start(life, p.o.Confine(w.dir), argv, env, w.dir, sandbox.IO{In: inR, Out: outW, Err: w.said})
	if err != nil {
		kill()
		return nil, errors.Join(err, inW.Close(), outR.Close(), os.RemoveAll(w.dir))
	}
	p.work.Go(func() {
		defer close(w.ended)
		err := run.Wait()
		if life.Err() == nil {
			p.o.Log.Warn("a results worker ended", "error", err, "said", w.said.String())
		}
		_ = outR.Close() // whoever reads learns that nothing more comes
	})
	line, err := w.read(ctx)
	if err == nil && strings.TrimSpace(string(line)) != wire.ResultReady {
		err = fmt.Errorf("a results worker said %.100q", line)
	}
	if err != nil {
		w.end()
		return nil, err
	}
	return w, nil
}

// start gives a worker a process, the spare one where there is one, and the result; its file is fetched meanwhile.
func (p *Pool) start(ctx context.Context, w *worker, s Source) error {
	ready := make(chan error, 1)
	go func() {
		var err error
		w.process, err = p.spared(ctx)
		ready <- err
	}()
	path, done, err := p.files.get(ctx, s)
	w.done = done
	if err = errors.Join(<-ready, err); err != nil {
		return err
	}
	file := filepath.Join(w.dir, "result.parquet")
	if err := os.Link(path, file); err != nil {
		return err
	}
	open := wire.ResultRequest{Open: file}
	if s.Data {
		open = wire.ResultRequest{Data: file}
	}
	a, err := w.ask(ctx, open)
	if err == nil && a.Error != "" {
		err = &Error{a.Error}
	}
	return err
}

// spared gives the spare process, if need be once it has started, or a new one.
func (p *Pool) spared(ctx context.Context) (*process, error) {
	p.mu.Lock()
	sparing := p.sparing
	p.mu.Unlock()
	if sparing != nil {
		select {
		case <-sparing:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	p.mu.Lock()
	spare := p.spare
	p.spare = nil
	p.mu.Unlock()
	if spare != nil && !spare.gone() {
		return spare, nil
	}
	if spare != nil {
		spare.end()
	}
	return p.launch(ctx)
}

// spareOne starts the spare process, and ends sparing.
func (p *Pool) spareOne() {
	ctx, cancel := context.WithTimeout(p.ctx, p.o.Timeout)
	defer cancel()
	spare, err := p.launch(ctx)
	if err != nil && p.ctx.Err() == nil {
		p.o.Log.Warn("a results worker could not be started", "error", err)
	}
	p.mu.Lock()
	close(p.sparing)
	p.spare, p.sparing, p.spareSince = spare, nil, time.Now()
	p.mu.Unlock()
}

// ask sends a request and reads the answer. When ctx is done first, or anything else goes wrong, the worker is of no use any more.
func (w *process) ask(ctx context.Context, q wire.ResultRequest) (*wire.ResultAnswer, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	if _, err := w.in.Write(append(text, '\n')); err != nil {
		return nil, ErrLost
	}
	line, err := w.read(ctx)
	if err != nil {
		return nil, err
	}
	var a wire.ResultAnswer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, fmt.Errorf("%w: its answer cannot be read", ErrLost)
	}
	return &a, nil
}

// read reads a line. When ctx is done before it has returned, the worker is killed and there is an error, even where the
// line has come too: nobody is to go on with a worker that is about to end.
func (w *process) read(ctx context.Context) (_ []byte, err error) {
	stop := context.AfterFunc(ctx, w.kill)
	defer func() {
		if !stop() {
			err = ctx.Err()
		}
	}()
	var line []byte
	for {
		part, err := w.out.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(line) < maxLine:
		case ctx.Err() != nil:
			return nil, ctx.Err()
		default:
			return nil, ErrLost
		}
	}
}

// pipe passes on what a copy writes, as it comes.
func (w *process) pipe(ctx context.Context, request func(string) wire.ResultRequest, out io.Writer) error {
	path := w.copyPath()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return err
	}
	defer os.Remove(path) // the directory goes too
	if err := own(path, w.uid); err != nil {
		return err
	}
	from, err := openCopy(path, fs.ModeNamedPipe)
	if err != nil {
		return err
	}
	// While this end is open, the other does not come to its end: not before the copy has begun, and not where it never does.
	hold, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	read := make(chan error, 1)
	go func() { // ends with the answer, below
		_, err := io.Copy(out, from)
		if err != nil {
			w.kill() // nobody reads what it writes
		}
		read <- errors.Join(err, from.Close())
	}()
	a, err := w.ask(ctx, request(path))
	err = errors.Join(err, hold.Close())
	fault := <-read
	if err == nil && a.Error != "" {
		err = &Error{a.Error}
	}
	if fault != nil {
		return fault
	}
	return err
}

// file has a copy written to its end, and passes it on then.
func (w *process) file(ctx context.Context, request func(string) wire.ResultRequest, out io.Writer) error {
	path := w.copyPath()
	defer os.Remove(path) // the directory goes too
	a, err := w.ask(ctx, request(path))
	if err != nil {
		return err
	}
	if a.Error != "" {
		return &Error{a.Error}
	}
	from, err := openCopy(path, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	return errors.Join(err, from.Close())
}

func (w *process) copyPath() string {
	w.copies++
	return filepath.Join(w.dir, fmt.Sprintf("copy%d", w.copies))
}

// openCopy opens what is to be passed on, without waiting. The directory is the worker's: what stands there may be anything.
func openCopy(path string, kind fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Type() != kind {
		err = errors.New("a results worker has put something else in its place")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// gone reports whether the process has ended.
func (w *process) gone() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// end ends the process and removes what it had.
func (w *process) end() {
	w.kill()
	<-w.ended
	_ = w.in.Close()        // it is gone
	_ = os.RemoveAll(w.dir) // the next pool removes what is left
}

// end ends the worker.
func (w *worker) end() {
	if w.process != nil {
		w.process.end()
	}
	if w.done != nil {
		w.done()
	}
}

// own gives a file to the user that workers run as.
func own(name string, uid int) error {
	if uid == 0 {
		return nil
	}
	return os.Lchown(name, uid, uid)
}
