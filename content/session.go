package content

import (
	"context"
	"encoding/hex"

	"sextant/content/iam"
)

// ID names a sign-in to whoever may end it. It is part of the digest of the secret, from which nobody finds the secret.
func (s SignIn) ID() string { return hex.EncodeToString(s.Digest[:16]) }

// EndSession ends one session of the actor, or of another principal, by its ID; a link that was not followed yet is ended
// alike. ErrNotFound: there is none of that ID, any longer.
func (s *Service) EndSession(ctx context.Context, principal iam.Member, id string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.forSelf(opEndSession, principal)
		if err != nil {
			return err
		}
		all, err := a.tx.SignIns(who)
		if err != nil {
			return err
		}
		for _, found := range all {
			if found.ID() != id {
				continue
			}
			if err := a.tx.DeleteSignIn(found.Digest); err != nil {
				return err
			}
			return a.log(opEndSession, RootID, detail("principal", who, "session", id))
		}
		return ErrNotFound
	})
	return s.refused(ctx, opEndSession, "", err)
}

// EndSessions ends all sessions and links of the actor, or of another principal. Tokens stay.
func (s *Service) EndSessions(ctx context.Context, principal iam.Member) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.forSelf(opEndSessions, principal)
		if err != nil {
			return err
		}
		if err := a.tx.DeleteSignIns(who); err != nil {
			return err
		}
		return a.log(opEndSessions, RootID, detail("principal", who))
	})
	return s.refused(ctx, opEndSessions, "", err)
}
