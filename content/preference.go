package content

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"sextant/content/iam"
)

// Preference is a small value that a program keeps for one person: a setting, a layout of windows, what they trust. It
// is no document: it has no revisions, is not searched and seen by nobody else.
type Preference struct {
	Name                 string
	Value                []byte
	CreatedAt, UpdatedAt time.Time
}

// Bounds of preferences. Each program has a space of names of its own; where it holds more than MaxPreferences, those go
// first that were not put for longest.
const (
	MaxPreferences     = 10_000
	MaxPreferenceSize  = 512 << 10
	maxPreferenceName  = 400
	maxPreferenceSpace = 64
)

// Preferences lists the actor's preferences in a space, by name.
func (s *Service) Preferences(ctx context.Context, space string) ([]Preference, error) {
	var out []Preference
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		out, err = a.tx.Preferences(who, space)
		return err
	})
	return out, s.refused(ctx, opPreferences, "", err)
}

// Preference gives one of the actor's preferences; one that was never put is ErrNotFound.
func (s *Service) Preference(ctx context.Context, space, name string) (Preference, error) {
	var out Preference
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		out, err = a.tx.Preference(who, space, name)
		return err
	})
	if errors.Is(err, ErrNotFound) { // no refusal, so nothing for the audit log
		return out, err
	}
	return out, s.refused(ctx, opPreference, "", err)
}

// PutPreference sets one of the actor's preferences, and keeps the newest keep of the space (0: MaxPreferences). A token
// that may not change documents may not change preferences either. Errors: ErrTooLarge beyond MaxPreferenceSize.
func (s *Service) PutPreference(ctx context.Context, space, name string, value []byte, keep int) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.mayChange()
		if err != nil {
			return err
		}
		if !wordLike(space, maxPreferenceSpace) || !wordLike(name, maxPreferenceName) {
			return fmt.Errorf("%w name of a preference %.60q", ErrInvalid, name)
		}
		if len(value) > MaxPreferenceSize {
			return fmt.Errorf("%w: a preference has at most %d bytes, not %d", ErrTooLarge, MaxPreferenceSize, len(value))
		}
		if keep <= 0 || keep > MaxPreferences {
			keep = MaxPreferences
		}
		if value == nil {
			value = []byte{}
		}
		return a.tx.PutPreference(who, space, Preference{Name: name, Value: value, CreatedAt: a.now, UpdatedAt: a.now}, keep)
	})
	return s.refused(ctx, opPutPreference, "", err)
}

// DeletePreference forgets one of the actor's preferences; ErrNotFound where there is none.
func (s *Service) DeletePreference(ctx context.Context, space, name string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.mayChange()
		if err != nil {
			return err
		}
		return a.tx.DeletePreference(who, space, name)
	})
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return s.refused(ctx, opDeletePreference, "", err)
}

// mayChange is who acts, to change what is their own; not by a token that may change no documents.
func (a *access) mayChange() (iam.Member, error) {
	who, err := a.signedIn()
	if err == nil && a.limited(iam.DocumentsUpdate) {
		err = ErrDenied
	}
	return who, err
}

// wordLike reports whether a text can be a key: valid, of bounded length, without zero bytes.
func wordLike(s string, limit int) bool {
	if s == "" || len(s) > limit || !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if c < ' ' {
			return false
		}
	}
	return true
}
