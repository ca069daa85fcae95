package query

import (
	"strings"

	"sextant/content"
)

func (t *tx) secrets(text string, args ...any) ([]content.SealedSecret, error) {
	var out []content.SealedSecret
	err := t.each(func(row func(...any) error) error {
		var s content.SealedSecret
		var created, updated int64
		err := row(&s.Name, &s.Sealed, &s.SetBy, &created, &updated)
		s.CreatedAt, s.UpdatedAt = fromMicros(created), fromMicros(updated)
		out = append(out, s)
		return err
	}, "SELECT name, sealed, set_by, created_at, updated_at FROM secrets WHERE holder = $1"+text, args...)
	return out, err
}

// Secrets implements content.SecretTx.
func (t *tx) Secrets(holder string) ([]content.SealedSecret, error) {
	return t.secrets(" ORDER BY name", holder)
}

// Secret implements content.SecretTx.
func (t *tx) Secret(holder, name string) (content.SealedSecret, error) {
	return first(t.secrets(" AND name = $2", holder, name))
}

// PutSecret implements content.SecretTx.
func (t *tx) PutSecret(holder string, s content.SealedSecret) error {
	var resource any
	if !strings.Contains(holder, ":") { // principals have a colon, ids have none
		resource = holder
	}
	return t.exec(`INSERT INTO secrets (holder, name, sealed, resource_id, set_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (holder, name) DO UPDATE SET sealed = excluded.sealed, set_by = excluded.set_by, updated_at = excluded.updated_at`,
		holder, s.Name, s.Sealed, resource, s.SetBy, micros(s.CreatedAt), micros(s.UpdatedAt))
}

// DeleteSecret implements content.SecretTx.
func (t *tx) DeleteSecret(holder, name string) error {
	return t.execOne("DELETE FROM secrets WHERE holder = $1 AND name = $2", holder, name)
}
