package content

import (
	"context"
	"sync"

	"sextant/content/iam"
)

// findings keeps what was found out about rights, for as long as the store's rights version stands: each transaction
// reads that number, which every change to what decisions are made of raises, and takes only what was found at the same
// one. So nothing is ever decided by what has changed, on whichever server it changed.
type findings struct {
	standings remembered[iam.Member, standing]
	lineages  remembered[ResourceID, []Ancestor] // by the folder that they begin at
	tokens    remembered[Digest, Token]
	signIns   remembered[Digest, SignIn]
}

// standing is a principal as decisions see it, with the roles there are.
type standing struct {
	subject iam.Subject
	roles   iam.Roles
}

// maxRemembered bounds what one kind of finding weighs: about how many names it holds, of some 100 bytes each.
const maxRemembered = 32 << 10

// remembered is values of one version. What it gives is shared and must not be changed.
type remembered[K comparable, V any] struct {
	mu      sync.Mutex
	version int64
	weight  int
	values  map[K]V
}

func (r *remembered[K, V]) get(version int64, key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if version != r.version {
		var none V
		return none, false
	}
	v, ok := r.values[key]
	return v, ok
}

// put keeps a value that was found at a version, unless a later one is known. Where too much is kept, all of it goes.
func (r *remembered[K, V]) put(version int64, key K, value V, weight int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if version < r.version || weight > maxRemembered {
		return
	}
	if version > r.version || r.weight+weight > maxRemembered || r.values == nil {
		r.version, r.weight, r.values = version, 0, map[K]V{}
	}
	r.weight += weight
	r.values[key] = value
}

// weigh is about how many names a lineage holds.
func weigh(lineage []Ancestor) int {
	n := 0
	for _, l := range lineage {
		n += 4
		for _, b := range l.Policy.Bindings {
			n += 2 + len(b.Members)
		}
	}
	return n
}

// found gives what a key stands for at the rights version that is committed, and that version: what is remembered, or
// what look finds, whose error is given.
func found[V any](ctx context.Context, s *Service, in *remembered[Digest, V], key Digest, look func(Tx) (V, error)) (V, int64, error) {
	version, err := s.store.RightsVersion(ctx)
	if err != nil {
		var none V
		return none, 0, err
	}
	value, known := in.get(version, key)
	if known {
		return value, version, nil
	}
	err = s.store.View(ctx, func(tx Tx) (err error) {
		if version, err = tx.RightsVersion(); err == nil {
			value, err = look(tx)
		}
		return err
	})
	if err == nil {
		in.put(version, key, value, 4)
	}
	return value, version, err
}
