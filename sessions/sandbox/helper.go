package sandbox

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Protocol is what `sandbox --protocol` prints: raised with any change in what a server tells agents and sandboxes that those of
// an earlier build would not understand.
const Protocol = "1"

// Helper is the program that runs as agent and as the step into a sandbox. Where sextant-kernel stands beside this program and has the
// same Protocol it is that: it starts in a sixth of the time, which whoever opens a session waits for twice, and an agent
// takes 10 MB less. Else it is this program itself. Another place is not looked at: an agent is not confined, so the program has to be
// as trusted as this one.
var Helper = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return helperOf(self), nil
})

// helperOf is the Helper of a program.
func helperOf(self string) string {
	beside := filepath.Join(filepath.Dir(self), "sextant-kernel")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if said, err := exec.CommandContext(ctx, beside, "sandbox", "--protocol").Output(); err == nil && strings.TrimSpace(string(said)) == Protocol {
		return beside
	}
	return self
}
