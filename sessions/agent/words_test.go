package agent

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDeathInWords(t *testing.T) {
	for _, c := range []struct {
		e            end
		killed, said string
		want         string
	}{
		{end{Signal: syscall.SIGKILL}, "", "", "memory ran out"},
		{end{Signal: syscall.SIGKILL}, "it was restarted", "x", "The kernel was stopped: it was restarted."},
		{end{Signal: syscall.SIGSEGV}, "", "boom", "crashed (segmentation fault). It said last:\nboom"},
		{end{Signal: syscall.SIGXCPU}, "", "", "processor time"},
		{end{Signal: syscall.SIGXFSZ}, "", "", "size limit"},
		{end{Signal: syscall.SIGSYS}, "", "", "sandbox forbids"},
		{end{Exited: true}, "", "x", "ended by itself."},
		{end{Exited: true, Code: 3}, "", "", "exit status 3"},
	} {
		if got := deathWords(c.e, c.killed, c.said); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q in it", c.e, got, c.want)
		}
	}
}

func TestPatienceWithServers(t *testing.T) {
	for _, c := range []struct {
		absent, orphan time.Duration
		executing      bool
		want           bool
	}{{time.Minute, time.Hour, false, false}, {2 * time.Hour, time.Hour, false, true}, {2 * time.Hour, time.Hour, true, false}, {25 * time.Hour, time.Hour, true, true}} {
		if got := lost(c.absent, c.orphan, c.executing); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
