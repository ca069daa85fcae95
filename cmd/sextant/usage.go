package main

import (
	"fmt"
	"net/url"

	"sextant/server/api"
)

type usageCommand struct {
	remoteFlags
	From        string `placeholder:"YYYY-MM-DD" help:"The first day."`
	Until       string `placeholder:"YYYY-MM-DD" help:"The last day."`
	User        string `help:"Whose; for administrators. Default: one's own."`
	All         bool   `help:"Everybody's; for administrators."`
	Environment string `help:"Only of this environment."`
}

// Run reports what sessions used.
func (c *usageCommand) Run(t *terminal) error {
	query := url.Values{}
	for name, v := range map[string]string{"from": c.From, "until": c.Until, "environment": c.Environment} {
		if v != "" {
			query.Set(name, v)
		}
	}
	switch {
	case c.All:
		query.Set("user", "*")
	case c.User != "":
		query.Set("user", memberOf(c.User))
	}
	return list(t, &c.remoteFlags, "usage", query, func(u api.Usage) []any {
		return []any{u.Day, u.User, u.Environment, fmt.Sprintf("%d executions", u.Executions), fmt.Sprintf("%.1f s", u.ExecutionSeconds),
			fmt.Sprintf("%.1f s cpu", u.CPUSeconds), fmt.Sprintf("%d MB at most", u.PeakBytes>>20), costText(u.Cost)}
	})
}

func costText(c *api.Cost) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s %.2f", c.Currency, c.Amount)
}
