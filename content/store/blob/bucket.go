package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"sextant/content"
)

// Bucket keeps blobs as objects in a gocloud.dev bucket, named by digest. An object store answers a write when it is
// durable, and shows an object whole or not at all.
type Bucket struct {
	bucket *blob.Bucket
	codec  *codec
	tmp    string
}

// NewBucket takes a bucket over; Close closes it. An upload is spooled below tmp first (empty: the system's temporary
// directory), since its name is known only at its end.
func NewBucket(bucket *blob.Bucket, tmp string) (*Bucket, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	return &Bucket{bucket: bucket, codec: c, tmp: tmp}, nil
}

// Put implements content.Blobs.
func (s *Bucket) Put(ctx context.Context, r io.Reader) (info content.BlobInfo, err error) {
	f, err := os.CreateTemp(s.tmp, "sextant-put-")
	if err != nil {
		return info, fmt.Errorf("blob: put: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	info.Digest, info.Size, info.Stored, err = s.codec.encode(f, contextReader{ctx, r})
	if err != nil {
		return content.BlobInfo{}, fmt.Errorf("blob: put: %w", err)
	}
	// An object that is there is written again all the same: it is the only way to renew its time.
	there, err := s.bucket.Exists(ctx, info.Digest.String())
	if err != nil {
		return content.BlobInfo{}, fmt.Errorf("blob: put: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return content.BlobInfo{}, fmt.Errorf("blob: put: %w", err)
	}
	err = s.bucket.Upload(ctx, info.Digest.String(), f, &blob.WriterOptions{ContentType: "application/zstd"})
	if err != nil {
		return content.BlobInfo{}, fmt.Errorf("blob: put: %w", err)
	}
	info.Created, info.Touched = !there, time.Now()
	return info, nil
}

// Open implements content.Blobs.
func (s *Bucket) Open(ctx context.Context, d content.Digest, offset, length int64) (io.ReadCloser, error) {
	frames, _, err := s.table(ctx, d)
	if err != nil {
		return nil, err
	}
	return newReader(s.codec, d, bucketSource{ctx, s.bucket, d.String()}, frames, offset, length)
}

func (s *Bucket) table(ctx context.Context, d content.Digest) ([]frame, *blob.Attributes, error) {
	attrs, err := s.bucket.Attributes(ctx, d.String())
	if err != nil {
		return nil, nil, bucketError(d, err)
	}
	read := func(n int64) ([]byte, error) {
		r, err := s.bucket.NewRangeReader(ctx, d.String(), attrs.Size-n, n, nil)
		if err != nil {
			return nil, bucketError(d, err)
		}
		b, err := io.ReadAll(r)
		return b, errors.Join(err, r.Close())
	}
	tail, err := read(min(attrs.Size, 4096))
	if err != nil {
		return nil, nil, err
	}
	if len(tail) < footerSize {
		return nil, nil, corrupt(d, errors.New("no footer"))
	}
	size, err := tableSize(tail[len(tail)-footerSize:])
	if err != nil {
		return nil, nil, corrupt(d, err)
	}
	if size > attrs.Size {
		return nil, nil, corrupt(d, errors.New("seek table does not fit"))
	}
	if size > int64(len(tail)) {
		if tail, err = read(size); err != nil {
			return nil, nil, err
		}
	}
	frames, err := parseTable(tail[int64(len(tail))-size:], attrs.Size)
	if err != nil {
		return nil, nil, corrupt(d, err)
	}
	return frames, attrs, nil
}

// Stat implements content.Blobs.
func (s *Bucket) Stat(ctx context.Context, d content.Digest) (content.BlobInfo, error) {
	frames, attrs, err := s.table(ctx, d)
	if err != nil {
		return content.BlobInfo{}, err
	}
	return content.BlobInfo{Digest: d, Size: contentSize(frames), Stored: attrs.Size, Touched: attrs.ModTime}, nil
}

// Delete implements content.Blobs.
func (s *Bucket) Delete(ctx context.Context, d content.Digest) error {
	if err := s.bucket.Delete(ctx, d.String()); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("blob: delete: %w", err)
	}
	return nil
}

// List implements content.Blobs.
func (s *Bucket) List(ctx context.Context, fn func(content.BlobInfo) error) error {
	objects := s.bucket.List(nil)
	for {
		o, err := objects.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("blob: list: %w", err)
		}
		d, err := content.ParseDigest(o.Key)
		if err != nil {
			continue
		}
		if err := fn(content.BlobInfo{Digest: d, Size: -1, Stored: o.Size, Touched: o.ModTime}); err != nil {
			return err
		}
	}
}

// Close closes the bucket.
func (s *Bucket) Close() error { return s.bucket.Close() }

type bucketSource struct {
	ctx    context.Context
	bucket *blob.Bucket
	key    string
}

func (s bucketSource) sequential(from, to int64) (io.ReadCloser, error) {
	return s.bucket.NewRangeReader(s.ctx, s.key, from, to-from, nil)
}
func (bucketSource) Close() error { return nil }

func bucketError(d content.Digest, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return fmt.Errorf("blob %s: %w", d, content.ErrNotFound)
	}
	return fmt.Errorf("blob %s: %w", d, err)
}
