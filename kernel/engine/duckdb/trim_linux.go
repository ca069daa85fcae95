package duckdb

/*
#include <malloc.h>
static void sextant_trim(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// trimHeap makes the C allocator give back its free pages, which it would keep.
func trimHeap() { C.sextant_trim() }

// unmapProgram lets go of the program's own pages, some tens of megabytes of DuckDB that starting and running touched.
// They stay in the system's page cache, and come back from there with the next use.
func unmapProgram() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	var from, to uintptr
	ours := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 6 && strings.Contains(fields[0], "-"):
			// Only what cannot be written: elsewhere a page may hold what the file does not.
			ours = fields[5] == exe && (fields[1] == "r-xp" || fields[1] == "r--p")
			from, to = mapping(fields[0])
		case ours && fields[0] == "Anonymous:" && fields[1] == "0":
			if to > from {
				// A failure changes nothing: the pages stay mapped.
				_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
			}
		}
	}
}

// mapping reads the range of a line of /proc/self/smaps.
func mapping(s string) (from, to uintptr) {
	a, b, _ := strings.Cut(s, "-")
	x, errX := strconv.ParseUint(a, 16, 64)
	y, errY := strconv.ParseUint(b, 16, 64)
	if errX != nil || errY != nil {
		return 0, 0
	}
	return uintptr(x), uintptr(y)
}
