package blob

import (
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sextant/content"
	"sextant/content/store/storetest"
)

// TestS3 runs the suite over HTTP against a server that speaks S3, through the same URL that a deployment gives.
func TestS3(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	storetest.Blobs(t, func(t *testing.T) content.Blobs {
		backend := s3mem.New()
		if err := backend.CreateBucket("sextant"); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(gofakes3.New(backend).Server())
		t.Cleanup(server.Close)
		q := url.Values{"endpoint": {server.URL}, "region": {"us-east-1"}, "use_path_style": {"true"}, "prefix": {"a/b/"}}
		s, err := Open(t.Context(), "s3://sextant?"+q.Encode())
		return opened(t, s, err)
	})
}
