package agent

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clockTick is how often a second the kernel's clock of processor times ticks (USER_HZ, the same on all Linux systems that
// Go runs on).
const clockTick = 100

// groupUsage sums what the processes of a session use: all that the kernel started, unless they left it.
func groupUsage(session int) usage {
	var u usage
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return u
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has ended
		}
		// The name, in parentheses, may hold anything; the fields follow its last one (proc(5)).
		_, rest, ok := bytes.Cut(stat[max(0, bytes.LastIndexByte(stat, ')')):], []byte(" "))
		f := strings.Fields(string(rest))
		if !ok || len(f) < 15 || f[3] != strconv.Itoa(session) {
			continue
		}
		u.processes++
		for _, i := range []int{11, 12} {
			ticks, _ := strconv.ParseFloat(f[i], 64)
			u.cpu += ticks / clockTick
		}
		if pid == session { // with the children that have ended
			for _, i := range []int{13, 14} {
				ticks, _ := strconv.ParseFloat(f[i], 64)
				u.cpu += ticks / clockTick
			}
		}
		u.memory += private(e.Name())
		u.read += field(filepath.Join("/proc", e.Name(), "io"), "rchar:")
	}
	return u
}

func ownMemory() int64 { return private("self") }

// private is the memory that a process shares with nobody, in bytes.
func private(pid string) int64 {
	file := filepath.Join("/proc", pid, "smaps_rollup")
	return field(file, "Private_Clean:", "Private_Dirty:") << 10
}

// field sums the numbers that stand after names in a file of /proc.
func field(file string, names ...string) int64 {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	var sum int64
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		for _, name := range names {
			if f[0] == name {
				n, _ := strconv.ParseInt(f[1], 10, 64)
				sum += n
			}
		}
	}
	return sum
}
