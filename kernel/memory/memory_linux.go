// Package memory gives back to the system what an idle process holds.
package memory

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// UnmapFiles lets go of the pages of files that are mapped for reading: the program's own, tens of megabytes of which
// starting and running touch, and a database's. They stay in the system's page cache, and come back from there with the
// next use. Where the system gives no way to, it does nothing.
func UnmapFiles() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	var from, to uintptr
	ours := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			// Only what cannot be written and belongs to a file: elsewhere a page may hold what the file does not.
			ours = len(fields) >= 6 && strings.HasPrefix(fields[5], "/") && fields[1][0] == 'r' && fields[1][1] == '-'
			from, to = addresses(fields[0])
		case ours && len(fields) >= 2 && fields[0] == "Anonymous:" && fields[1] == "0" && to > from:
			// A failure changes nothing: the pages stay mapped.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}

// addresses reads the range of a line of /proc/self/smaps; what is none is empty.
func addresses(s string) (from, to uintptr) {
	a, b, _ := strings.Cut(s, "-")
	x, errX := strconv.ParseUint(a, 16, 64)
	y, errY := strconv.ParseUint(b, 16, 64)
	if errX != nil || errY != nil {
		return 0, 0
	}
	return uintptr(x), uintptr(y)
}
