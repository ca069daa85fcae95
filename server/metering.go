package server

import (
	"context"
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
}
