package server

import (
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
)

func TestATakenPortGivesWayWhereNobodyNamedIt(t *testing.T) {
	first, err := listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	address := first.Addr().String()
	if _, err := listen(t.Context(), address, false); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a named port that is taken: %v", err)
	}
	second, err := listen(t.Context(), address, true)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	a, b := first.Addr().(*net.TCPAddr).Port, second.Addr().(*net.TCPAddr).Port
	if b <= a || b >= a+portsTried {
		t.Errorf("port %d after %d", b, a)
	}
	if _, err := listen(t.Context(), "nowhere.invalid:"+strconv.Itoa(a), true); err == nil || errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("another error is tried again: %v", err)
	}
	for listen, next := range map[string]bool{"": true, "127.0.0.1:8888": false} {
		c := Config{Data: t.TempDir(), Listen: listen, BaseURL: "/", Admin: "admin@localhost", MaxSize: 1, TrashDays: 1, Session: 1}
		if err := c.Complete(); err != nil || c.NextPorts != next || c.Listen != "127.0.0.1:8888" {
			t.Errorf("%q: %v %v %v", listen, c.Listen, c.NextPorts, err)
		}
	}
}
