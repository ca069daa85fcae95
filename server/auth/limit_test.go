package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	l := NewLimiter(3, 10*time.Second, func() time.Time { return now })
	for i := range 3 {
		if _, ok := l.Allow("a"); !ok {
			t.Fatalf("attempt %d is refused", i+1)
		}
	}
	if wait, ok := l.Allow("a"); ok || wait != 10*time.Second {
		t.Errorf("after the burst: %v %v", wait, ok)
	}
	if _, ok := l.Allow("b"); !ok {
		t.Error("another key is refused")
	}
	now = now.Add(10 * time.Second)
	if _, ok := l.Allow("a"); !ok {
		t.Error("refused after the wait")
	}
	if _, ok := l.Allow("a"); ok {
		t.Error("allowed twice after one wait")
	}
	// Who succeeds never waits; a credit gives no more than the burst.
	for i := range 20 {
		if _, ok := l.Allow("c"); !ok {
			t.Fatalf("success %d is refused", i+1)
		}
		l.Credit("c")
	}
	l.Credit("c")
	now = now.Add(time.Nanosecond)
	allowed := 0
	for range 10 {
		if _, ok := l.Allow("c"); ok {
			allowed++
		}
	}
	if allowed != 3 {
		t.Errorf("%d allowed after credits, want the burst of 3", allowed)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	l := NewLimiter(1, time.Hour, func() time.Time { return now })
	for i := range maxLimited + 10 {
		l.Allow(fmt.Sprint(i))
	}
	if len(l.keys) > maxLimited {
		t.Errorf("%d keys are remembered", len(l.keys))
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::ffff": "2001:db8:1:2::/64", "2001:db8:1:3::1": "2001:db8:1:3::/64", "nonsense": "nonsense"} {
		if got := network(address); got != want {
			t.Errorf("network(%s) = %s, want %s", address, got, want)
		}
	}
}
