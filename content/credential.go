package content

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant/content/iam"
)

// TokenPrefix begins every token's secret, so that scanners can tell one that has leaked.
const TokenPrefix = "sxt_"

// MaxTokens bounds the tokens of one principal.
const MaxTokens = 200

// newSecret is 256 bits that nobody can guess. A plain digest of it is enough to store: there is nothing to try out.
func newSecret(prefix string) (string, Digest) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	secret := prefix + base64.RawURLEncoding.EncodeToString(b)
	return secret, sha256.Sum256([]byte(secret))
}

// forSelf finds whose credentials an operation is about: the actor's own, or, with the operation's permission,
// another principal's.
func (a *access) forSelf(op opName, principal iam.Member) (iam.Member, error) {
	who, err := a.signedIn()
	if err != nil {
		return "", err
	}
	if principal == "" || principal == who {
		return who, nil
	}
	return principal, a.checkRoot(op)
}

// NewToken is what CreateToken makes.
type NewToken struct {
	// Principal is whose it is; empty is the actor.
	Principal iam.Member
	Name      string
	// Permissions limits the token; nil gives it all rights of its principal.
	Permissions []iam.Permission
	Expires     time.Time // zero: never
	// IdempotencyKey, where not empty, makes CreateToken make no second token for the same request within a day. The secret
	// is stored nowhere and cannot be given again: the error is ErrExists, with the token's id.
	IdempotencyKey string
}

// CreateToken makes a personal access token for the actor, or for another principal, as for a service account. The
// secret is given this once and stored nowhere. The token never has more than the token or session it was made with.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (secret string, token Token, err error) {
	name, permissions, expires := n.Name, n.Permissions, n.Expires
	err = s.update(ctx, func(a *access) error {
		who, err := a.forSelf(opCreateToken, n.Principal)
		if err != nil {
			return err
		}
		if name, err = cleanRevisionName(name); err != nil || name == "" {
			return fmt.Errorf("%w token name", ErrInvalid)
		}
		known := iam.Permissions()
		for _, p := range permissions {
			if !slices.Contains(known, p) {
				return fmt.Errorf("%w permission %.60q", ErrInvalid, p)
			}
		}
		if a.actor.Permissions != nil {
			if permissions == nil {
				permissions = a.actor.Permissions
			}
			for _, p := range permissions {
				if !slices.Contains(a.actor.Permissions, p) {
					return fmt.Errorf("%w: a token cannot have more than what it is made with", ErrDenied)
				}
			}
		}
		if !expires.IsZero() && !expires.After(a.now) {
			return fmt.Errorf("%w expiry: in the past", ErrInvalid)
		}
		request := Digest(sha256.Sum256(detail("token", name, "principal", who, "permissions", permissions, "expires", expires.UTC())))
		if err := checkKey(n.IdempotencyKey); err != nil {
			return err
		}
		actor := a.subject.Principal
		if known, err := a.remembered(actor, n.IdempotencyKey, request); err != nil {
			return err
		} else if known != "" {
			return fmt.Errorf("token %s: %w, and its secret was told then: if it is lost, revoke the token and make another", known, ErrExists)
		}
		p, err := a.tx.Principal(who)
		if err != nil {
			return err
		}
		tokens, err := a.tx.Tokens(who)
		if err != nil {
			return err
		}
		if len(tokens) >= MaxTokens {
			return fmt.Errorf("%w token: more than %d", ErrInvalid, MaxTokens)
		}
		token = Token{ID: newID(), Principal: p.Member, Name: name, Permissions: permissions, CreatedAt: a.now,
			Expires: expires.UTC().Truncate(time.Microsecond)}
		secret, token.Digest = newSecret(TokenPrefix)
		if err := a.tx.PutToken(token); err != nil {
			return err
		}
		if err := a.remember(actor, n.IdempotencyKey, request, token.ID); err != nil {
			return err
		}
		return a.log(opCreateToken, RootID, detail("token", token.ID, "principal", who, "name", name, "permissions", permissions))
	})
	if err != nil {
		return "", Token{}, s.refused(ctx, opCreateToken, "", err)
	}
	return secret, token, nil
}

// Tokens lists the tokens of the actor, or of another principal, newest first.
func (s *Service) Tokens(ctx context.Context, principal iam.Member) ([]Token, error) {
	var out []Token
	err := s.view(ctx, func(a *access) error {
		who, err := a.forSelf(opTokens, principal)
		if err != nil {
			return err
		}
		out, err = a.tx.Tokens(who)
		return err
	})
	return out, s.refused(ctx, opTokens, "", err)
}

// RevokeToken ends a token of the actor, or of another principal.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	err := s.update(ctx, func(a *access) error {
		token, err := a.tx.Token(id)
		if err != nil {
			return err
		}
		if _, err := a.forSelf(opRevokeToken, token.Principal); err != nil {
			return ErrNotFound
		}
		if token.RevokedAt.IsZero() {
			token.RevokedAt = a.now
		}
		if err := a.tx.PutToken(token); err != nil {
			return err
		}
		return a.log(opRevokeToken, RootID, detail("token", id, "principal", token.Principal))
	})
	return s.refused(ctx, opRevokeToken, "", err)
}

// touchEvery is how exactly the last use of a token is known: noting each one would make every request write.
const touchEvery = time.Minute

// AuthenticateToken finds who a token's secret belongs to, and notes its use to the minute. What opens nothing is
// ErrUnauthenticated, whatever the reason.
func (s *Service) AuthenticateToken(ctx context.Context, secret string) (Actor, error) {
	digest := Digest(sha256.Sum256([]byte(secret)))
	token, version, err := found(ctx, s, &s.findings.tokens, digest, func(tx Tx) (Token, error) {
		t, err := tx.TokenByDigest(digest)
		if err == nil {
			err = active(tx, t.Principal)
		}
		return t, err
	})
	if err == nil && !token.Usable(s.now()) {
		err = ErrNotFound
	}
	if isNotFound(err) {
		return Actor{}, s.refused(ctx, opAuthenticateToken, "", ErrUnauthenticated)
	}
	if err != nil {
		return Actor{}, err
	}
	if now := s.now(); now.Sub(token.LastUsed) >= touchEvery {
		if err := s.store.Update(ctx, func(tx Tx) error { return tx.TouchToken(token.ID, now) }); err != nil {
			return Actor{}, err
		}
		token.LastUsed = now
		s.findings.tokens.put(version, digest, token, 0) // in the place of what is there
	}
	return Actor{Principal: token.Principal, Permissions: token.Permissions}, nil
}

// active is ErrNotFound for a principal that cannot act.
func active(tx Tx, m iam.Member) error {
	p, err := tx.Principal(m)
	if err == nil && !p.Disabled.IsZero() {
		err = ErrNotFound
	}
	return err
}

// NewSignIn is what CreateSignIn makes.
type NewSignIn struct {
	// Principal is who has proved to be it. One that is not known yet is added.
	Principal          Principal
	Lifetime           time.Duration
	Address, UserAgent string
	Method             string
	// Issuer, Subject and ProviderSession are as in SignIn.
	Issuer, Subject, ProviderSession string
	// Groups, where not nil, are all the external groups that an identity provider has the principal in.
	Groups []iam.Member
}

// CreateSignIn begins a session for somebody who has just proved who they are, and gives its secret, which is stored
// nowhere. It is called by the code that checked the proof, never for a caller. A disabled principal is
// ErrUnauthenticated.
func (s *Service) CreateSignIn(ctx context.Context, n NewSignIn) (secret string, err error) {
	m, err := iam.ParseMember(string(n.Principal.Member))
	if err != nil {
		return "", err
	}
	if !m.IsPrincipal() || n.Lifetime <= 0 {
		return "", fmt.Errorf("%w sign-in", ErrInvalid)
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		p, err := tx.Principal(m)
		if isNotFound(err) {
			p, err = n.Principal, nil
			p.Member, p.CreatedAt, p.Disabled = m, now, time.Time{}
		}
		if err != nil {
			return err
		}
		if !p.Disabled.IsZero() {
			return ErrUnauthenticated
		}
		p.LastSeen = now
		if err := tx.PutPrincipal(p); err != nil {
			return err
		}
		if n.Groups != nil {
			if err := s.joinExternal(tx, m, n.Groups, now); err != nil {
				return err
			}
		}
		var digest Digest
		secret, digest = newSecret("")
		err = tx.PutSignIn(SignIn{Digest: digest, Principal: m, CreatedAt: now, Expires: now.Add(n.Lifetime),
			Address: clip(n.Address, 100), UserAgent: clip(n.UserAgent, 300), Method: clip(n.Method, 20), Issuer: n.Issuer,
			Subject: n.Subject, ProviderSession: n.ProviderSession})
		if err != nil {
			return err
		}
		e := entryOf(Actor{Principal: m, Address: n.Address}, now, opCreateSignIn, RootID, true, detail("method", n.Method))
		return tx.AppendAudit([]AuditEntry{e})
	})
	if err != nil {
		return "", s.refused(WithActor(ctx, Actor{Principal: m, Address: n.Address}), opCreateSignIn, "", err)
	}
	return secret, nil
}

// AuthenticateSignIn finds whose session a secret is. What is none, has expired or is a disabled principal's is
// ErrUnauthenticated.
func (s *Service) AuthenticateSignIn(ctx context.Context, secret string) (Actor, SignIn, error) {
	digest := Digest(sha256.Sum256([]byte(secret)))
	signIn, _, err := found(ctx, s, &s.findings.signIns, digest, func(tx Tx) (SignIn, error) {
		in, err := tx.SignInByDigest(digest)
		if err == nil {
			err = active(tx, in.Principal)
		}
		return in, err
	})
	if err == nil && (!s.now().Before(signIn.Expires) || signIn.Method == LinkMethod) {
		err = ErrNotFound
	}
	if isNotFound(err) {
		return Actor{}, SignIn{}, s.refused(ctx, opAuthenticateSignIn, "", ErrUnauthenticated)
	}
	if err != nil {
		return Actor{}, SignIn{}, err
	}
	return Actor{Principal: signIn.Principal}, signIn, nil
}

// EndSignIn ends a session by its secret; one that is over already is no error.
func (s *Service) EndSignIn(ctx context.Context, secret string) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		digest := Digest(sha256.Sum256([]byte(secret)))
		found, err := tx.SignInByDigest(digest)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSignIn(digest); err != nil {
			return err
		}
		return tx.AppendAudit([]AuditEntry{entryOf(Actor{Principal: found.Principal}, s.now(), opEndSignIn, RootID, true, nil)})
	})
	return s.refused(ctx, opEndSignIn, "", err)
}

// SignIns lists the sessions of the actor, or of another principal, newest first.
func (s *Service) SignIns(ctx context.Context, principal iam.Member) ([]SignIn, error) {
	var out []SignIn
	err := s.view(ctx, func(a *access) error {
		who, err := a.forSelf(opSignIns, principal)
		if err != nil {
			return err
		}
		out, err = a.tx.SignIns(who)
		return err
	})
	return out, s.refused(ctx, opSignIns, "", err)
}

// IsToken reports whether a secret looks like a token's.
func IsToken(secret string) bool { return strings.HasPrefix(secret, TokenPrefix) }
