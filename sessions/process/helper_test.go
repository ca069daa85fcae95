package process

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// stat gives the fields of /proc/PID/stat after the name.
func stat(pid int) []string {
	b, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

func ppid(t *testing.T, pid int) int {
	t.Helper()
	f := stat(pid)
	if len(f) < 2 {
		t.Fatalf("no process %d", pid)
	}
	n, err := strconv.Atoi(f[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// running tells a process from one that has ended and waits to be reaped.
func running(pid int) bool {
	f := stat(pid)
	return len(f) > 0 && f[0] != "Z"
}
