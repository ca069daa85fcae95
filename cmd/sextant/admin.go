package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"sextant/server/api"
	"sextant/server/client"
)

type whoamiCommand struct{ remoteFlags }

// Run tells who one is.
func (c *whoamiCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var self api.Self
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: "me"}, &self); err != nil {
		return err
	}
	p := c.printer(t)
	return errors.Join(p.add(self, self.Member, self.DisplayName, strings.Join(self.Groups, " ")), p.close())
}

type userCommand struct {
	List     userList     `cmd:"" help:"List users and service accounts."`
	Add      userAdd      `cmd:"" help:"Add a user or service account, or change its name."`
	Disable  userDisable  `cmd:"" help:"Take every right from a user at once."`
	Enable   userEnable   `cmd:"" help:"Give a user the rights back."`
	Password userPassword `cmd:"" help:"Set a user's password, read from standard input."`
	Link     userLink     `cmd:"" help:"Make a link that signs a user in once."`
	Sessions userSessions `cmd:"" help:"List where a user is signed in."`
	Signout  userSignout  `cmd:"" help:"End a user's sessions, or one of them."`
}

type userList struct{ remoteFlags }

// Run lists users and service accounts.
func (c *userList) Run(t *terminal) error {
	return list(t, &c.remoteFlags, "principals", url.Values{"pageSize": {"1000"}}, func(p api.Principal) []any {
		state := ""
		if p.DisabledAt != nil {
			state = "disabled"
		}
		return []any{p.Member, p.DisplayName, p.LastSeen, state}
	})
}

// named is a command about one principal or group.
type named struct {
	remoteFlags
	Member string `arg:"" help:"user:ana@x.org, serviceAccount:nightly; an address alone is a user's."`
}

func (n *named) path(more ...string) string {
	return client.Path(append([]string{"principals", memberOf(n.Member)}, more...)...)
}

type userAdd struct {
	named
	Name string `help:"The name to show."`
}

// Run adds a user or service account.
func (c *userAdd) Run(t *terminal) error {
	email, _ := strings.CutPrefix(memberOf(c.Member), "user:")
	if !strings.Contains(email, "@") {
		email = ""
	}
	return call(t, &c.remoteFlags, http.MethodPut, c.path(), map[string]string{"displayName": c.Name, "email": email})
}

type userDisable struct{ named }

// Run disables a user.
func (c *userDisable) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPost, c.path("disable"), nil)
}

type userEnable struct{ named }

// Run enables a user.
func (c *userEnable) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPost, c.path("enable"), nil)
}

type userPassword struct{ named }

// Run sets a password. It is read without being shown, and never from the command line, which others can see.
func (c *userPassword) Run(t *terminal) error {
	password, err := readSecret(t, "New password: ")
	if err != nil {
		return err
	}
	return call(t, &c.remoteFlags, http.MethodPut, c.path("password"), map[string]string{"password": password})
}

func readSecret(t *terminal, prompt string) (string, error) {
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(t.errOut, prompt)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.errOut)
		return string(text), err
	}
	line, err := bufio.NewReader(io.LimitReader(t.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userLink struct {
	named
	Hours int `default:"24" help:"How long it can be followed."`
}

// Run makes a sign-in link.
func (c *userLink) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var link api.SignInLink
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: c.path("sign-in-link"), Body: map[string]int{"hours": c.Hours}}, &link); err != nil {
		return err
	}
	p := c.printer(t)
	return errors.Join(p.add(link, strings.TrimRight(c.Server, "/")+"/"+link.Path), p.close())
}

type userSessions struct{ named }

// Run lists a user's sessions.
func (c *userSessions) Run(t *terminal) error {
	return list(t, &c.remoteFlags, "sign-ins", url.Values{"principal": {memberOf(c.Member)}}, func(s api.SignIn) []any {
		return []any{s.ID, s.CreatedAt, s.Expires, s.Method, s.Address, s.UserAgent}
	})
}

type userSignout struct {
	named
	Session string `arg:"" optional:"" help:"A session's id; default: all of them, and links that were not followed yet."`
}

// Run ends sessions.
func (c *userSignout) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	path := "sign-ins"
	if c.Session != "" {
		path = client.Path("sign-ins", c.Session)
	}
	return server.Call(t.ctx, client.Request{Method: http.MethodDelete, Path: path, Query: url.Values{"principal": {memberOf(c.Member)}}}, nil)
}

type groupCommand struct {
	List    groupList    `cmd:"" help:"List the groups."`
	Add     groupAdd     `cmd:"" help:"Add a group, or change its title."`
	Remove  groupRemove  `cmd:"" help:"Delete a group."`
	Members groupMembers `cmd:"" help:"List who is directly in a group."`
	Join    groupJoin    `cmd:"" help:"Put somebody into a group."`
	Leave   groupLeave   `cmd:"" help:"Take somebody out of a group."`
}

type groupList struct{ remoteFlags }

// Run lists the groups.
func (c *groupList) Run(t *terminal) error {
	return list(t, &c.remoteFlags, "groups", url.Values{"pageSize": {"1000"}}, func(g api.Group) []any {
		kept := ""
		if g.External {
			kept = "external"
		}
		return []any{g.Member, g.Title, kept}
	})
}

// aboutGroup is a command about one group.
type aboutGroup struct {
	remoteFlags
	Group string `arg:"" help:"group:risk@x.org; a name alone is a group's."`
}

func (g *aboutGroup) path(more ...string) string {
	name := g.Group
	if !strings.HasPrefix(name, "group:") {
		name = "group:" + name
	}
	return client.Path(append([]string{"groups", name}, more...)...)
}

type groupAdd struct {
	aboutGroup
	Title    string `help:"The title to show."`
	External bool   `help:"An identity provider decides who is in it."`
}

// Run adds a group.
func (c *groupAdd) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPut, c.path(), map[string]any{"title": c.Title, "external": c.External})
}

type groupRemove struct{ aboutGroup }

// Run deletes a group.
func (c *groupRemove) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, c.path(), nil)
}

type groupMembers struct{ aboutGroup }

// Run lists a group's members.
func (c *groupMembers) Run(t *terminal) error {
	return list(t, &c.remoteFlags, c.path("members"), url.Values{"pageSize": {"1000"}}, func(m string) []any { return []any{m} })
}

type groupJoin struct {
	aboutGroup
	Member string `arg:""`
}

// Run puts somebody into a group.
func (c *groupJoin) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPut, c.path("members", memberOf(c.Member)), nil)
}

type groupLeave struct {
	aboutGroup
	Member string `arg:""`
}

// Run takes somebody out of a group.
func (c *groupLeave) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, c.path("members", memberOf(c.Member)), nil)
}

type tokenCommand struct {
	List   tokenList   `cmd:"" help:"List tokens."`
	Add    tokenAdd    `cmd:"" help:"Make a token and print its secret, which is told only once."`
	Revoke tokenRevoke `cmd:"" help:"End a token."`
}

// forPrincipal is a command about the tokens of oneself or of another principal.
type forPrincipal struct {
	remoteFlags
	For string `placeholder:"MEMBER" help:"Another principal, such as serviceAccount:nightly; default: oneself."`
}

type tokenList struct{ forPrincipal }

// Run lists tokens.
func (c *tokenList) Run(t *terminal) error {
	query := url.Values{}
	if c.For != "" {
		query.Set("principal", memberOf(c.For))
	}
	return list(t, &c.remoteFlags, "tokens", query, func(k api.Token) []any {
		state := ""
		if k.RevokedAt != nil {
			state = "revoked"
		}
		return []any{k.ID, k.Name, k.CreatedAt, k.LastUsed, k.Expires, state, strings.Join(k.Permissions, " ")}
	})
}

type tokenAdd struct {
	forPrincipal
	Days        int      `help:"Days until it expires; default: never."`
	Permissions []string `placeholder:"PERMISSION" help:"What it is limited to; default: all rights of its principal."`
	Name        string   `arg:"" help:"What it is for."`
}

// Run makes a token.
func (c *tokenAdd) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	body := map[string]any{"name": c.Name}
	if c.For != "" {
		body["principal"] = memberOf(c.For)
	}
	if c.Days > 0 {
		body["expires"] = time.Now().AddDate(0, 0, c.Days).UTC().Format(time.RFC3339)
	}
	if len(c.Permissions) > 0 {
		body["permissions"] = c.Permissions
	}
	var made api.NewToken
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: "tokens", Body: body}, &made); err != nil {
		return err
	}
	p := c.printer(t)
	return errors.Join(p.add(made, made.Secret), p.close())
}

type tokenRevoke struct {
	remoteFlags
	ID string `arg:""`
}

// Run ends a token.
func (c *tokenRevoke) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, client.Path("tokens", c.ID), nil)
}

type auditCommand struct {
	Query  auditQuery  `cmd:"" help:"Print entries of the audit log."`
	Export auditExport `cmd:"" help:"Write the audit log as NDJSON."`
	Verify auditVerify `cmd:"" help:"Go through the whole chain of the audit log."`
}

// auditFilter says which entries.
type auditFilter struct {
	remoteFlags
	Actor     string    `placeholder:"MEMBER"`
	Resource  string    `placeholder:"ID"`
	Operation string    `placeholder:"NAME"`
	Denied    bool      `help:"Only what was denied."`
	From      time.Time `placeholder:"TIME" help:"As in RFC 3339."`
	Until     time.Time `placeholder:"TIME"`
}

func (f *auditFilter) query() url.Values {
	q := url.Values{}
	actor := f.Actor
	if actor != "" {
		actor = memberOf(actor)
	}
	for name, value := range map[string]string{"actor": actor, "resource": f.Resource, "operation": f.Operation} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Denied {
		q.Set("denied", "true")
	}
	for name, at := range map[string]time.Time{"from": f.From, "until": f.Until} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339))
		}
	}
	return q
}

type auditQuery struct{ auditFilter }

// Run prints entries.
func (c *auditQuery) Run(t *terminal) error {
	query := c.query()
	query.Set("pageSize", "1000")
	return list(t, &c.remoteFlags, "audit", query, func(e api.AuditEntry) []any {
		state := "allowed"
		if !e.Allowed {
			state = "denied"
		}
		return []any{e.Seq, e.At, state, e.Actor, e.Operation, e.Resource, e.Address}
	})
}

type auditExport struct{ auditFilter }

// Run writes the log.
func (c *auditExport) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	answer, err := server.Send(t.ctx, client.Request{Method: http.MethodGet, Path: "audit/export", Query: c.query()})
	if err != nil {
		return err
	}
	defer answer.Body.Close() // it only reads
	_, err = io.Copy(t.out, answer.Body)
	return err
}

type auditVerify struct{ remoteFlags }

// Run verifies the chain.
func (c *auditVerify) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var r api.AuditReport
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: "audit/verify"}, &r); err != nil {
		return err
	}
	p := c.printer(t)
	if err := errors.Join(p.add(r, fmt.Sprintf("%d entries, %d to %d", r.Entries, r.First, r.Last)), p.close()); err != nil {
		return err
	}
	if r.Broken != 0 {
		return fmt.Errorf("the chain is broken at entry %d", r.Broken)
	}
	return nil
}
