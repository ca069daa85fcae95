package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// Digest is the SHA-256 of some bytes. Content is stored and named by it.
type Digest [sha256.Size]byte

// String is the digest in lower-case hexadecimal, 64 characters.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what String gives. The error wraps ErrInvalid.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if len(s) != hex.EncodedLen(len(d)) {
		return Digest{}, fmt.Errorf("%w digest %.80q", ErrInvalid, s)
	}
	if _, err := hex.Decode(d[:], []byte(s)); err != nil {
		return Digest{}, fmt.Errorf("%w digest %.80q", ErrInvalid, s)
	}
	return d, nil
}

// BlobInfo is what a blob store knows of one blob.
type BlobInfo struct {
	Digest Digest
	// Size is that of the content; Stored what it occupies. List may leave Size at -1 where only reading would tell.
	Size, Stored int64
	// Touched is when the blob was last put, also where it was already there.
	Touched time.Time
	// Created is set by Put where the blob was not there before.
	Created bool
}

// Blobs keeps content by its digest. Implementations are in content/store/blob; content/store/storetest holds the
// suite each must pass. It is safe for concurrent use, also by several processes.
type Blobs interface {
	// Put stores all of r, in memory bounded whatever its size, and returns when it is durable: after a crash of the
	// machine it is there. What is already stored is kept and its Touched renewed. After an error, r's or its own,
	// nothing is stored.
	Put(ctx context.Context, r io.Reader) (BlobInfo, error)
	// Open reads length bytes from offset, or to the end where length is negative. Bytes that are not those that
	// were put are never handed out: the read ends in an error that wraps ErrCorrupt. No such blob: ErrNotFound. An
	// offset past the end reads nothing. The caller closes the reader.
	Open(ctx context.Context, d Digest, offset, length int64) (io.ReadCloser, error)
	// Stat tells of one blob, or ErrNotFound.
	Stat(ctx context.Context, d Digest) (BlobInfo, error)
	// Delete removes a blob; one that is not there is no error.
	Delete(ctx context.Context, d Digest) error
	// List calls fn for every blob, in order of digest where from is the first; fn's error ends the walk.
	List(ctx context.Context, fn func(BlobInfo) error) error
}
