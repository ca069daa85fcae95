package query

import (
	"sextant/content"
	"sextant/content/iam"
)

func (t *tx) preferences(text string, args ...any) ([]content.Preference, error) {
	var out []content.Preference
	err := t.each(func(row func(...any) error) error {
		var p content.Preference
		var created, updated int64
		err := row(&p.Name, &p.Value, &created, &updated)
		if p.Value == nil { // as SQLite gives what is empty
			p.Value = []byte{}
		}
		p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
		out = append(out, p)
		return err
	}, "SELECT name, value, created_at, updated_at FROM preferences WHERE principal = $1 AND space = $2"+text, args...)
	return out, err
}

// Preferences implements content.PreferenceTx.
func (t *tx) Preferences(principal iam.Member, space string) ([]content.Preference, error) {
	return t.preferences(" ORDER BY name", principal, space)
}

// Preference implements content.PreferenceTx.
func (t *tx) Preference(principal iam.Member, space, name string) (content.Preference, error) {
	return first(t.preferences(" AND name = $3", principal, space, name))
}

// PutPreference implements content.PreferenceTx.
func (t *tx) PutPreference(principal iam.Member, space string, p content.Preference, keep int) error {
	err := t.exec(`INSERT INTO preferences (principal, space, name, value, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (principal, space, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
		principal, space, p.Name, p.Value, micros(p.CreatedAt), micros(p.UpdatedAt))
	if err != nil {
		return err
	}
	return t.exec(`DELETE FROM preferences WHERE principal = $1 AND space = $2 AND name IN (
		SELECT name FROM preferences WHERE principal = $1 AND space = $2 ORDER BY updated_at DESC, name DESC LIMIT 100000 OFFSET $3)`,
		principal, space, keep)
}

// DeletePreference implements content.PreferenceTx.
func (t *tx) DeletePreference(principal iam.Member, space, name string) error {
	return t.execOne("DELETE FROM preferences WHERE principal = $1 AND space = $2 AND name = $3", principal, space, name)
}
