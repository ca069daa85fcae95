package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sextant/server/api"
	"sextant/server/client"
)

type sessionsCommand struct {
	List sessionsList `cmd:"" default:"withargs" help:"List the sessions that run, with what they use."`
	Show sessionsShow `cmd:"" help:"Tell all of one session: its documents, its protection."`
	Warm sessionsWarm `cmd:"" help:"Start a session before it is needed."`
	Stop sessionsStop `cmd:"" help:"End a session and all kernels in it."`
}

type sessionsList struct {
	remoteFlags
	All bool `help:"Also those of others; for administrators."`
}

// Run lists sessions.
func (c *sessionsList) Run(t *terminal) error {
	query := url.Values{}
	if c.All {
		query.Set("all", "true")
	}
	return list(t, &c.remoteFlags, "sessions", query, func(s api.Session) []any {
		return []any{s.ID, s.User, s.Title, s.Kernel, s.State, fmt.Sprintf("%d documents", len(s.Documents)), fmt.Sprintf("%d MB", s.MemoryBytes>>20),
			fmt.Sprintf("%.1f s cpu", s.CPUSeconds), "used " + time.Since(s.LastUsed).Round(time.Second).String() + " ago"}
	})
}

type sessionsShow struct {
	remoteFlags
	ID string `arg:"" help:"The session's id."`
}

// Run tells all of a session.
func (c *sessionsShow) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var s api.Session
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("sessions", c.ID)}, &s); err != nil {
		return err
	}
	p := c.printer(t)
	if c.JSON {
		return p.add(s)
	}
	rows := [][]any{{"id", s.ID}, {"user", s.User}, {"environment", s.Title}, {"kernel", s.Kernel}, {"state", s.State}, {"reason", s.Reason},
		{"started", s.StartedAt.Local().Format(time.DateTime)}, {"last used", s.LastUsed.Local().Format(time.DateTime)},
		{"memory", fmt.Sprintf("%d MB, at most %d MB", s.MemoryBytes>>20, s.PeakBytes>>20)}, {"cpu", fmt.Sprintf("%.1f s", s.CPUSeconds)},
		{"executed", fmt.Sprintf("%.1f s", s.Executed)}, {"cost", costText(s.Cost)}}
	for _, layer := range s.Sandbox {
		rows = append(rows, []any{"sandbox", layer})
	}
	for _, d := range s.Documents {
		if d.Path == "" {
			d.Path = "(none)"
		}
		rows = append(rows, []any{"document", d.Path, d.State, fmt.Sprintf("%d connections", d.Connections)})
	}
	for _, row := range rows {
		if err := p.add(s, row...); err != nil {
			return err
		}
	}
	return p.close()
}

type sessionsWarm struct {
	remoteFlags
	Environment string `help:"The environment; default: the default one."`
	Kernel      string `help:"The kernelspec; default: the environment's."`
}

// Run starts a session.
func (c *sessionsWarm) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	return server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: "sessions",
		Body: map[string]string{"environment": c.Environment, "kernel": c.Kernel}}, nil)
}

type sessionsStop struct {
	remoteFlags
	IDs []string `arg:"" help:"Ids of sessions."`
}

// Run ends sessions.
func (c *sessionsStop) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	for _, id := range c.IDs {
		if err := server.Call(t.ctx, client.Request{Method: http.MethodDelete, Path: client.Path("sessions", id)}, nil); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}
