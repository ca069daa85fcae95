package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sextant/content"
)

func usage(s *suite) {
	a := content.Usage{Day: "2026-11-25", User: "user:ana@x.org", Environment: "e", Executions: 2, Execution: 1500 * time.Millisecond, CPU: time.Second, PeakBytes: 10}
	b := content.Usage{Day: "2026-11-26", User: "user:bo@x.org", Environment: "e", Executions: 1, Execution: time.Second, PeakBytes: 7}
	s.update(func(tx content.Tx) error {
		more := a
		more.PeakBytes = 4
		return errors.Join(tx.AddUsage(a), tx.AddUsage(more), tx.AddUsage(b))
	})
	sum := a
	sum.Executions, sum.Execution, sum.CPU = 4, 3*time.Second, 2*time.Second
	s.view(func(tx content.Tx) error {
		for _, c := range []struct {
			filter content.UsageFilter
			limit  int
			want   []content.Usage
		}{
			{content.UsageFilter{}, 10, []content.Usage{b, sum}},
			{content.UsageFilter{}, 1, []content.Usage{b}},
			{content.UsageFilter{User: a.User}, 10, []content.Usage{sum}},
			{content.UsageFilter{From: "2026-11-26"}, 10, []content.Usage{b}},
			{content.UsageFilter{Until: "2026-11-25", Environment: "e"}, 10, []content.Usage{sum}},
			{content.UsageFilter{Environment: "none"}, 10, nil},
		} {
			got, err := tx.Usage(c.filter, c.limit)
			if err != nil {
				return err
			}
			if !slices.Equal(got, c.want) {
				return fmt.Errorf("%+v: %+v, want %+v", c.filter, got, c.want)
			}
		}
		return nil
	})
}
