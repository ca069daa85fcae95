package server

import (
	"context"
	"slices"
	"time"

	"sextant/content"
)

// meterEvery is how often what sessions used goes into the book.
const meterEvery = time.Minute

// meter keeps the book of what sessions used, until ctx is done.
func (a *App) meter(ctx context.Context) {
	if a.sessions == nil {
		return
	}
	a.book(ctx) // what was taken today counts from the start
	tick := time.NewTicker(meterEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.book(ctx)
		}
	}
}

// book puts what was used since the last time into the book.
func (a *App) book(ctx context.Context) {
	if a.sessions == nil {
		return
	}
	day := time.Now().UTC().Format(time.DateOnly)
	var spent []content.Usage
	for _, s := range a.sessions.TakeSpent() {
		spent = append(spent, content.Usage{Day: day, User: s.User, Environment: s.Environment, Executions: s.Executions, Execution: s.Execution,
			CPU: time.Duration(s.CPUSeconds * float64(time.Second)), PeakBytes: s.PeakBytes})
	}
	if err := a.service.RecordUsage(content.WithMaintenance(ctx), spent); err != nil {
		a.log.Error("what sessions used could not be booked", "error", err)
	}
	if err := a.reckon(ctx, day); err != nil {
		a.log.Error("quotas of processor time could not be reckoned", "error", err)
	}
}

// reckon tells the sessions how much processor time was taken on a day, by all servers, where there are quotas of it.
func (a *App) reckon(ctx context.Context, day string) error {
	if !slices.ContainsFunc(a.config.Quotas, func(q Quota) bool { return q.CPUHours > 0 }) {
		return nil
	}
	today, err := a.service.ProcessorTime(content.WithMaintenance(ctx), day)
	if err == nil {
		a.sessions.SetSpent(ctx, today)
	}
	return err
}
