package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// sharing is the page on which people say who may do what with a document or folder.
type sharing struct {
	*view
	// Etag guards the policy that is shown.
	Etag string
	// Access are the bindings of people and groups, the resource's own before those from above; General is what everybody
	// may do who signed in, or everybody.
	Access   []given
	General  general
	Roles    []iam.Role
	Links    []content.ShareLink
	Requests []content.AccessRequest
	// Made is the address of a link that was just made; it is told this once.
	Made string
	// Note says what became of what was wanted; Failed that it did not.
	Note   string
	Failed bool
	Now    time.Time
}

// given is one member's role.
type given struct {
	Member iam.Member
	Role   iam.RoleName
	// From is where it comes from: empty for the resource itself.
	From string
	// Until is when it ends, While any other condition; Condition is the expression of either.
	Until            time.Time
	While, Condition string
}

// Called is who has access.
func (s *sharing) Called(m iam.Member) string {
	if name := s.Names[m]; name != "" {
		return name
	}
	return memberName(m)
}

// Ended tells whether a time is over.
func (s *sharing) Ended(at time.Time) bool { return !at.After(s.Now) }

// general is what is open to more than named people.
type general struct{ Who iam.Member }

// Is tells whether it is open to somebody.
func (g general) Is(who string) bool { return string(g.Who) == who }

// until is the condition of a binding that ends at a time, as this page writes it.
var until = regexp.MustCompile(`^request\.time < timestamp\(["']([^"']+)["']\)$`)

func untilCondition(at time.Time) *iam.Condition {
	return &iam.Condition{Title: "until " + at.Format("2 January 2006"), Expression: `request.time < timestamp("` + at.UTC().Format(time.RFC3339) + `")`}
}

func givenOf(b iam.Binding, m iam.Member, from string) given {
	g := given{Member: m, Role: b.Role, From: from}
	if c := b.Condition; c != nil {
		g.While, g.Condition = c.Expression, c.Expression
		if found := until.FindStringSubmatch(c.Expression); found != nil {
			if at, err := time.Parse(time.RFC3339, found[1]); err == nil {
				g.Until, g.While = at, ""
			}
		}
	}
	return g
}

// isGeneral reports whether a member is everybody, or everybody who signed in.
func isGeneral(m iam.Member) bool { return m == iam.AllUsers || m == iam.AllAuthenticatedUsers }

// sharing shows who may do what.
func (p *Pages) sharing(w http.ResponseWriter, r *http.Request) error {
	return p.showSharing(w, r, http.StatusOK, func(*sharing) {})
}

func (p *Pages) showSharing(w http.ResponseWriter, r *http.Request, status int, change func(*sharing)) error {
	ctx, id, s := r.Context(), content.ResourceID(r.PathValue("id")), p.o.Service
	policy, err := s.GetIamPolicy(ctx, id)
	if err != nil {
		return p.refuse(w, r, err)
	}
	// Who may only look at the policy has the API; this page is for those who may change it.
	requests, err := s.AccessRequests(ctx, id, true)
	if err != nil {
		return p.refuse(w, r, err)
	}
	v, err := p.aroundAny(r, id)
	if err != nil {
		return p.refuse(w, r, err)
	}
	out := &sharing{view: v, Etag: policy.Etag, Requests: requests, Now: p.o.Now()}
	for _, b := range policy.Bindings {
		for _, m := range b.Members {
			if isGeneral(m) && b.Role == iam.Viewer && b.Condition == nil {
				out.General.Who = max(out.General.Who, m) // everybody comes after everybody who signed in
				continue
			}
			out.Access = append(out.Access, givenOf(b, m, ""))
		}
	}
	above, err := s.WhoCan(ctx, id, iam.ResourcesGet)
	if err != nil {
		return err
	}
	for _, g := range above {
		if g.ResourceID == id {
			continue
		}
		for _, m := range g.Binding.Members {
			out.Access = append(out.Access, givenOf(g.Binding, m, v.placeName(g.ResourceID)))
		}
	}
	roles, err := s.Roles(ctx)
	if err != nil {
		return err
	}
	out.Roles = offered(roles)
	if v.Resource.Type.HasContent() {
		if out.Links, err = s.ShareLinks(ctx, id); err != nil {
			return err
		}
		out.Links = slices.DeleteFunc(out.Links, func(l content.ShareLink) bool { return !l.Usable(out.Now) })
	}
	var people []iam.Member
	for _, g := range out.Access {
		people = append(people, g.Member)
	}
	for _, q := range out.Requests {
		people = append(people, q.Requester)
	}
	for _, l := range out.Links {
		people = append(people, l.CreatedBy)
	}
	if err := p.call(ctx, v.Names, people...); err != nil {
		return err
	}
	change(out)
	w.Header().Set("Cache-Control", "no-store")
	return p.showStatus(w, r, status, "sharing.html", out, v)
}

// offered are the roles that somebody is given on a document or folder: those of documents by how much they allow, then
// the others.
func offered(roles []iam.Role) []iam.Role {
	first := []iam.RoleName{iam.Viewer, iam.Commenter, iam.Runner, iam.Editor, iam.Owner}
	place := func(r iam.Role) int {
		if i := slices.Index(first, r.Name); i >= 0 {
			return i
		}
		return len(first)
	}
	out := slices.DeleteFunc(slices.Clone(roles), func(r iam.Role) bool { return r.Name == iam.Admin || r.Name == iam.Auditor })
	slices.SortStableFunc(out, func(a, b iam.Role) int { return place(a) - place(b) })
	return out
}

// placeName is what a folder above is called.
func (v *view) placeName(id content.ResourceID) string {
	if id == content.RootID {
		return "everything"
	}
	for _, place := range v.Trail {
		if place.ID == id {
			return place.Name
		}
	}
	return "a folder above"
}

// aroundAny is around for anything, also what has no revisions.
func (p *Pages) aroundAny(r *http.Request, id content.ResourceID) (*view, error) {
	resource, err := p.o.Service.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return p.view(r.Context(), asked{id: id}, &content.Reading{Resource: resource})
}

// changed answers to a change: the page again, by an address that can be loaded anew, or with what was wrong.
func (p *Pages) changed(w http.ResponseWriter, r *http.Request, err error) error {
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(r.PathValue("id"))+"/share", http.StatusSeeOther)
		return nil
	case errors.Is(err, content.ErrPrecondition):
		status, err = http.StatusConflict, errors.New("somebody else changed who may do what since you opened this page. Nothing of yours was saved: look at it as it is now, and try again")
	case errors.Is(err, content.ErrInvalid), errors.Is(err, content.ErrLastOwner):
	default:
		return p.refuse(w, r, err)
	}
	return p.showSharing(w, r, status, func(s *sharing) {
		text := err.Error()
		s.Note, s.Failed = strings.ToUpper(text[:1])+text[1:]+".", true
	})
}

func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "not a form"}
	}
	return nil
}

// day reads the day after which something ends; the zero time is never.
func day(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, fmt.Errorf("%w day %.40q: want one such as 2027-01-31", content.ErrInvalid, text)
	}
	if at = at.AddDate(0, 0, 1); !at.After(now) { // it ends with the day
		return at, fmt.Errorf("%w day %s: in the past", content.ErrInvalid, text)
	}
	return at, nil
}

// setSharing changes the policy: do is add, change, remove or general.
func (p *Pages) setSharing(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	ctx, id, f := r.Context(), content.ResourceID(r.PathValue("id")), r.PostForm
	policy, err := p.o.Service.GetIamPolicy(ctx, id)
	if err != nil {
		return p.refuse(w, r, err)
	}
	policy.Etag = f.Get("etag") // what was looked at, not what is there now
	member, role := iam.MemberOf(f.Get("member")), iam.RoleName(f.Get("role"))
	switch f.Get("do") {
	case "add":
		end, err := day(f.Get("until"), p.o.Now())
		if err != nil {
			return p.changed(w, r, err)
		}
		b := iam.Binding{Role: role, Members: []iam.Member{member}}
		if !end.IsZero() {
			b.Condition = untilCondition(end)
		}
		policy.Bindings = append(policy.Bindings, b)
	case "remove":
		policy.Bindings, _ = without(policy.Bindings, member, role, f.Get("condition"))
	case "change":
		kept, taken := without(policy.Bindings, member, iam.RoleName(f.Get("was")), f.Get("condition"))
		for _, b := range taken {
			kept = append(kept, iam.Binding{Role: role, Members: []iam.Member{member}, Condition: b.Condition})
		}
		policy.Bindings = kept
	case "general":
		for _, m := range []iam.Member{iam.AllUsers, iam.AllAuthenticatedUsers} {
			policy.Bindings, _ = without(policy.Bindings, m, iam.Viewer, "")
		}
		if member != "" {
			if !isGeneral(member) {
				return p.changed(w, r, fmt.Errorf("%w: general access is for everybody or for everybody who signed in", content.ErrInvalid))
			}
			policy.Bindings = append(policy.Bindings, iam.Binding{Role: iam.Viewer, Members: []iam.Member{member}})
		}
	default:
		return &web.StatusError{Status: http.StatusBadRequest, Text: "do is add, change, remove or general"}
	}
	_, err = p.o.Service.SetIamPolicy(ctx, id, policy)
	return p.changed(w, r, err)
}

// without takes a member's role under a condition, or under none, out of bindings; taken are those that held it.
func without(bindings []iam.Binding, m iam.Member, role iam.RoleName, condition string) (kept, taken []iam.Binding) {
	for _, b := range bindings {
		expression := ""
		if b.Condition != nil {
			expression = b.Condition.Expression
		}
		if b.Role == role && expression == condition && slices.Contains(b.Members, m) {
			taken = append(taken, b)
			b.Members = slices.DeleteFunc(slices.Clone(b.Members), func(o iam.Member) bool { return o == m })
		}
		if len(b.Members) > 0 {
			kept = append(kept, b)
		}
	}
	return kept, taken
}

// makeLink makes a link, and shows the page with its address, which is told this once.
func (p *Pages) makeLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	ctx, id, f := r.Context(), content.ResourceID(r.PathValue("id")), r.PostForm
	end, err := day(f.Get("until"), p.o.Now())
	if err != nil {
		return p.changed(w, r, err)
	}
	l := content.ShareLink{ResourceID: id, Title: f.Get("title"), Expires: end}
	if l.PasswordHash, err = p.linkPassword(ctx, id, f.Get("password")); err != nil {
		return p.changed(w, r, err)
	}
	secret, _, err := p.o.Service.CreateShareLink(ctx, l)
	if err != nil {
		return p.changed(w, r, err)
	}
	return p.showSharing(w, r, http.StatusOK, func(s *sharing) { s.Made = web.FromContext(ctx).URL(p.o.Base + "s/" + secret) })
}

// linkPassword is what a link to a document keeps of its password; empty: it has none.
func (p *Pages) linkPassword(ctx context.Context, id content.ResourceID, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	// Before anything is worked out for somebody: may they?
	if _, err := p.o.Service.ShareLinks(ctx, id); err != nil {
		return "", err
	}
	return p.o.Passwords.Hash(ctx, password)
}

// revokeLink ends a link.
func (p *Pages) revokeLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	return p.changed(w, r, p.o.Service.RevokeShareLink(r.Context(), r.PostForm.Get("link")))
}

// decide answers a request for access.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	f := r.PostForm
	return p.changed(w, r, p.o.Service.DecideAccess(r.Context(), f.Get("request"), f.Get("do") == "approve", iam.RoleName(f.Get("role"))))
}
