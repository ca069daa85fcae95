package zmq

import (
	"context"
	"errors"
	"testing"

	"sextant/kernel/wire"
)

func TestRoundTrip(t *testing.T) {
	for name, where := range map[string]func(*testing.T) wire.ConnectionInfo{"tcp": overTCP, "ipc": overIPC} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s, _ := listenWith(t, where(t), Options{})
			serveEcho(t, s)
			c := dialTo(t, s)
			ctx := within(t)
			expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
			for range 10 {
				exchange(t, ctx, c)
			}
			req := request(t, c, wire.Control, "kernel_info_request", nil)
			expect(t, ctx, c, wire.Control, "kernel_info_reply", req)
			for range 3 {
				if err := c.Beat(ctx); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestLastWordsArrive(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	c := dialTo(t, s)
	ctx := within(t)
	expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
	req := request(t, c, wire.Control, "shutdown_request", wire.ShutdownRequest{})
	m, err := s.Receive(ctx, wire.Control)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, s, m)
	s.Close()
	expect(t, ctx, c, wire.Control, "shutdown_reply", req)
	expect(t, ctx, c, wire.IOPub, "status", req)
	expect(t, ctx, c, wire.IOPub, "status", req)
	for _, ch := range []wire.Channel{wire.Control, wire.Shell, wire.IOPub} {
		if _, err := c.Receive(ctx, ch); !errors.Is(err, ErrPeerGone) {
			t.Errorf("%s: %v", ch, err)
		}
	}
	<-c.Done()
	if _, err := s.Receive(context.Background(), wire.Shell); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := s.Publish(m); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
