package query

import (
	"bytes"
	"time"

	"sextant/content"
)

// RecordBlobs implements content.BlobTx.
func (t *tx) RecordBlobs(sizes map[content.Digest]int64, now time.Time) (unknown []content.Digest, err error) {
	for d, size := range sizes {
		n, err := t.execCount("UPDATE blobs SET used_at = $2 WHERE digest = $1", d[:], micros(now))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			continue
		}
		if err := t.exec("INSERT INTO blobs (digest, size, used_at) VALUES ($1, $2, $3)", d[:], size, micros(now)); err != nil {
			return nil, err
		}
		unknown = append(unknown, d)
	}
	return unknown, nil
}

// CountBlobs implements content.BlobTx.
func (t *tx) CountBlobs() (blobs, size int64, err error) {
	err = t.into("SELECT count(*), CAST(COALESCE(sum(size), 0) AS BIGINT) FROM blobs", nil, &blobs, &size)
	return blobs, size, err
}

// HasBlob implements content.BlobTx.
func (t *tx) HasBlob(d content.Digest) (bool, error) {
	var n int64
	err := t.into("SELECT count(*) FROM blobs WHERE digest = $1", []any{d[:]}, &n)
	return n > 0, err
}

// EachBlob implements content.BlobTx.
func (t *tx) EachBlob(before time.Time, lo, hi byte, fn func(content.Digest) error) error {
	from := make([]byte, len(content.Digest{}))
	from[0] = lo
	to := bytes.Repeat([]byte{0xff}, len(content.Digest{}))
	to[0] = hi
	return t.each(func(row func(...any) error) error {
		var digest []byte
		if err := row(&digest); err != nil {
			return err
		}
		return fn(toDigest(digest))
	}, "SELECT digest FROM blobs WHERE digest >= $1 AND digest <= $2 AND used_at < $3 ORDER BY digest", from, to, micros(before))
}

// EachLayout implements content.BlobTx.
func (t *tx) EachLayout(fn func(content.RevisionID, content.Layout) error) error {
	return t.each(func(row func(...any) error) error {
		var id content.RevisionID
		var encoded []byte
		if err := row(&id, &encoded); err != nil {
			return err
		}
		layout, err := content.DecodeLayout(encoded)
		if err != nil {
			return err
		}
		return fn(id, layout)
	}, "SELECT id, layout FROM revisions UNION ALL SELECT id, layout FROM jobs UNION ALL SELECT id, layout FROM results")
}

// ForgetBlob implements content.BlobTx.
func (t *tx) ForgetBlob(d content.Digest, before time.Time) error {
	return t.exec("DELETE FROM blobs WHERE digest = $1 AND used_at < $2", d[:], micros(before))
}
