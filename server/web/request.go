package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/google/uuid"
)

// Request is what the server knows of the request it is answering, beside the request itself.
type Request struct {
	// ID names the request in logs, answers and the audit log.
	ID string
	// Address is the client's, past trusted proxies.
	Address string
	// Secure tells that the client came by TLS, here or at a trusted proxy.
	Secure bool
	// Host is the name the client used.
	Host string
	// Route is the pattern that answers; set by the Router.
	Route string
	// Principal is who asked; set by the code that checks credentials.
	Principal string
	// ByToken tells that the client proved who it is by a token of its own accord, not by a cookie that browsers add.
	ByToken bool
	// Failure is the error behind an answer of 500 or more, for the log.
	Failure error
}

type requestKey struct{}

// FromContext is the request that ctx belongs to. Outside of one it is a fresh value that nobody reads.
func FromContext(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &Request{}
}

// URL is where the client reaches a path of this server: scheme, host and path.
func (r *Request) URL(path string) string {
	scheme := "http://"
	if r.Secure {
		scheme = "https://"
	}
	return scheme + r.Host + path
}

// Proxies are the networks of proxies whose forwarding headers are believed.
type Proxies []netip.Prefix

// trusts reports whether an address is a trusted proxy's.
func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// Describe finds out who really sent a request. X-Forwarded-For is read from its right end for as long as the addresses
// are trusted: what stands further left, any client could have written.
func (p Proxies) Describe(r *http.Request) *Request {
	out := &Request{Host: r.Host, Secure: r.TLS != nil, Address: r.RemoteAddr}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		out.Address = peer.Addr().Unmap().String()
		if p.trusts(peer.Addr()) {
			p.forwarded(r, out)
		}
	}
	if out.ID == "" {
		id, _ := uuid.NewV7() // fails only where the system has no randomness, where nothing works
		out.ID = id.String()
	}
	return out
}

func (p Proxies) forwarded(r *http.Request, out *Request) {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		out.Address = a.Unmap().String()
		if !p.trusts(a) {
			break
		}
	}
	switch r.Header.Get("X-Forwarded-Proto") {
	case "https":
		out.Secure = true
	case "http":
		out.Secure = false
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" && !strings.ContainsAny(host, " ,/\\@") {
		out.Host = host
	}
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 100 && !strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		out.ID = id
	}
}
