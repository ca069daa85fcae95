package blob

import (
	"net/http/httptest"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"sextant/content"
	"sextant/content/store/storetest"
)

// TestGCS runs the suite over HTTP against a server that speaks Google Cloud Storage's JSON API, through the same URL that
// a deployment gives.
func TestGCS(t *testing.T) {
	storetest.Blobs(t, func(t *testing.T) content.Blobs {
		server := httptest.NewUnstartedServer(nil)
		address := server.Listener.Addr().String()
		fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Scheme: "http", PublicHost: address, ExternalURL: "http://" + address})
		if err != nil {
			t.Fatal(err)
		}
		fake.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "sextant"})
		server.Config.Handler = fake.HTTPHandler()
		server.Start()
		t.Cleanup(server.Close)
		t.Setenv("STORAGE_EMULATOR_HOST", address)
		s, err := Open(t.Context(), "gs://sextant?anonymous=true&prefix=a/b/")
		return opened(t, s, err)
	})
}
