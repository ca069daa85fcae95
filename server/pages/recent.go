package pages

import "sync"

// Bounds of the pages that are held in memory.
const (
	maxRecent     = 16 << 20
	maxRecentPage = 256 << 10
)

// recent holds whole pages that were sent, by what they were made of, so that one that many read costs no more than
// finding out who may. Where too much is held, all of it goes.
type recent struct {
	mu    sync.Mutex
	bytes int
	pages map[string][]byte
}

func (c *recent) get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.pages[key]
	return text, ok
}

func (c *recent) put(key string, text []byte) {
	if len(text) > maxRecentPage {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pages == nil || c.bytes+len(text) > maxRecent {
		c.pages, c.bytes = map[string][]byte{}, 0
	}
	if _, ok := c.pages[key]; !ok {
		c.pages[key] = text
		c.bytes += len(text)
	}
}
