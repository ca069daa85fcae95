package auth

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"sextant/content/iam"
)

// Provider is an OpenID Connect provider that people sign in by.
type Provider struct {
	// Name is in addresses: letters, digits and dashes. The redirect address to register is BASE/signin/oidc/NAME/callback.
	Name string `toml:"name"`
	// Title is on the button; empty is Name.
	Title    string `toml:"title"`
	Issuer   string `toml:"issuer"`
	ClientID string `toml:"client-id"`
	// ClientSecret is empty for a public client.
	ClientSecret string `toml:"client-secret"`
	// Scopes are asked for; empty is openid, email, profile.
	Scopes []string `toml:"scopes"`
	// GroupsClaim names the claim that lists groups; empty leaves groups alone. "finance" in it is group:finance, or
	// group:finance@GroupsDomain where that is set.
	GroupsClaim  string `toml:"groups-claim"`
	GroupsDomain string `toml:"groups-domain"`
	// Domains are the mail domains let in; empty lets in whom the provider lets in.
	Domains []string `toml:"domains"`
	// TrustEmail takes addresses that the provider does not call verified.
	TrustEmail bool `toml:"trust-email"`
}

// Check tells what is wrong with a provider's configuration.
func (p *Provider) Check() error {
	bad := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	if p.Name == "" || strings.ContainsFunc(p.Name, bad) {
		return fmt.Errorf("provider name %q: want lower-case letters, digits and dashes", p.Name)
	}
	issuer, err := url.Parse(p.Issuer)
	if err != nil || issuer.Host == "" || issuer.Scheme != "https" && !isLoopback(issuer.Hostname()) {
		return fmt.Errorf("provider %s: issuer %q: want an https address", p.Name, p.Issuer)
	}
	if p.ClientID == "" {
		return fmt.Errorf("provider %s: no client-id", p.Name)
	}
	if p.Title == "" {
		p.Title = p.Name
	}
	if len(p.Scopes) == 0 {
		p.Scopes = []string{oidc.ScopeOpenID, "email", "profile"}
	}
	if !slices.Contains(p.Scopes, oidc.ScopeOpenID) {
		return fmt.Errorf("provider %s: scopes lack %q", p.Name, oidc.ScopeOpenID)
	}
	return nil
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// retryDiscovery is how long a provider that did not answer is left alone.
const retryDiscovery = 5 * time.Second

// provider is one whose endpoints are looked up when they are first needed.
type provider struct {
	Provider
	now func() time.Time

	mu     sync.Mutex
	found  *oidc.Provider
	failed time.Time
	err    error
}

// discovered looks the provider's endpoints and keys up, once.
func (p *provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if p.err != nil && p.now().Sub(p.failed) < retryDiscovery {
		return nil, p.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		p.failed, p.err = p.now(), fmt.Errorf("provider %s: discovery: %w", p.Name, err)
		return nil, p.err
	}
	p.found = found
	return found, nil
}

// claims is what is read of an ID token or of the user info.
type claims struct {
	Email         string `json:"email"`
	EmailVerified any    `json:"email_verified"` // some providers send "true"
	Name          string `json:"name"`
}

// member is who the claims name, if the provider's rules let them in.
func (p *Provider) member(c claims) (iam.Member, error) {
	verified := c.EmailVerified == true || c.EmailVerified == "true" || p.TrustEmail
	m, err := iam.ParseMember("user:" + c.Email)
	if err != nil || !strings.Contains(c.Email, "@") {
		return "", fmt.Errorf("the provider tells no mail address")
	}
	if !verified {
		return "", fmt.Errorf("the provider has not verified the address %s", m.Value())
	}
	_, domain, _ := strings.Cut(m.Value(), "@")
	if len(p.Domains) > 0 && !slices.ContainsFunc(p.Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
		return "", fmt.Errorf("addresses of %s are not let in", domain)
	}
	return m, nil
}

// groups reads the claim that lists groups. What cannot be a group's name here is left out.
func (p *Provider) groups(all map[string]any) []iam.Member {
	if p.GroupsClaim == "" {
		return nil
	}
	out := []iam.Member{}
	listed, _ := all[p.GroupsClaim].([]any)
	if one, ok := all[p.GroupsClaim].(string); ok {
		listed = []any{one}
	}
	for _, g := range listed {
		name, ok := g.(string)
		if !ok {
			continue
		}
		if p.GroupsDomain != "" && !strings.Contains(name, "@") {
			name += "@" + p.GroupsDomain
		}
		if m, err := iam.ParseMember("group:" + strings.ReplaceAll(strings.Trim(name, "/"), "/", ".")); err == nil {
			out = append(out, m)
		}
	}
	return out
}
