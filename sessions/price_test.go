package sessions

import (
	"testing"
	"time"
)

func TestPrice(t *testing.T) {
	for _, c := range []struct {
		price string
		d     time.Duration
		want  string
	}{
		{"EUR 0.50", time.Hour, "EUR 0.50"},
		{"EUR 0.5", 90 * time.Minute, "EUR 0.75"},
		{"EUR 0.50", time.Second, "less than EUR 0.01"},
		{"EUR 0.50", 0, ""},
		{"USD 1200", time.Minute, "USD 20.00"},
		{"USD 0", time.Hour, ""},
		{"", time.Hour, ""},
	} {
		p, err := ParsePrice(c.price)
		if got := p.Text(c.d); err != nil || got != c.want {
			t.Errorf("%s for %s: %q, %v", c.price, c.d, got, err)
		}
	}
	for _, bad := range []string{"0.50", "€ 0.50", "EUR", "EUR -1", "EUR 1,5", "eur 1", "EUR 1 ", "EUR 1e9", "EUR 1.1234567"} {
		if _, err := ParsePrice(bad); err == nil {
			t.Errorf("%q is a price", bad)
		}
	}
}
