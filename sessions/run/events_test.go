package run

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"sextant/content/iam"
)

func next(t *testing.T, f *Follower) []Event {
	t.Helper()
	out, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFollowing(t *testing.T) {
	l := newEventLog()
	l.add(Event{Kind: CellEvent, Cell: "a"})
	f := l.follow("")
	first := next(t, f)
	if len(first) != 1 || first[0].Cell != "a" {
		t.Fatal(first)
	}
	go l.add(Event{Kind: CellEvent, Cell: "b"})
	if got := next(t, f); len(got) != 1 || got[0].Cell != "b" {
		t.Error(got)
	}
	// Who comes back goes on; who comes with an id of another server's log is told that something may be missing.
	if got := next(t, l.follow(first[0].ID)); len(got) != 1 || got[0].Cell != "b" {
		t.Error(got)
	}
	if got := next(t, l.follow("other-7")); len(got) != 3 || got[0].Kind != GapEvent || got[1].Cell != "a" {
		t.Error(got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// Beyond the bounds the oldest are dropped, and that is told.
	for range 3 {
		l.add(Event{Kind: OutputEvent, Output: json.RawMessage(strings.Repeat("x", maxEventBytes/2))})
	}
	l.end()
	l.add(Event{Kind: CellEvent, Cell: "too late"})
	got := next(t, f)
	if len(got) != 3 || got[0].Kind != GapEvent || got[2].Kind != OutputEvent {
		t.Error(len(got), got[0])
	}
	if _, err := f.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if got, err := l.follow(l.epoch + "-99").Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Error(got, err)
	}
}

func TestSlots(t *testing.T) {
	s := newSlots(1, 2)
	enter := func(who string) func() {
		t.Helper()
		leave, err := s.enter(t.Context(), iam.Member(who))
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	ana := enter("user:ana@x.org")
	bo := enter("user:bo@x.org")
	full, cancel := context.WithCancel(t.Context())
	cancel()
	for _, who := range []string{"user:ana@x.org", "user:cy@x.org"} {
		if _, err := s.enter(full, iam.Member(who)); !errors.Is(err, context.Canceled) {
			t.Error(who, err)
		}
	}
	ana()
	cy := enter("user:cy@x.org")
	bo()
	enter("user:ana@x.org")()
	cy()
}
