package storetest

import (
	"errors"
	"time"

	"sextant/content"
)

func secrets(s *suite) {
	const ana = "user:ana@x.org"
	at := func(n int) time.Time { return base.Add(time.Duration(n) * time.Second) }
	put := func(n int, name, sealed string) content.SealedSecret {
		return content.SealedSecret{Secret: content.Secret{Name: name, SetBy: ana, CreatedAt: at(n), UpdatedAt: at(n)}, Sealed: []byte(sealed)}
	}
	s.tree()
	folder := string(id(1))
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.PutSecret(folder, put(1, "b", "1")), tx.PutSecret(folder, put(2, "a", "\x00\xff")), tx.PutSecret(folder, put(3, "b", "2")),
			tx.PutSecret(ana, put(1, "b", "own")))
	})
	s.view(func(tx content.Tx) error {
		all, err := tx.Secrets(folder)
		b := put(3, "b", "2")
		b.CreatedAt = at(1)
		s.equal(all, []content.SealedSecret{put(2, "a", "\x00\xff"), b})
		one, err2 := tx.Secret(ana, "b")
		s.equal(string(one.Sealed), "own")
		_, missing := tx.Secret(ana, "a")
		s.want(content.ErrNotFound, missing)
		return errors.Join(err, err2)
	})
	s.update(func(tx content.Tx) error {
		s.want(content.ErrNotFound, tx.DeleteSecret(ana, "a"))
		return errors.Join(tx.DeleteSecret(ana, "b"), tx.DeleteResource(id(3)), tx.DeleteResource(id(2)), tx.DeleteResource(id(1)))
	})
	s.view(func(tx content.Tx) error { // they go with what holds them
		all, err := tx.Secrets(folder)
		s.equal(len(all), 0)
		return err
	})
}
