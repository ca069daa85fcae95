package sandbox

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyAKernelOfTheSameProtocolIsTheHelper(t *testing.T) {
	for said, want := range map[string]string{"echo " + Protocol: "sextant-kernel", "echo 0": "sextant", "exit 1": "sextant", "echo " + Protocol + "; exit 1": "sextant", "": "sextant"} {
		dir := t.TempDir()
		self := filepath.Join(dir, "sextant")
		if said != "" {
			if err := os.WriteFile(filepath.Join(dir, "sextant-kernel"), []byte("#!/bin/sh\n"+said+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if got := helperOf(self); got != filepath.Join(dir, want) {
			t.Errorf("%q: %s", said, got)
		}
	}
}
