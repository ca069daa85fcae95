// Package store opens the stores that URLs name.
package store

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"sextant/content"
	"sextant/content/store/postgres"
	"sextant/content/store/sqlite"
)

// Open opens the store that a URL names and brings its schema up to date: sqlite:///absolute/file.db, or
// postgres://user@host/name with the parameters of libpq. The caller closes it. Blobs are opened by content/store/blob.
func Open(ctx context.Context, rawURL string) (content.Store, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("store: %w URL", content.ErrInvalid)
	}
	switch u.Scheme {
	case "sqlite":
		if u.Host != "" || !filepath.IsAbs(u.Path) || u.RawQuery != "" {
			return nil, fmt.Errorf("store: %w URL %s: want sqlite:///absolute/file.db", content.ErrInvalid, u.Redacted())
		}
		return sqlite.Open(ctx, filepath.FromSlash(u.Path))
	case "postgres", "postgresql":
		return postgres.Open(ctx, rawURL)
	}
	return nil, fmt.Errorf("store: %w URL %s: want sqlite or postgres", content.ErrInvalid, u.Redacted())
}
