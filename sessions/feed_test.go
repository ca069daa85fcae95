package sessions

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// tape is a journal in memory that has lost what is before first.
type tape struct {
	mu    sync.Mutex
	all   []link.Received
	first uint64
}

func (s *tape) Replay(_ context.Context, after uint64, bytes int) ([]link.Received, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []link.Received
	for _, r := range s.all {
		if r.Position > after && r.Position >= s.first {
			if out = append(out, r); bytes < 0 {
				break
			}
			bytes -= len(r.Frame)
		}
	}
	return out, s.first, nil
}

func (s *tape) add(t *testing.T, position uint64) *Message {
	t.Helper()
	m, err := wire.NewMessage("k", "k", "stream", wire.Stream{Name: "stdout", Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	m.Channel = wire.IOPub
	frame, err := wire.EncodeWebsocketV1(m)
	if err != nil {
		t.Fatal(err)
	}
	r := link.Received{Position: position, Frame: frame}
	s.mu.Lock()
	s.all = append(s.all, r)
	s.mu.Unlock()
	out, err := readMessage(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryReaderGetsEverythingOnceInOrder(t *testing.T) {
	const n = 3000
	f, s := newFeed(2000, 0), &tape{}
	f.setSource(s, 0)
	var group sync.WaitGroup
	for i := range 8 {
		r := f.reader(0)
		group.Go(func() {
			at := uint64(0)
			for at < n {
				if i < 4 && rand.IntN(50) == 0 { // leaves and comes back
					at = r.position()
					r.close()
					r = f.reader(at)
				}
				m, gap, err := r.next(t.Context())
				if err != nil || gap || m.Position != at+1 {
					t.Errorf("after %d: %v, gap %v, %v", at, m, gap, err)
					return
				}
				at = m.Position
			}
			r.close()
		})
	}
	for p := range uint64(n) {
		f.add(s.add(t, p+1))
	}
	group.Wait()
	if len(f.entries) != 0 || f.bytes != 0 {
		t.Errorf("%d entries, %d bytes are held for nobody", len(f.entries), f.bytes)
	}
}

func TestLossIsTold(t *testing.T) {
	f, s := newFeed(1, 0), &tape{}
	f.setSource(s, 0)
	r := f.reader(0)
	for p := range uint64(10) {
		f.add(s.add(t, p+1))
	}
	s.first = 5
	m, gap, err := r.next(t.Context())
	if err != nil || !gap || m.Position != 5 {
		t.Fatalf("got %v, gap %v, %v", m, gap, err)
	}
	if m, gap, _ = r.next(t.Context()); gap || m.Position != 6 {
		t.Errorf("got %d, gap %v", m.Position, gap)
	}
	end := errors.New("the end")
	f.close(end)
	for range 4 {
		if _, _, err := r.next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := r.next(t.Context()); !errors.Is(err, end) {
		t.Errorf("got %v", err)
	}
}
