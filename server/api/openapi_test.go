package api_test

import (
	"net/http"
	"os"
	"testing"

	"sextant/server/servertest"
)

// TestDescriptionIsCurrent compares openapi.json with what the server serves; SEXTANT_ACCEPT=1 writes it anew.
func TestDescriptionIsCurrent(t *testing.T) {
	s := servertest.Start(t)
	served := s.Want(http.StatusOK, "", "GET", "v1/openapi.json", nil).Text
	if os.Getenv("SEXTANT_ACCEPT") != "" {
		if err := os.WriteFile("openapi.json", []byte(served), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != served {
		t.Error("openapi.json is not what the server serves; run the test with SEXTANT_ACCEPT=1 and look at the difference")
	}
}
