package main

import (
	"net/http"
	"net/url"

	"sextant/server/api"
	"sextant/server/client"
)

type iamTransfer struct {
	onResource
	To string `arg:"" help:"The new owner; an address alone is a user's."`
}

// Run makes another principal the owner.
func (c *iamTransfer) Run(t *terminal) error {
	return c.send(t, http.MethodPost, map[string]string{"to": memberOf(c.To)}, nil, "transfer-ownership")
}

type iamRequest struct {
	remoteFlags
	ID      string `arg:"" help:"The resource's id, as somebody sent it; root is the root."`
	Role    string `arg:"" predictor:"role" help:"The role to ask for."`
	Message string `short:"m" help:"Why."`
}

// Run asks for a role. Whether the resource is there is not told, so it is named by its id.
func (c *iamRequest) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPost, client.Path("resources", c.ID, "access-requests"), map[string]string{"role": c.Role, "message": c.Message})
}

type iamRequests struct {
	onResource
	Open bool `help:"Only those that are not decided yet."`
}

// Run lists who asked for a role on a resource.
func (c *iamRequests) Run(t *terminal) error {
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	query := url.Values{}
	if c.Open {
		query.Set("open", "true")
	}
	return list(t, &c.remoteFlags, client.Path("resources", r.ID, "access-requests"), query, func(q api.AccessRequest) []any {
		return []any{q.ID, q.State, q.Requester, q.Role, q.CreatedAt, q.Message}
	})
}

type iamDecide struct {
	remoteFlags
	Request string `arg:"" help:"A request's id, as requests prints it."`
	Answer  string `arg:"" enum:"approve,decline" help:"approve or decline."`
	Role    string `predictor:"role" help:"With approve: another role than the one asked for."`
}

// Run approves or declines a request.
func (c *iamDecide) Run(t *terminal) error {
	body := map[string]any{"approve": c.Answer == "approve"}
	if c.Role != "" {
		body["role"] = c.Role
	}
	return call(t, &c.remoteFlags, http.MethodPost, client.Path("access-requests", c.Request, "decision"), body)
}

type roleCommand struct {
	List   iamRoles   `cmd:"" help:"List the roles with their permissions."`
	Add    roleAdd    `cmd:"" help:"Add a custom role, or change it."`
	Remove roleRemove `cmd:"" help:"Delete a custom role that no policy names."`
}

type roleAdd struct {
	remoteFlags
	Title       string   `help:"The title to show."`
	Name        string   `arg:"" help:"Its name after custom/."`
	Permissions []string `arg:"" predictor:"permission" help:"Such as documents.read."`
}

// Run adds a custom role.
func (c *roleAdd) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPut, client.Path("roles", "custom", c.Name), map[string]any{"title": c.Title, "permissions": c.Permissions})
}

type roleRemove struct {
	remoteFlags
	Name string `arg:"" help:"Its name after custom/."`
}

// Run deletes a custom role.
func (c *roleRemove) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, client.Path("roles", "custom", c.Name), nil)
}
