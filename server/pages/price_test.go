package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

// TestWhatARunCostIsShown: where the server knows a price, beside how long the run took.
func TestWhatARunCostIsShown(t *testing.T) {
	for price, want := range map[string]string{"": "<code>Python 3</code></span>", "EUR 900": "<code>Python 3</code>, EUR "} {
		s := servertest.Start(t, func(c *server.Config) { c.ExecutionPrice = price })
		id, _ := document(t, s, folder(t, s), "a.ipynb", ran)
		if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil, "Accept", "text/html"); !strings.Contains(got.Text, want) {
			t.Errorf("%q: %s", price, got.Text)
		}
	}
}
