package zmq

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// throttle lets one line per second and text through to a logger, and says how many it held back, so that a hostile peer
// cannot fill a disk. The texts are constants, so their number is small.
type throttle struct {
	logger *slog.Logger
	mu     sync.Mutex
	texts  map[string]*throttled
}

type throttled struct {
	next time.Time
	held int
}

func newThrottle(l *slog.Logger) *throttle {
	return &throttle{logger: l, texts: make(map[string]*throttled)}
}

func (t *throttle) warn(text string, attrs ...slog.Attr)  { t.say(slog.LevelWarn, text, attrs) }
func (t *throttle) debug(text string, attrs ...slog.Attr) { t.say(slog.LevelDebug, text, attrs) }

func (t *throttle) say(level slog.Level, text string, attrs []slog.Attr) {
	if held, ok := t.pass(text, time.Now()); ok {
		if held > 0 {
			attrs = append(attrs, slog.Int("held_back", held))
		}
		t.logger.LogAttrs(context.Background(), level, text, attrs...)
	}
}

// pass decides whether a line goes out now and how many like it were held back since the last.
func (t *throttle) pass(text string, now time.Time) (held int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.texts[text]
	if s == nil {
		s = new(throttled)
		t.texts[text] = s
	}
	if now.Before(s.next) {
		s.held++
		return 0, false
	}
	held, s.held = s.held, 0
	s.next = now.Add(time.Second)
	return held, true
}
