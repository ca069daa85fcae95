package blob

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/blob/s3blob"

	"sextant/content"
)

// Store is a blob store that can be closed.
type Store interface {
	content.Blobs
	io.Closer
}

// Open opens the store a URL names: file:///absolute/directory, or s3://, gs://, azblob:// with the parameters that
// gocloud.dev documents for them; ?prefix=a/b/ keeps the blobs below a prefix. The caller closes it.
func Open(ctx context.Context, rawURL string) (Store, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("blob: %w URL", content.ErrInvalid)
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" || !filepath.IsAbs(u.Path) {
			return nil, fmt.Errorf("blob: %w URL %s: want file:///absolute/directory", content.ErrInvalid, u.Redacted())
		}
		return OpenDisk(filepath.FromSlash(u.Path))
	case s3blob.Scheme, gcsblob.Scheme, azureblob.Scheme:
		return openBucket(ctx, u)
	}
	return nil, fmt.Errorf("blob: %w URL %s: want file, s3, gs or azblob", content.ErrInvalid, u.Redacted())
}

func openBucket(ctx context.Context, u *url.URL) (Store, error) {
	// The prefix is ours in every scheme.
	q := u.Query()
	prefix := q.Get("prefix")
	q.Del("prefix")
	v := *u
	v.RawQuery = q.Encode()
	bucket, err := blob.OpenBucket(ctx, v.String())
	if err != nil {
		return nil, fmt.Errorf("blob: open %s: %w", u.Redacted(), err)
	}
	if prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix)
	}
	return NewBucket(bucket, "")
}
