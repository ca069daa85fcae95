package sessions

import (
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, c := range []struct {
		what                       string
		u                          usedBy
		idle, life, maxRun, maxCPU time.Duration
		end, stop, warn            string
	}{
		{what: "no limits", u: usedBy{Began: ago(1000 * time.Hour), Active: ago(900 * time.Hour)}},
		{what: "idle", u: usedBy{Began: ago(2 * time.Hour), Active: ago(time.Hour)}, idle: time.Hour, end: "idle for 1h"},
		{what: "not yet idle", u: usedBy{Began: ago(2 * time.Hour), Active: ago(59 * time.Minute)}, idle: time.Hour},
		{what: "a cell keeps it", u: usedBy{Began: ago(2 * time.Hour), Active: ago(2 * time.Hour), Executing: true, Longest: ago(2 * time.Hour)}, idle: time.Hour},
		{what: "a cell runs too long", u: usedBy{Began: ago(2 * time.Hour), Executing: true, Longest: ago(time.Hour)}, maxRun: time.Hour, stop: "may run for 1h"},
		{what: "a cell takes too much", u: usedBy{Began: ago(2 * time.Hour), Executing: true, Longest: ago(time.Minute), CPU: time.Minute}, maxCPU: time.Minute, stop: "1m0s of processor time"},
		{what: "just not", u: usedBy{Began: ago(2 * time.Hour), Executing: true, Longest: ago(time.Minute), CPU: 59 * time.Second}, maxCPU: time.Minute},
		{what: "idle after much", u: usedBy{Began: ago(2 * time.Hour), Active: now, CPU: time.Hour}, maxCPU: time.Minute},
		{what: "its life is over", u: usedBy{Began: ago(time.Hour), Active: now, Executing: true, Longest: now}, life: time.Hour, end: "existed for 1h"},
		{what: "soon over", u: usedBy{Began: ago(56 * time.Minute), Active: now}, life: time.Hour, warn: "ends in 4m"},
	} {
		v := judge(c.u, c.idle, c.life, c.maxRun, c.maxCPU, now)
		for _, x := range [][2]string{{v.End, c.end}, {v.Stop, c.stop}, {v.Warn, c.warn}} {
			if (x[1] == "") != (x[0] == "") || !strings.Contains(x[0], x[1]) {
				t.Errorf("%s: %+v", c.what, v)
			}
		}
	}
}
