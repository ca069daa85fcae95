package content

import (
	"context"
	"fmt"
	"time"

	"sextant/content/iam"
)

// Usage is what a user's sessions in one environment used on one day: what is paid for is execution time alone.
type Usage struct {
	// Day is the date in UTC, as 2026-11-26.
	Day         string
	User        iam.Member
	Environment string
	// Executions counts cells and statements that were executed, Execution how long they took together.
	Executions int64
	Execution  time.Duration
	// CPU is the processor time of the sessions; PeakBytes the most memory that one of them held.
	CPU       time.Duration
	PeakBytes int64
}

// UsageFilter narrows a report. Empty fields do not.
type UsageFilter struct {
	// From and Until are the first and the last day, as 2026-11-26.
	From, Until string
	User        iam.Member
	Environment string
}

// UsageTx is the book of what was used.
type UsageTx interface {
	// AddUsage adds to what the book has of a day, user and environment.
	AddUsage(Usage) error
	// Usage lists a filter's usage by day, user and environment, at most limit of it, the newest day first.
	Usage(UsageFilter, int) ([]Usage, error)
}

// MaxUsage bounds a report.
const MaxUsage = 100_000

// RecordUsage adds to the book what was used since the last call. It is called by the server that runs the sessions.
func (s *Service) RecordUsage(ctx context.Context, spent []Usage) error {
	if len(spent) == 0 {
		return nil
	}
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opRecordUsage); err != nil {
			return err
		}
		for _, u := range spent {
			if _, err := time.Parse(time.DateOnly, u.Day); err != nil || u.User == "" {
				return fmt.Errorf("%w usage of %.60q on %.20q", ErrInvalid, u.User, u.Day)
			}
			if err := a.tx.AddUsage(u); err != nil {
				return err
			}
		}
		return nil
	})
	return s.refused(ctx, opRecordUsage, "", err)
}

// Usage reports what was used, the newest day first: the actor's own, or that of others with iam.PrincipalsManage. An empty
// user in the filter is the actor, "*" everybody.
func (s *Service) Usage(ctx context.Context, filter UsageFilter) ([]Usage, error) {
	var out []Usage
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		for _, day := range []string{filter.From, filter.Until} {
			if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
				return fmt.Errorf("%w day %.20q: want YYYY-MM-DD", ErrInvalid, day)
			}
		}
		if filter.User == "" {
			filter.User = who
		}
		if filter.User != who {
			if err := a.checkRoot(opUsage); err != nil {
				return err
			}
		}
		if filter.User == "*" {
			filter.User = ""
		}
		out, err = a.tx.Usage(filter, MaxUsage)
		return err
	})
	return out, s.refused(ctx, opUsage, "", err)
}

// ProcessorTime is how much processor time each user's sessions took on a day, as 2026-11-26. It is for the server that keeps quotas.
func (s *Service) ProcessorTime(ctx context.Context, day string) (map[iam.Member]time.Duration, error) {
	out := map[iam.Member]time.Duration{}
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opProcessorTime); err != nil {
			return err
		}
		booked, err := a.tx.Usage(UsageFilter{From: day, Until: day}, MaxUsage)
		for _, u := range booked {
			out[u.User] += u.CPU
		}
		return err
	})
	return out, s.refused(ctx, opProcessorTime, "", err)
}
