package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"
)

// SchemeHMACSHA256 is the only signature scheme that Jupyter uses in practice, and the only one here.
const SchemeHMACSHA256 = "hmac-sha256"

// replayMemory is how many accepted digests a [Signer] remembers, the reference implementation's figure. 65 536 digests
// take about 6 MB; the memory grows only as messages arrive.
const replayMemory = 65536

// Signer signs and checks messages under one connection's key, and remembers what it accepted, so that a captured message
// cannot be played again. Safe for concurrent use. One Signer serves all channels of one connection.
type Signer struct {
	macs *sync.Pool // of hash.Hash; nil without a key

	mu   sync.Mutex
	seen map[[sha256.Size]byte]struct{}
	ring [][sha256.Size]byte // the same digests, oldest at next once full
	next int
}

// NewSigner makes a Signer. An empty key switches signing off: signatures are empty and none is checked, nor is replay.
// An empty scheme means [SchemeHMACSHA256].
func NewSigner(scheme, key string) (*Signer, error) {
	if scheme != "" && scheme != SchemeHMACSHA256 {
		return nil, fmt.Errorf("signature scheme %q is not supported, only %s", scheme, SchemeHMACSHA256)
	}
	s := &Signer{seen: make(map[[sha256.Size]byte]struct{})}
	if key != "" {
		k := []byte(key)
		s.macs = &sync.Pool{New: func() any { return hmac.New(sha256.New, k) }}
	}
	return s, nil
}

// Sign returns the lower-case hex HMAC over the parts' raw bytes one after another; empty without a key.
func (s *Signer) Sign(parts ...[]byte) []byte {
	if s.macs == nil {
		return []byte{}
	}
	digest := s.digest(parts)
	return hex.AppendEncode(make([]byte, 0, 2*sha256.Size), digest[:])
}

// Verify checks a signature in constant time and records it. It returns [ErrSignature] or [ErrReplay].
func (s *Signer) Verify(signature []byte, parts ...[]byte) error {
	if s.macs == nil {
		return nil
	}
	want := s.digest(parts)
	var got [sha256.Size]byte
	if len(signature) != 2*sha256.Size {
		return ErrSignature
	}
	if _, err := hex.Decode(got[:], signature); err != nil {
		return ErrSignature
	}
	if !hmac.Equal(got[:], want[:]) {
		return ErrSignature
	}
	return s.remember(want)
}

func (s *Signer) digest(parts [][]byte) (sum [sha256.Size]byte) {
	mac := s.macs.Get().(hash.Hash)
	mac.Reset()
	for _, p := range parts {
		mac.Write(p)
	}
	mac.Sum(sum[:0])
	s.macs.Put(mac)
	return sum
}

// remember records a digest, forgetting the oldest at the bound.
func (s *Signer) remember(d [sha256.Size]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, dup := s.seen[d]; dup {
		return ErrReplay
	}
	s.seen[d] = struct{}{}
	if len(s.ring) < replayMemory {
		s.ring = append(s.ring, d)
		return nil
	}
	delete(s.seen, s.ring[s.next])
	s.ring[s.next] = d
	s.next = (s.next + 1) % replayMemory
	return nil
}
