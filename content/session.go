package content

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

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

// EndProviderSessions ends the sessions that an OpenID provider says are over, of its session, its subject or both, and
// gives how many they were. Those that began after before go on. It is called by the code that verified what the provider
// said, never for a caller.
func (s *Service) EndProviderSessions(ctx context.Context, issuer, subject, session string, before time.Time) (int, error) {
	if issuer == "" || subject == "" && session == "" {
		return 0, fmt.Errorf("%w sign-out: no issuer, or neither subject nor session", ErrInvalid)
	}
	ended := 0
	err := s.store.Update(ctx, func(tx Tx) error {
		found, err := tx.DeleteProviderSignIns(issuer, subject, session, before)
		if err != nil || len(found) == 0 {
			return err
		}
		ended = len(found)
		entries := make([]AuditEntry, len(found))
		for i, x := range found {
			entries[i] = entryOf(ActorFrom(ctx), s.now(), opEndProviderSessions, RootID, true,
				detail("principal", x.Principal, "session", x.ID(), "issuer", issuer))
		}
		return tx.AppendAudit(entries)
	})
	return ended, s.refused(ctx, opEndProviderSessions, "", err)
}
