package memory

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// residentFiles is this process's memory of files in kB.
func residentFiles(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`RssFile:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatal("/proc/self/status has no RssFile")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUnmapFilesGivesTheProgramBack(t *testing.T) {
	before := residentFiles(t)
	UnmapFiles()
	if after := residentFiles(t); after > before*3/4 {
		t.Errorf("%d kB of files are resident, before it was %d", after, before)
	}
}
