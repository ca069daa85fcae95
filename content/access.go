package content

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"sextant/content/iam"
)

// access is one actor's rights within one transaction. It keeps the call's context, which outlives it.
type access struct {
	ctx     context.Context
	s       *Service
	tx      Tx
	actor   Actor
	subject iam.Subject
	roles   iam.Roles
	now     time.Time
	// version is the rights version that the transaction began at.
	version int64
	// first is what the transaction began with, for the first who asks.
	first   *located
	names   map[ResourceID]string
	reaches map[iam.Permission]*reach
}

// located is a resource as Tx.Located gives it.
type located struct {
	id     ResourceID
	placed Placed
	own    Ancestor
}

// view and update run fn with the actor's rights; update's fn also writes.
func (s *Service) view(ctx context.Context, fn func(*access) error) error {
	return s.store.View(ctx, func(tx Tx) error { return s.within(ctx, tx, fn) })
}

func (s *Service) update(ctx context.Context, fn func(*access) error) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.within(ctx, tx, fn) })
}

// viewOf and updateOf are view and update for what begins with one resource, which is read first.
func (s *Service) viewOf(ctx context.Context, id ResourceID, fn func(*access) error) error {
	return s.store.View(ctx, func(tx Tx) error { return s.withinOf(ctx, tx, id, fn) })
}

func (s *Service) updateOf(ctx context.Context, id ResourceID, fn func(*access) error) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.withinOf(ctx, tx, id, fn) })
}

func (s *Service) within(ctx context.Context, tx Tx, fn func(*access) error) error {
	return s.withinOf(ctx, tx, "", fn)
}

func (s *Service) withinOf(ctx context.Context, tx Tx, id ResourceID, fn func(*access) error) error {
	a := &access{ctx: ctx, s: s, tx: tx, actor: ActorFrom(ctx), now: s.now(), names: map[ResourceID]string{},
		reaches: map[iam.Permission]*reach{}}
	var err error
	there := false
	if validID(string(id)) {
		first := &located{id: id}
		if first.placed, first.own, a.version, err = tx.Located(id); err == nil {
			a.first, there = first, true
		} else if !isNotFound(err) {
			return err
		}
	}
	if !there { // also of what is missing, since even that is told only to those who may look
		if a.version, err = tx.RightsVersion(); err != nil {
			return err
		}
	}
	who := a.actor.Principal
	known, ok := s.findings.standings.get(a.version, who)
	if !ok {
		if known.subject, known.roles, err = a.standing(who); err != nil {
			return err
		}
		s.findings.standings.put(a.version, who, known, 4+known.subject.Size())
	}
	a.subject, a.roles = known.subject, known.roles
	return fn(a)
}

// standing is subjectOf together with the roles there are.
func (a *access) standing(principal iam.Member) (iam.Subject, iam.Roles, error) {
	known, err := a.tx.Standing(principal, principal.Names())
	if err != nil {
		return iam.Subject{}, iam.Roles{}, err
	}
	roles := a.s.builtin
	if len(known.Roles) > 0 {
		roles = iam.NewRoles(known.Roles)
	}
	if !known.Enabled || !principal.IsPrincipal() {
		principal = ""
	}
	subject, err := iam.NewSubject(principal, func([]iam.Member) (map[iam.Member][]iam.Member, error) { return known.Groups, nil })
	return subject, roles, err
}

// subjectOf finds the groups a principal is in. One that is disabled, or that nobody made, is nobody.
func (a *access) subjectOf(principal iam.Member) (iam.Subject, error) {
	if principal.IsPrincipal() {
		p, err := a.tx.Principal(principal)
		if err != nil && !isNotFound(err) {
			return iam.Subject{}, err
		}
		if err != nil || !p.Disabled.IsZero() {
			principal = ""
		}
	} else {
		principal = ""
	}
	return iam.NewSubject(principal, a.tx.GroupsOf)
}

// signedIn is the principal that acts, or ErrUnauthenticated.
func (a *access) signedIn() (iam.Member, error) {
	if a.subject.Principal == "" {
		return "", ErrUnauthenticated
	}
	return a.subject.Principal, nil
}

// target is a resource that the actor may do something to.
type target struct {
	Placed
	lineage []Ancestor
}

// check finds a resource that the operation is allowed on. One that is not there, is in the trash or may not be seen
// is ErrNotFound; one that may be seen is ErrDenied. Both are logged after the transaction, by deny.
func (a *access) check(op opName, id ResourceID) (target, error) {
	return a.checkPermission(a.s.operations[op], id, false)
}

// checkTrashed is check for what may be in the trash.
func (a *access) checkTrashed(op opName, id ResourceID) (target, error) {
	return a.checkPermission(a.s.operations[op], id, true)
}

func (a *access) checkPermission(p iam.Permission, id ResourceID, trashedToo bool) (target, error) {
	if !validID(string(id)) {
		return target{}, ErrNotFound
	}
	t, err := a.load(id)
	if isNotFound(err) {
		// The same work as for what is there, so that the answer's time tells nothing either.
		if t, err := a.load(RootID); err == nil {
			_, err = a.allowed(t, p)
			if err != nil {
				return target{}, err
			}
		}
		return target{}, ErrNotFound
	}
	if err != nil {
		return target{}, err
	}
	ok, err := a.allowed(t, p)
	if err != nil {
		return target{}, err
	}
	if t.Hidden && !trashedToo {
		return target{}, ErrNotFound
	}
	if ok {
		return t, nil
	}
	if visible, err := a.allowed(t, iam.ResourcesGet); err != nil || !visible {
		return target{}, errors.Join(err, ErrNotFound)
	}
	return target{}, ErrDenied
}

// checkRoot is check for what is about the server as a whole.
func (a *access) checkRoot(op opName) error {
	p := a.s.operations[op]
	if a.actor.internal != "" {
		if a.actor.internal == p {
			return nil
		}
		return ErrDenied
	}
	t, err := a.load(RootID)
	if err != nil {
		return err
	}
	ok, err := a.allowed(t, p)
	if err == nil && !ok {
		err = ErrDenied
		if a.subject.Principal == "" {
			err = ErrUnauthenticated
		}
	}
	return err
}

func (a *access) load(id ResourceID) (target, error) {
	var p Placed
	var own Ancestor
	version := a.version
	if a.first != nil && a.first.id == id {
		p, own = a.first.placed, a.first.own
		a.first = nil // later it may have changed
	} else {
		var err error
		if p, own, version, err = a.tx.Located(id); err != nil {
			return target{}, err
		}
	}
	lineage := []Ancestor{own}
	if n := len(p.Chain); n > 0 {
		above, err := a.above(p.Chain[n-1], version)
		if err != nil {
			return target{}, err
		}
		lineage = append(lineage, above...)
	}
	for _, l := range lineage {
		a.names[l.ID] = l.Name
	}
	return target{p, lineage}, nil
}

// above is the lineage of a folder. What this transaction has changed itself, if version is another than at its
// beginning, nobody else may learn: it may yet be undone.
func (a *access) above(folder ResourceID, version int64) ([]Ancestor, error) {
	if version != a.version {
		return a.tx.Lineage(folder)
	}
	lineage, ok := a.s.findings.lineages.get(version, folder)
	if ok {
		return lineage, nil
	}
	lineage, err := a.tx.Lineage(folder)
	if err == nil {
		a.s.findings.lineages.put(version, folder, lineage, weigh(lineage))
	}
	return lineage, err
}

// limited reports whether the actor's own scope leaves a permission out.
func (a *access) limited(p iam.Permission) bool {
	return a.actor.internal != "" || a.actor.Permissions != nil && !slices.Contains(a.actor.Permissions, p)
}

func (a *access) allowed(t target, p iam.Permission) (bool, error) {
	if a.limited(p) {
		return false, nil
	}
	q, err := a.query(t, p, a.subject)
	return err == nil && iam.Evaluate(q, a.roles, a.s.conditions), err
}

func (a *access) query(t target, p iam.Permission, subject iam.Subject) (iam.Query, error) {
	attributes, err := a.attributes(t.Placed)
	if err != nil {
		return iam.Query{}, err
	}
	return iam.Query{Subject: subject, Permission: p, Resource: attributes, Time: a.now, Chain: levels(t.lineage)}, nil
}

// levels is a lineage as decisions see it.
func levels(lineage []Ancestor) []iam.Level {
	out := make([]iam.Level, len(lineage))
	for i, l := range lineage {
		out[i] = iam.Level{ID: string(l.ID), Policy: l.Policy}
	}
	return out
}

// attributes is what conditions see of a resource.
func (a *access) attributes(p Placed) (iam.Attributes, error) {
	path, err := a.path(p)
	return iam.Attributes{Path: path, Type: string(p.Type), Name: p.Name, Owner: p.Owner, Tags: p.Tags}, err
}

// path is a resource's names from the root.
func (a *access) path(p Placed) (string, error) {
	if p.ID == RootID {
		return "/", nil
	}
	var unknown []ResourceID
	for _, id := range p.Chain {
		if _, ok := a.names[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		names, err := a.tx.Names(unknown)
		if err != nil {
			return "", err
		}
		for id, name := range names {
			a.names[id] = name
		}
	}
	var b strings.Builder
	for _, id := range p.Chain[1:] {
		b.WriteString("/" + a.names[id])
	}
	b.WriteString("/" + p.Name)
	return b.String(), nil
}

// log appends to the audit log, within the transaction of the act itself.
func (a *access) log(op opName, id ResourceID, d json.RawMessage) error {
	return a.tx.AppendAudit([]AuditEntry{a.entry(op, id, true, d)})
}

func (a *access) entry(op opName, id ResourceID, allowed bool, d json.RawMessage) AuditEntry {
	return entryOf(a.actor, a.now, op, id, allowed, d)
}

func entryOf(actor Actor, now time.Time, op opName, id ResourceID, allowed bool, d json.RawMessage) AuditEntry {
	return AuditEntry{At: now, Actor: actor.Principal, Operation: string(op), Resource: id, Allowed: allowed,
		Address: clip(actor.Address, 100), RequestID: clip(actor.RequestID, 100), Detail: d}
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}

// refused passes an error on and has it logged where it is a refusal. id is what was asked for, where it is an id at
// all.
func (s *Service) refused(ctx context.Context, op opName, id ResourceID, err error) error {
	if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDenied) && !errors.Is(err, ErrUnauthenticated) {
		return err
	}
	if !validID(string(id)) {
		id = ""
	}
	why := "denied"
	if errors.Is(err, ErrNotFound) {
		why = "not found or not visible"
	}
	o := observation{entry: entryOf(ActorFrom(ctx), s.now(), op, id, false, detail("reason", why))}
	if failure := s.observer.observe(ctx, o); failure != nil {
		return errors.Join(err, failure)
	}
	return err
}

// detail is a JSON object of names and values.
func detail(pairs ...any) json.RawMessage {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	text, err := json.Marshal(m) // sorted by name
	if err != nil {              // callers give only what marshals
		panic(err)
	}
	return text
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
