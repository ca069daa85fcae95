package api

import (
	"context"
	"net/http"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Usage is what a user's sessions in one environment used on one day.
type Usage struct {
	Day              string  `json:"day" format:"date" doc:"In UTC"`
	User             string  `json:"user"`
	Environment      string  `json:"environment"`
	Executions       int64   `json:"executions" doc:"Cells and statements that were executed"`
	ExecutionSeconds float64 `json:"executionSeconds" doc:"How long they took together"`
	CPUSeconds       float64 `json:"cpuSeconds"`
	PeakBytes        int64   `json:"peakBytes" doc:"The most memory that one session held"`
	// Cost is absent where the server knows no price.
	Cost *Cost `json:"cost,omitempty" doc:"Of the executions; absent where the server knows no price"`
}

// Cost is an amount of money.
type Cost struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency" doc:"Its code in ISO 4217"`
}

// cost is what a time of execution costs; nil where that is nothing.
func (a *API) cost(d time.Duration) *Cost {
	if a.o.Price.Hour == 0 {
		return nil
	}
	return &Cost{a.o.Price.Of(d), a.o.Price.Currency}
}

func (a *API) usage() {
	add(a, route{"reportUsage", http.MethodGet, "/usage", "Report what sessions used, by day, user and environment", "sessions", uses("Usage"), 0},
		func(ctx context.Context, in *struct {
			From        string `query:"from" format:"date" doc:"The first day"`
			Until       string `query:"until" format:"date" doc:"The last day"`
			User        string `query:"user" maxLength:"400" doc:"Absent: oneself; * is everybody"`
			Environment string `query:"environment" maxLength:"200"`
		}) (*Body[Page[Usage]], error) {
			found, err := a.o.Service.Usage(ctx, content.UsageFilter{From: in.From, Until: in.Until, User: iam.Member(in.User), Environment: in.Environment})
			return body(Page[Usage]{Items: viewAll(found, func(u content.Usage) Usage {
				return Usage{u.Day, string(u.User), u.Environment, u.Executions, u.Execution.Seconds(), u.CPU.Seconds(), u.PeakBytes, a.cost(u.Execution)}
			})}), err
		})
}
