package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/auth"
	"sextant/server/web"
)

// Token is a personal access token, without its secret.
type Token struct {
	ID          string     `json:"id"`
	Principal   string     `json:"principal"`
	Name        string     `json:"name"`
	Permissions []string   `json:"permissions,omitempty" nullable:"false" doc:"What it is limited to; absent: all rights of its principal"`
	CreatedAt   time.Time  `json:"createdAt"`
	Expires     *time.Time `json:"expires,omitempty"`
	LastUsed    *time.Time `json:"lastUsed,omitempty"`
	RevokedAt   *time.Time `json:"revokedAt,omitempty"`
}

func viewToken(t content.Token) Token {
	return Token{t.ID, string(t.Principal), t.Name, viewAll(t.Permissions, func(p iam.Permission) string { return string(p) }), t.CreatedAt,
		optional(t.Expires), optional(t.LastUsed), optional(t.RevokedAt)}
}

// NewToken is a token with its secret, which is told only once.
type NewToken struct {
	Token
	Secret string `json:"secret"`
}

// SignIn is a browser or client that is signed in.
type SignIn struct {
	ID        string    `json:"id"`
	Principal string    `json:"principal"`
	CreatedAt time.Time `json:"createdAt"`
	Expires   time.Time `json:"expires"`
	Address   string    `json:"address,omitempty"`
	UserAgent string    `json:"userAgent,omitempty"`
	Method    string    `json:"method,omitempty"`
}

// SignInLink signs a user in once.
type SignInLink struct {
	Path    string    `json:"path" doc:"Below the server's address"`
	Expires time.Time `json:"expires"`
}

// ForPrincipal says whose credentials.
type ForPrincipal struct {
	Principal string `query:"principal" maxLength:"400" doc:"Absent: one's own"`
}

func (a *API) credentials() {
	const tag = "credentials"
	s := a.o.Service
	add(a, route{"listTokens", http.MethodGet, "/tokens", "List tokens", tag, uses("Tokens"), 0},
		func(ctx context.Context, in *ForPrincipal) (*Body[Page[Token]], error) {
			tokens, err := s.Tokens(ctx, iam.Member(in.Principal))
			return body(Page[Token]{Items: viewAll(tokens, viewToken)}), err
		})
	add(a, route{"createToken", http.MethodPost, "/tokens", "Make a token", tag, uses("CreateToken"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same request with the same key within a day makes no second token, but is 409: the secret is told only once"`
			Body           struct {
				Principal   string     `json:"principal,omitempty" doc:"Absent: oneself"`
				Name        string     `json:"name"`
				Permissions []string   `json:"permissions,omitempty" doc:"Absent: all rights of its principal"`
				Expires     *time.Time `json:"expires,omitempty" nullable:"false" doc:"Absent: never"`
			}
		}) (*Body[NewToken], error) {
			secret, token, err := s.CreateToken(ctx, content.NewToken{Principal: iam.Member(in.Body.Principal), Name: in.Body.Name,
				Permissions: permissions(in.Body.Permissions), Expires: timeOf(in.Body.Expires), IdempotencyKey: in.IdempotencyKey})
			return body(NewToken{viewToken(token), secret}), err
		})
	add(a, route{"revokeToken", http.MethodDelete, "/tokens/{token}", "End a token", tag, uses("RevokeToken"), 0},
		func(ctx context.Context, in *struct {
			Token string `path:"token" maxLength:"100"`
		}) (*None, error) {
			return nil, s.RevokeToken(ctx, in.Token)
		})
	add(a, route{"listSignIns", http.MethodGet, "/sign-ins", "List who is signed in where", tag, uses("SignIns"), 0},
		func(ctx context.Context, in *ForPrincipal) (*Body[Page[SignIn]], error) {
			found, err := s.SignIns(ctx, iam.Member(in.Principal))
			return body(Page[SignIn]{Items: viewAll(found, func(x content.SignIn) SignIn {
				return SignIn{x.ID(), string(x.Principal), x.CreatedAt, x.Expires, x.Address, x.UserAgent, x.Method}
			})}), err
		})
	add(a, route{"endSignIn", http.MethodDelete, "/sign-ins/{session}", "End one sign-in", tag, uses("EndSession"), 0},
		func(ctx context.Context, in *struct {
			Session string `path:"session" maxLength:"100"`
			ForPrincipal
		}) (*None, error) {
			return nil, s.EndSession(ctx, iam.Member(in.Principal), in.Session)
		})
	add(a, route{"endSignIns", http.MethodDelete, "/sign-ins", "End all sign-ins, and links that were not followed yet", tag, uses("EndSessions"), 0},
		func(ctx context.Context, in *ForPrincipal) (*None, error) {
			return nil, s.EndSessions(ctx, iam.Member(in.Principal))
		})
	add(a, route{"createSignInLink", http.MethodPost, "/principals/{member}/sign-in-link", "Make a link that signs a user in once", tag, uses("CreateLink"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			ByMember
			Body struct {
				Hours int `json:"hours,omitempty" minimum:"1" maximum:"168" doc:"How long it can be followed; absent: 24"`
			}
		}) (*Body[SignInLink], error) {
			hours := in.Body.Hours
			if hours == 0 {
				hours = 24
			}
			lifetime := time.Duration(hours) * time.Hour
			expires := time.Now().Add(lifetime).UTC().Truncate(time.Second)
			secret, err := s.CreateLink(ctx, in.member(), lifetime)
			return body(SignInLink{auth.LinkURL(secret), expires}), err
		})
	add(a, route{"createInvitation", http.MethodPost, "/resources/{id}/invitations", "Make a link that lets somebody in once who has no account yet, who is shared with", tag, uses("Invite"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				Address string `json:"address" maxLength:"320" doc:"A mail address"`
			}
		}) (*Body[SignInLink], error) {
			secret, expires, err := s.Invite(ctx, in.id(), iam.Member(string(iam.User)+":"+in.Body.Address))
			path := auth.LinkURL(secret) + "&next=" + url.QueryEscape(a.o.Base+"n/"+url.PathEscape(in.ID))
			return body(SignInLink{path, expires}), err
		})
	add(a, route{"setPassword", http.MethodPut, "/principals/{member}/password", "Set another user's password", tag, uses("SetPassword"), 0},
		func(ctx context.Context, in *struct {
			ByMember
			Body struct {
				Password string `json:"password" maxLength:"1024"`
			}
		}) (*None, error) {
			if in.member() == content.ActorFrom(ctx).Principal {
				return nil, &web.StatusError{Status: http.StatusForbidden, Text: "one's own password is changed at /v1/me/password, with the old one"}
			}
			hash, err := a.o.Passwords.Hash(ctx, in.Body.Password)
			if err != nil {
				return nil, err
			}
			return nil, s.SetPassword(ctx, in.member(), hash)
		})
	add(a, route{"changePassword", http.MethodPut, "/me/password", "Change one's own password", tag, uses("SetPassword"), 0},
		func(ctx context.Context, in *struct {
			Body struct {
				Current  string `json:"current,omitempty" maxLength:"1024" doc:"Absent where one had none"`
				Password string `json:"password" maxLength:"1024"`
			}
		}) (*None, error) {
			self, err := s.Me(ctx)
			if err != nil {
				return nil, err
			}
			old, err := s.PasswordHash(ctx, self.Member)
			if err != nil {
				return nil, err
			}
			if old != "" {
				ok, err := a.o.Passwords.Matches(ctx, in.Body.Current, old)
				if err != nil {
					return nil, err
				}
				if !ok {
					return nil, &web.StatusError{Status: http.StatusForbidden, Text: "the current password is another one"}
				}
			}
			hash, err := a.o.Passwords.Hash(ctx, in.Body.Password)
			if err != nil {
				return nil, err
			}
			return nil, s.SetPassword(ctx, "", hash)
		})
}
