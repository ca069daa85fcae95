package run

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"sextant/content/iam"
)

// slots admits so many jobs of one principal and so many of all at a time; the others wait in the order in which they came.
type slots struct {
	each int64
	all  *semaphore.Weighted

	mu  sync.Mutex
	own map[iam.Member]*semaphore.Weighted
}

func newSlots(each, all int) *slots {
	return &slots{each: int64(each), all: semaphore.NewWeighted(int64(all)), own: map[iam.Member]*semaphore.Weighted{}}
}

// enter waits for a place; leave gives it back. The error is ctx's.
func (s *slots) enter(ctx context.Context, who iam.Member) (leave func(), err error) {
	s.mu.Lock()
	own := s.own[who]
	if own == nil {
		own = semaphore.NewWeighted(s.each)
		s.own[who] = own
	}
	s.mu.Unlock()
	if err := own.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := s.all.Acquire(ctx, 1); err != nil {
		own.Release(1)
		return nil, err
	}
	return func() { s.all.Release(1); own.Release(1) }, nil
}
