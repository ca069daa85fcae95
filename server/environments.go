package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/server/api"
	"sextant/server/jupyter"
	"sextant/sessions"
	"sextant/sessions/packages"
)

// environments lists the environments that the actor may use, as Jupyter's clients are to see them.
func (a *App) environments(ctx context.Context) ([]jupyter.Environment, error) {
	if a.plans == nil {
		return nil, nil
	}
	found, err := a.service.Usable(ctx, content.Environment)
	if err != nil {
		return nil, err
	}
	var out []jupyter.Environment
	for _, r := range found {
		kernel, err := a.plans.kernelOf(ctx, r)
		if errors.Is(err, content.ErrNotFound) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, jupyter.Environment{ID: string(r.ID), Revision: string(r.Head), Title: title(r), Kernel: kernel})
	}
	return out, nil
}

// kernelOf is the kernel of an environment's newest revision, read once for each.
func (p *planner) kernelOf(ctx context.Context, r content.Resource) (string, error) {
	if known, ok := p.kernels.Load(r.Head); ok {
		return known.(string), nil
	}
	used, err := p.service.UseEnvironment(ctx, r.ID, "")
	if err != nil {
		return "", err
	}
	spec, err := environment.Parse(used.Content)
	if err != nil {
		return "", nil // it cannot be run in
	}
	p.kernels.Store(used.Revision.ID, spec.Kernel)
	return spec.Kernel, nil
}

// Packages implements api.Environments.
func (a *App) Packages(ctx context.Context, id content.ResourceID, build bool) (api.Packages, error) {
	used, err := a.service.UseEnvironment(ctx, id, "")
	if err != nil {
		return api.Packages{}, err
	}
	spec, err := environment.Parse(used.Content)
	if err != nil {
		return api.Packages{}, fmt.Errorf("%w: %w", content.ErrInvalid, err)
	}
	specs := a.plans.specs()
	at := slices.IndexFunc(specs, func(k sessions.Kernelspec) bool { return k.Name == spec.Kernel })
	if at < 0 {
		return api.Packages{}, fmt.Errorf("%w: the kernel %s is not installed", content.ErrInvalid, spec.Kernel)
	}
	r, wanted, err := request(spec, specs[at])
	if err != nil || !wanted || a.packages == nil {
		return api.Packages{State: packages.None}, err
	}
	if build {
		if err := a.packages.Rebuild(r); err != nil {
			return api.Packages{}, err
		}
	}
	s := a.packages.State(r)
	return api.Packages{State: s.State, Error: s.Error, Bytes: s.Bytes, Log: s.Log}, nil
}

// testName is what a source is called while it is tested; testTimeout bounds the whole test.
const (
	testName    = "source"
	testTimeout = 45 * time.Second
)

// testTables lists what a source has, as JSON.
const testTables = `(SELECT to_json(list(t ORDER BY t)) FROM (SELECT CASE WHEN schema_name IN ('main', 'public') THEN name ELSE schema_name || '.' || name END AS t
	FROM (SELECT database_name, schema_name, table_name AS name, internal FROM duckdb_tables() UNION ALL SELECT database_name, schema_name, view_name, internal FROM duckdb_views())
	WHERE database_name = '` + testName + `' AND NOT internal LIMIT 1000))`

// Test implements api.Environments: a session of its own opens the source and lists its tables.
func (a *App) Test(ctx context.Context, id content.ResourceID) (api.SourceTest, error) {
	began := time.Now()
	out := api.SourceTest{Tables: []string{}}
	used, err := a.service.UseDataSource(ctx, id, "")
	if err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	user := content.ActorFrom(ctx).Principal
	plan, err := a.plans.planTest(ctx, user, used)
	if err != nil {
		return out, err
	}
	if plan.Launch == nil || len(plan.Launch.Attach) == 0 {
		out.Message = strings.Join(plan.Notices, "\n")
		return out, nil
	}
	said, tables, err := a.ask(ctx, user, plan, testTables)
	if err != nil {
		return out, err
	}
	out.Message, out.Seconds = strings.TrimSpace(said), time.Since(began).Seconds()
	if tables != "" && tables != "NULL" {
		if err := json.Unmarshal([]byte(tables), &out.Tables); err != nil {
			return out, fmt.Errorf("tables: %w", err)
		}
	}
	// A source that is there but holds nothing is as good as one that says so.
	out.OK = !strings.Contains(out.Message, " "+testName+" is not attached")
	out.Message = strings.ReplaceAll(out.Message, "data source "+testName, "data source "+used.Resource.Name)
	return out, nil
}

// ask has a session of its own evaluate an expression; said is what it told of itself.
func (a *App) ask(ctx context.Context, user iam.Member, plan sessions.Plan, expression string) (said, value string, err error) {
	k, err := a.sessions.Start(ctx, sessions.Request{User: user, Plan: &plan})
	if err != nil {
		return "", "", err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		if err := k.Shutdown(end); err != nil {
			a.log.Warn("the session of a test", "error", err)
		}
	}()
	const client = "test"
	c, err := k.Attach(client)
	if err != nil {
		return "", "", err
	}
	defer c.Detach(true)
	m, err := wire.NewMessage(client, "server", "execute_request", wire.ExecuteRequest{Code: "SELECT 1", UserExpressions: map[string]string{"value": expression}})
	if err != nil {
		return "", "", err
	}
	m.Channel = wire.Shell
	if err := c.Send(m); err != nil {
		return "", "", err
	}
	// The reply and the outputs come by channels of their own: neither is always the last.
	for replied, idle := false, false; !replied || !idle; {
		got, err := c.Next(ctx)
		if err != nil {
			return "", "", err
		}
		c.Confirm(got.Position)
		if got.Parent.MsgID != m.Header.MsgID {
			continue
		}
		switch got.Header.MsgType {
		case "stream":
			var s wire.Stream
			if err := got.Read(&s); err != nil {
				return "", "", err
			}
			said += s.Text
		case "execute_reply":
			var r struct {
				Status      string `json:"status"`
				EValue      string `json:"evalue"`
				Expressions map[string]struct {
					Status string            `json:"status"`
					EValue string            `json:"evalue"`
					Data   map[string]string `json:"data"`
				} `json:"user_expressions"`
			}
			if err := got.Read(&r); err != nil {
				return "", "", err
			}
			v := r.Expressions["value"]
			if r.Status != wire.StatusOK || v.Status != wire.StatusOK {
				return said, "", fmt.Errorf("the session's kernel: %s%s", r.EValue, v.EValue)
			}
			value, replied = v.Data["text/plain"], true
		case "status":
			var s wire.Status
			idle = idle || got.Read(&s) == nil && s.ExecutionState == wire.StateIdle
		}
	}
	return said, value, nil
}
