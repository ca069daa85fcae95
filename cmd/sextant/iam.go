package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant/content/iam"
	"sextant/server/api"
	"sextant/server/client"
)

type shareCommand struct {
	onResource
	Remove    bool   `help:"Take the role away instead."`
	Condition string `placeholder:"CEL" help:"While this holds, such as request.time < timestamp('2027-01-01T00:00:00Z')."`
	Role      string `arg:"" predictor:"role" help:"viewer, commenter, runner, editor, owner, or a custom role."`
	Member    string `arg:"" help:"user:ana@x.org, group:risk@x.org, domain:x.org, serviceAccount:nightly, allAuthenticatedUsers, allUsers; an address alone is a user's."`
}

// Run gives somebody a role on a resource, or takes it away. The policy's etag guards it: where somebody else changes it
// meanwhile, it is tried again on what they made.
func (c *shareCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	member := memberOf(c.Member)
	for {
		var p api.Policy
		path := client.Path("resources", r.ID, "iam-policy")
		if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: path}, &p); err != nil {
			return err
		}
		p.Bindings = changed(p.Bindings, c.Role, member, c.Condition, c.Remove)
		err := server.Call(t.ctx, client.Request{Method: http.MethodPut, Path: path, Body: p}, nil)
		if statusOf(err) != http.StatusPreconditionFailed {
			return err
		}
	}
}

// memberOf is a member from what people type.
func memberOf(s string) string { return string(iam.MemberOf(s)) }

func changed(bindings []api.Binding, role, member, condition string, remove bool) []api.Binding {
	for i, b := range bindings {
		same := condition == "" && b.Condition == nil || b.Condition != nil && b.Condition.Expression == condition
		if b.Role != role || !same {
			continue
		}
		b.Members = slices.DeleteFunc(slices.Clone(b.Members), func(m string) bool { return strings.EqualFold(m, member) })
		if !remove {
			b.Members = append(b.Members, member)
		}
		bindings[i] = b
		return bindings
	}
	if remove {
		return bindings
	}
	b := api.Binding{Role: role, Members: []string{member}}
	if condition != "" {
		b.Condition = &api.Condition{Expression: condition}
	}
	return append(bindings, b)
}

type iamCommand struct {
	Get      iamGet      `cmd:"" help:"Print a resource's own policy."`
	Set      iamSet      `cmd:"" help:"Replace a resource's own policy by one in JSON."`
	Test     iamTest     `cmd:"" help:"Tell which permissions one has."`
	Explain  iamExplain  `cmd:"" help:"Tell why a principal may or may not do something."`
	WhoCan   iamWhoCan   `cmd:"" help:"List the bindings that give a permission."`
	Transfer iamTransfer `cmd:"" help:"Make another principal the owner."`
	Request  iamRequest  `cmd:"" help:"Ask for a role."`
	Requests iamRequests `cmd:"" help:"List who asked for a role."`
	Invite   iamInvite   `cmd:"" help:"Make a link that lets somebody in who has no account yet, where the administrator allows it."`
	Decide   iamDecide   `cmd:"" help:"Approve or decline a request for a role."`
}

type iamGet struct {
	onResource
}

// Run prints a policy.
func (c *iamGet) Run(t *terminal) error {
	var p api.Policy
	if err := c.send(t, http.MethodGet, nil, &p, "iam-policy"); err != nil {
		return err
	}
	e := json.NewEncoder(t.out)
	if !c.JSON {
		e.SetIndent("", "  ")
	}
	return e.Encode(p)
}

type iamSet struct {
	onResource
	File string `arg:"" predictor:"file" help:"As get prints it, or - for standard input; its etag guards against changes meanwhile."`
}

// Run replaces a policy.
func (c *iamSet) Run(t *terminal) error {
	from, err := input(t, c.File)
	if err != nil {
		return err
	}
	defer from.Close() // it only reads
	text, err := io.ReadAll(io.LimitReader(from, api.MaxBody))
	if err != nil {
		return err
	}
	var p api.Policy
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return c.send(t, http.MethodPut, p, nil, "iam-policy")
}

type iamTest struct {
	onResource
	Permissions []string `arg:"" predictor:"permission" help:"Such as documents.read."`
}

// Run prints those of the permissions that one has.
func (c *iamTest) Run(t *terminal) error {
	var held api.PermissionList
	if err := c.send(t, http.MethodPost, api.PermissionList{Permissions: c.Permissions}, &held, "test-iam-permissions"); err != nil {
		return err
	}
	p := c.printer(t)
	for _, permission := range held.Permissions {
		if err := p.add(permission, permission); err != nil {
			return err
		}
	}
	return p.close()
}

type iamExplain struct {
	onResource
	Principal  string `arg:""`
	Permission string `arg:"" predictor:"permission" help:"Such as documents.read."`
}

// Run prints a decision with every binding's part in it.
func (c *iamExplain) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	var e api.Explanation
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("resources", r.ID, "explain"),
		Query: url.Values{"principal": {memberOf(c.Principal)}, "permission": {c.Permission}}}, &e); err != nil {
		return err
	}
	p := c.printer(t)
	if c.JSON {
		return p.add(e)
	}
	decision := "denied"
	if e.Allowed {
		decision = "allowed"
	}
	faults := []error{p.add(nil, decision)}
	for _, reason := range e.Reasons {
		where := "here"
		if reason.Inherited {
			where = "on " + reason.ResourceID
		}
		faults = append(faults, p.add(nil, "", reason.Binding.Role, where, reason.Outcome, strings.Join(reason.Via, " > ")))
	}
	return errors.Join(append(faults, p.close())...)
}

type iamWhoCan struct {
	onResource
	Permission string `arg:"" predictor:"permission" help:"Such as documents.read."`
}

// Run lists the bindings that give a permission.
func (c *iamWhoCan) Run(t *terminal) error {
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return list(t, &c.remoteFlags, client.Path("resources", r.ID, "who-can"), url.Values{"permission": {c.Permission}}, func(g api.Granted) []any {
		condition := ""
		if g.Binding.Condition != nil {
			condition = "while " + g.Binding.Condition.Expression
		}
		return []any{g.Binding.Role, strings.Join(g.Binding.Members, " "), "on " + g.ResourceID, condition}
	})
}

type iamRoles struct{ remoteFlags }

// Run lists the roles.
func (c *iamRoles) Run(t *terminal) error {
	return list(t, &c.remoteFlags, "roles", nil, func(r api.Role) []any { return []any{r.Name, r.Title, strings.Join(r.Permissions, " ")} })
}

type iamInvite struct {
	onResource
	Address string `arg:"" help:"Mail address of who is invited."`
}

// Run makes an invitation. What they may do is for share to say.
func (c *iamInvite) Run(t *terminal) error {
	var link api.SignInLink
	if err := c.send(t, http.MethodPost, map[string]string{"address": c.Address}, &link, "invitations"); err != nil {
		return err
	}
	p := c.printer(t)
	return errors.Join(p.add(link, strings.TrimRight(c.Server, "/")+"/"+link.Path), p.close())
}
