package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"sextant/kernel/wire"
)

func message(t testing.TB, size int) *wire.Message {
	t.Helper()
	m, err := wire.NewMessage("k", "k", "stream", wire.Stream{Name: "stdout", Text: string(bytes.Repeat([]byte("x"), size))})
	if err != nil {
		t.Fatal(err)
	}
	m.Channel = wire.IOPub
	return m
}

func TestEveryCursorReadsAllInOrder(t *testing.T) {
	for _, along := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(along, " read along"), func(t *testing.T) {
			j, err := openJournal(t.TempDir(), 1<<40)
			if err != nil {
				t.Fatal(err)
			}
			defer j.close()
			const n = 3000
			var group sync.WaitGroup
			for i := range 3 {
				group.Go(func() {
					if i < along {
						j.along(1)
						defer j.along(-1)
					}
					c := j.cursor(0)
					for at := uint64(1); at <= n; {
						e, ok := c.remembered()
						var err error
						if !ok {
							if e, ok, err = c.read(); err != nil {
								t.Error(err)
								return
							}
						}
						if !ok {
							if err := c.wait(t.Context()); err != nil {
								t.Error(err)
								return
							}
							continue
						}
						if e.position != at {
							t.Errorf("%d after %d", e.position, at-1)
							return
						}
						if _, err := wire.DecodeWebsocketV1(e.frame); err != nil {
							t.Errorf("%d: %v", at, err)
							return
						}
						at++
					}
				})
			}
			for i := range n {
				size := rand.IntN(2000)
				if i%500 == 0 {
					size = segmentSize + 10
				}
				if _, err := j.append(message(t, size), false); err != nil {
					t.Fatal(err)
				}
			}
			group.Wait()
		})
	}
}

func TestTheJournalIsBounded(t *testing.T) {
	dir := t.TempDir()
	const limit = 3 * segmentSize
	j, err := openJournal(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	fill := func(n int) (refused bool) {
		for range n {
			p, err := j.append(message(t, 200_000), true)
			if errors.Is(err, errFull) {
				return true
			}
			if err != nil {
				t.Fatal(err)
			}
			last = p
		}
		return false
	}
	if !fill(100) {
		t.Fatal("what nobody has recorded was dropped")
	}
	if _, err := j.append(message(t, 10), false); err != nil { // what matters is always taken
		t.Fatal(err)
	}
	j.trim(last)
	if fill(30) {
		t.Fatal("what is recorded made no room")
	}
	if j.bytes > limit {
		t.Errorf("%d bytes", j.bytes)
	}
	first, newest := j.bounds()
	c := j.cursor(0)
	for at := first; at <= newest; at++ {
		if e, ok, err := c.read(); err != nil || !ok || e.position != at {
			t.Fatalf("at %d: %d %v %v", at, e.position, ok, err)
		}
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
	if err := c.wait(context.Background()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
