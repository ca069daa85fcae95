package storetest

import (
	"errors"
	"time"

	"sextant/content"
)

func preferences(s *suite) {
	const ana, bo = "user:ana@x.org", "user:bo@x.org"
	at := func(n int) time.Time { return base.Add(time.Duration(n) * time.Second) }
	put := func(n int, name, value string) content.Preference {
		return content.Preference{Name: name, Value: []byte(value), CreatedAt: at(n), UpdatedAt: at(n)}
	}
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.PutPreference(ana, "s", put(1, "b", "1"), 10), tx.PutPreference(ana, "s", put(2, "a", "\x00\xff"), 10),
			tx.PutPreference(ana, "s", put(3, "b", ""), 10), tx.PutPreference(ana, "t", put(1, "b", "other"), 10),
			tx.PutPreference(bo, "s", put(1, "b", "bo's"), 10))
	})
	s.view(func(tx content.Tx) error {
		all, err := tx.Preferences(ana, "s")
		b := put(3, "b", "")
		b.CreatedAt = at(1)
		s.equal(all, []content.Preference{put(2, "a", "\x00\xff"), b})
		one, err2 := tx.Preference(bo, "s", "b")
		s.equal(string(one.Value), "bo's")
		if _, err := tx.Preference(bo, "s", "a"); !errors.Is(err, content.ErrNotFound) {
			s.Errorf("missing: %v", err)
		}
		none, err3 := tx.Preferences(bo, "t")
		s.equal(len(none), 0)
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error {
		if err := tx.DeletePreference(bo, "s", "a"); !errors.Is(err, content.ErrNotFound) {
			s.Errorf("deleting what is missing: %v", err)
		}
		return errors.Join(tx.DeletePreference(bo, "s", "b"), tx.PutPreference(ana, "s", put(4, "c", ""), 2))
	})
	s.view(func(tx content.Tx) error {
		all, err := tx.Preferences(ana, "s") // a is the oldest
		s.equal(len(all), 2)
		other, err2 := tx.Preferences(ana, "t")
		s.equal(len(other), 1)
		return errors.Join(err, err2)
	})
}
