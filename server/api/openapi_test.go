package api_test

import (
	"log/slog"
	"os"
	"testing"

	"sextant/server/api"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/results"
	"sextant/sessions/run"
)

// TestDescriptionIsCurrent compares openapi.json with what a server that has everything describes; SEXTANT_ACCEPT=1 writes
// it anew.
func TestDescriptionIsCurrent(t *testing.T) {
	// Nothing is asked of these but their description.
	a := api.New(web.NewRouter(), api.Options{Sessions: new(sessions.Manager), Runner: new(run.Runner), Results: new(results.Reader), Log: slog.New(slog.DiscardHandler)})
	described, err := a.OpenAPI()
	a.Close()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("SEXTANT_ACCEPT") != "" {
		if err := os.WriteFile("openapi.json", described, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(described) {
		t.Error("openapi.json is not what the server describes; run the test with SEXTANT_ACCEPT=1 and look at the difference")
	}
}
