package query

import (
	"encoding/json"

	"sextant/content"
)

const shareLinkColumns = `SELECT id, resource_id, title, digest, revision_id, password_hash, origins, look, shows, created_by, created_at,
	expires, revoked_at FROM share_links`

func (t *tx) shareLinks(text string, args ...any) ([]content.ShareLink, error) {
	var out []content.ShareLink
	err := t.each(func(row func(...any) error) error {
		var l content.ShareLink
		var digest []byte
		var origins, look, shows string
		var created, expires, revoked int64
		if err := row(&l.ID, &l.ResourceID, &l.Title, &digest, &l.Revision, &l.PasswordHash, &origins, &look, &shows, &l.CreatedBy, &created, &expires, &revoked); err != nil {
			return err
		}
		l.Digest, l.CreatedAt, l.Expires, l.RevokedAt = toDigest(digest), fromMicros(created), fromMicros(expires), fromMicros(revoked)
		if err := json.Unmarshal([]byte(origins), &l.Origins); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(look), &l.Look); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(shows), &l.Shows); err != nil {
			return err
		}
		out = append(out, l)
		return nil
	}, shareLinkColumns+text, args...)
	return out, err
}

// PutShareLink implements content.PolicyTx.
func (t *tx) PutShareLink(l content.ShareLink) error {
	origins, err := json.Marshal(l.Origins)
	if err != nil {
		return err
	}
	look, err := json.Marshal(l.Look)
	if err != nil {
		return err
	}
	shows, err := json.Marshal(l.Shows)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO share_links (id, resource_id, title, digest, revision_id, password_hash, origins, look, shows, created_by, created_at, expires, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, expires = excluded.expires, revoked_at = excluded.revoked_at`,
		l.ID, l.ResourceID, l.Title, l.Digest[:], l.Revision, l.PasswordHash, string(origins), string(look), string(shows), l.CreatedBy, micros(l.CreatedAt), micros(l.Expires), micros(l.RevokedAt))
}

// ShareLink implements content.PolicyTx.
func (t *tx) ShareLink(id string) (content.ShareLink, error) {
	return first(t.shareLinks(" WHERE id = $1", id))
}

// ShareLinkByDigest implements content.PolicyTx.
func (t *tx) ShareLinkByDigest(d content.Digest) (content.ShareLink, error) {
	return first(t.shareLinks(" WHERE digest = $1", d[:]))
}

// ShareLinks implements content.PolicyTx.
func (t *tx) ShareLinks(id content.ResourceID) ([]content.ShareLink, error) {
	return t.shareLinks(" WHERE resource_id = $1 ORDER BY created_at DESC, id DESC", id)
}
