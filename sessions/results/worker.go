package results

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// worker is one process over one result. Whoever has taken it uses it alone.
type worker struct {
	result string
	dir    string
	uid    int
	busy   bool      // under the pool's lock
	used   time.Time // likewise
	kill   context.CancelFunc
	ended  chan struct{}
	in     io.WriteCloser
	out    *bufio.Reader
	said   *tail
	done   func() // lets go of the file
	copies int
}

// maxLine bounds an answer, in bytes.
const maxLine = 256 << 20

// start starts the process, and returns when it answers.
func (p *Pool) start(ctx context.Context, w *worker, s Source) error {
	file, done, err := p.files.get(ctx, s)
	if err != nil {
		return err
	}
	w.done, w.uid = done, p.o.UID
	if err := os.Mkdir(w.dir, 0o700); err != nil {
		return err
	}
	if err := own(w.dir, w.uid); err != nil {
		return err
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer inR.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, inW.Close())
	}
	defer outW.Close()
	life, kill := context.WithCancel(p.ctx)
	w.in, w.out, w.said, w.kill, w.ended = inW, bufio.NewReaderSize(outR, 64<<10), &tail{}, kill, make(chan struct{})
	argv := append(append([]string{}, p.o.Program...), "--file", file, "--temp", w.dir)
	env := append(append([]string{}, p.o.Env...), "TMPDIR="+w.dir, "HOME="+w.dir)
	process, err := sandbox.Start(life, p.o.Confine(file, w.dir), argv, env, w.dir, sandbox.IO{In: inR, Out: outW, Err: w.said})
	if err != nil {
		kill()
		close(w.ended)
		return errors.Join(err, inW.Close(), outR.Close())
	}
	p.work.Go(func() {
		defer close(w.ended)
		err := process.Wait()
		if life.Err() == nil {
			p.o.Log.Warn("a results worker ended", "result", w.result, "error", err, "said", w.said.String())
		}
		_ = outR.Close() // whoever reads learns that nothing more comes
	})
	line, err := w.read(ctx)
	if err == nil && strings.TrimSpace(string(line)) != wire.ResultReady {
		err = fmt.Errorf("a results worker said %.100q", line)
	}
	return err
}

// ask sends a request and reads the answer. When ctx is done first, or anything else goes wrong, the worker is of no use any more.
func (w *worker) ask(ctx context.Context, q wire.ResultRequest) (*wire.ResultAnswer, error) {
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

// read reads a line.
func (w *worker) read(ctx context.Context) ([]byte, error) {
	defer context.AfterFunc(ctx, w.kill)()
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
func (w *worker) pipe(ctx context.Context, statement func(string) string, out io.Writer) error {
	w.copies++
	path := filepath.Join(w.dir, fmt.Sprintf("copy%d", w.copies))
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return err
	}
	defer os.Remove(path) // the directory goes too
	if err := own(path, w.uid); err != nil {
		return err
	}
	read := make(chan error, 1)
	go func() { // ends with the answer, below
		from, err := os.OpenFile(path, os.O_RDONLY, 0) // waits for who writes
		if err == nil {
			_, err = io.Copy(out, from)
			err = errors.Join(err, from.Close())
		}
		if err != nil {
			w.kill() // nobody reads what it writes
		}
		read <- err
	}()
	a, err := w.ask(ctx, wire.ResultRequest{SQL: statement(path)})
	// Who waits for somebody to write where the copy never began learns that nobody will.
	if end, open := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); open == nil {
		_ = end.Close()
	}
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
func (w *worker) file(ctx context.Context, statement func(string) string, out io.Writer) error {
	w.copies++
	path := filepath.Join(w.dir, fmt.Sprintf("copy%d", w.copies))
	defer os.Remove(path) // the directory goes too
	a, err := w.ask(ctx, wire.ResultRequest{SQL: statement(path)})
	if err != nil {
		return err
	}
	if a.Error != "" {
		return &Error{a.Error}
	}
	from, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	return errors.Join(err, from.Close())
}

// end ends the process and removes what it had.
func (w *worker) end() {
	if w.kill != nil {
		w.kill()
		<-w.ended
		_ = w.in.Close() // it is gone
	}
	_ = os.RemoveAll(w.dir) // the next pool removes what is left
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
