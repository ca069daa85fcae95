package query

import (
	"encoding/json"
	"fmt"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

func toPolicy(id content.ResourceID, etag, bindings *string) (iam.Policy, error) {
	if etag == nil || bindings == nil {
		return iam.Policy{Etag: iam.EmptyEtag()}, nil
	}
	p := iam.Policy{Etag: *etag}
	if err := json.Unmarshal([]byte(*bindings), &p.Bindings); err != nil {
		return p, fmt.Errorf("store: policy of %s: %w", id, err)
	}
	return p, nil
}

// Policy implements content.PolicyTx.
func (t *tx) Policy(id content.ResourceID) (iam.Policy, error) {
	var etag, bindings *string
	err := t.into("SELECT p.etag, p.bindings FROM resources r LEFT JOIN policies p ON p.resource_id = r.id WHERE r.id = $1",
		[]any{id}, &etag, &bindings)
	if err != nil {
		return iam.Policy{}, err
	}
	return toPolicy(id, etag, bindings)
}

// SetPolicy implements content.PolicyTx.
func (t *tx) SetPolicy(id content.ResourceID, p iam.Policy, now time.Time) error {
	type key struct {
		member    iam.Member
		role      iam.RoleName
		condition string
	}
	old := map[key]int64{}
	err := t.each(func(row func(...any) error) error {
		var k key
		var at int64
		err := row(&k.member, &k.role, &k.condition, &at)
		old[k] = at
		return err
	}, "SELECT member, role, condition, granted_at FROM grants WHERE resource_id = $1", id)
	if err != nil {
		return err
	}
	if err := t.exec("DELETE FROM grants WHERE resource_id = $1", id); err != nil {
		return err
	}
	bindings, err := json.Marshal(p.Bindings)
	if err != nil {
		return err
	}
	if len(p.Bindings) == 0 {
		return t.exec("DELETE FROM policies WHERE resource_id = $1", id)
	}
	err = t.exec(`INSERT INTO policies (resource_id, etag, bindings) VALUES ($1, $2, $3)
		ON CONFLICT (resource_id) DO UPDATE SET etag = excluded.etag, bindings = excluded.bindings`, id, p.Etag, string(bindings))
	if err != nil {
		return err
	}
	for _, b := range p.Bindings {
		for _, m := range b.Members {
			k := key{member: m, role: b.Role}
			if b.Condition != nil {
				k.condition = b.Condition.Expression
			}
			at, ok := old[k]
			if !ok {
				at = micros(now)
			}
			// Two bindings that differ only in a condition's title are one grant.
			err := t.exec(`INSERT INTO grants (resource_id, member, role, condition, granted_at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT DO NOTHING`, id, k.member, k.role, k.condition, at)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// CustomRoles implements content.PolicyTx.
func (t *tx) CustomRoles() ([]iam.Role, error) {
	var out []iam.Role
	err := t.each(func(row func(...any) error) error {
		var r iam.Role
		var permissions string
		if err := row(&r.Name, &r.Title, &permissions); err != nil {
			return err
		}
		out = append(out, r)
		return json.Unmarshal([]byte(permissions), &out[len(out)-1].Permissions)
	}, "SELECT name, title, permissions FROM roles ORDER BY name")
	return out, err
}

// PutRole implements content.PolicyTx.
func (t *tx) PutRole(r iam.Role) error {
	return t.exec(`INSERT INTO roles (name, title, permissions) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET title = excluded.title, permissions = excluded.permissions`,
		r.Name, r.Title, list(r.Permissions))
}

// DeleteRole implements content.PolicyTx.
func (t *tx) DeleteRole(name iam.RoleName) error {
	return t.execOne("DELETE FROM roles WHERE name = $1", name)
}

// RoleInUse implements content.PolicyTx.
func (t *tx) RoleInUse(name iam.RoleName) (bool, error) {
	var n int64
	err := t.into("SELECT count(*) FROM (SELECT 1 FROM grants WHERE role = $1 LIMIT 1) used", []any{name}, &n)
	return n > 0, err
}

const requestColumns = `SELECT id, resource_id, requester, role, message, created_at, state, decided_by, decided_at FROM access_requests`

func (t *tx) requests(text string, args ...any) ([]content.AccessRequest, error) {
	var out []content.AccessRequest
	err := t.each(func(row func(...any) error) error {
		var r content.AccessRequest
		var created, decided int64
		err := row(&r.ID, &r.ResourceID, &r.Requester, &r.Role, &r.Message, &created, &r.State, &r.DecidedBy, &decided)
		r.CreatedAt, r.DecidedAt = fromMicros(created), fromMicros(decided)
		out = append(out, r)
		return err
	}, requestColumns+text, args...)
	return out, err
}

func first[T any](found []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, content.ErrNotFound
	}
	return found[0], nil
}

// PutAccessRequest implements content.PolicyTx.
func (t *tx) PutAccessRequest(r content.AccessRequest) error {
	return t.exec(`INSERT INTO access_requests (id, resource_id, requester, role, message, created_at, state, decided_by, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET role = excluded.role, message = excluded.message, state = excluded.state,
			decided_by = excluded.decided_by, decided_at = excluded.decided_at`,
		r.ID, r.ResourceID, r.Requester, r.Role, r.Message, micros(r.CreatedAt), r.State, r.DecidedBy, micros(r.DecidedAt))
}

// AccessRequest implements content.PolicyTx.
func (t *tx) AccessRequest(id string) (content.AccessRequest, error) {
	return first(t.requests(" WHERE id = $1", id))
}

// OpenAccessRequest implements content.PolicyTx.
func (t *tx) OpenAccessRequest(id content.ResourceID, requester iam.Member) (content.AccessRequest, error) {
	return first(t.requests(" WHERE resource_id = $1 AND requester = $2 AND state = 'pending'", id, requester))
}

// AccessRequests implements content.PolicyTx.
func (t *tx) AccessRequests(id content.ResourceID, openOnly bool, limit int) ([]content.AccessRequest, error) {
	return t.requests(" WHERE resource_id = $1 AND ($2 = 0 OR state = 'pending') ORDER BY created_at DESC, id DESC LIMIT $3",
		id, flag(openOnly), limit)
}
