package storetest

import (
	"errors"
	"time"

	"sextant/content"
)

func shareLinks(s *suite) {
	at := func(n int) time.Time { return base.Add(time.Duration(n) * time.Second) }
	link := func(n int) content.ShareLink {
		return content.ShareLink{ID: string(id(50 + n)), ResourceID: id(3), Title: "for the board", Digest: content.Digest{byte(n)}, Revision: "r", PasswordHash: "h",
			Origins: []string{"https://a.org", "https://b.org"}, Shows: &content.ResultView{Result: "r", Where: []string{"0.eq.x"}, Columns: []int{1, 0}}, Look: content.Look{Name: "X", Logo: "data:,", Properties: map[string]string{"accent": "#fff"}}, CreatedBy: "user:ana@x.org", CreatedAt: at(n), Expires: at(100)}
	}
	s.tree()
	bare := link(2)
	bare.Origins, bare.Shows, bare.Look, bare.Title, bare.PasswordHash, bare.Revision, bare.Expires = nil, nil, content.Look{}, "", "", "", time.Time{}
	s.update(func(tx content.Tx) error { return errors.Join(tx.PutShareLink(link(1)), tx.PutShareLink(bare)) })
	ended := link(1)
	ended.RevokedAt = at(7)
	s.view(func(tx content.Tx) error {
		all, err := tx.ShareLinks(id(3))
		s.equal(all, []content.ShareLink{bare, link(1)})
		one, err2 := tx.ShareLink(link(1).ID)
		s.equal(one, link(1))
		other, err3 := tx.ShareLinkByDigest(bare.Digest)
		s.equal(other, bare)
		_, missing := tx.ShareLinkByDigest(content.Digest{9})
		s.want(content.ErrNotFound, missing)
		_, missing = tx.ShareLink("none")
		s.want(content.ErrNotFound, missing)
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error { return tx.PutShareLink(ended) })
	s.view(func(tx content.Tx) error {
		one, err := tx.ShareLink(ended.ID)
		s.equal(one, ended)
		return err
	})
	s.update(func(tx content.Tx) error { return tx.DeleteResource(id(3)) })
	s.view(func(tx content.Tx) error { // they go with their document
		all, err := tx.ShareLinks(id(3))
		s.equal(len(all), 0)
		return err
	})
}
