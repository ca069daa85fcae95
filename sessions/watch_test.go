package sessions

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const h = time.Hour
	for name, c := range map[string]struct {
		u                  usedBy
		idle, life, maxRun time.Duration
		end, stop, warn    bool
	}{
		"in use":                   {u: usedBy{Began: ago(5 * h), Active: ago(time.Minute)}, idle: h},
		"idle":                     {u: usedBy{Began: ago(5 * h), Active: ago(h)}, idle: h, end: true},
		"idle for ever":            {u: usedBy{Began: ago(500 * h), Active: ago(400 * h)}},
		"a cell runs":              {u: usedBy{Began: ago(5 * h), Active: ago(4 * h), Executing: true, Longest: ago(4 * h)}, idle: h},
		"a cell runs too long":     {u: usedBy{Began: ago(5 * h), Active: ago(4 * h), Executing: true, Longest: ago(4 * h)}, idle: h, maxRun: 2 * h, stop: true},
		"its life is over":         {u: usedBy{Began: ago(8 * h), Active: now, Executing: true, Longest: ago(h)}, life: 8 * h, end: true},
		"its life is nearly over":  {u: usedBy{Began: ago(8*h - time.Minute), Active: now}, life: 8 * h, warn: true},
		"a life too short to warn": {u: usedBy{Began: ago(time.Minute), Active: now}, life: 2 * time.Minute},
	} {
		v := judge(c.u, c.idle, c.life, c.maxRun, now)
		if (v.End != "") != c.end || (v.Stop != "") != c.stop || (v.Warn != "") != c.warn {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
