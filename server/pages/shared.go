package pages

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sextant/content"
	"sextant/server/api"
	"sextant/server/web"
)

// EmbedToken signs that a link's document may be shown within the pages of the link's sites until a time.
func EmbedToken(key []byte, link string, expires time.Time) string {
	said := link + "." + strconv.FormatInt(expires.Unix(), 10)
	return said + "." + sign(key, "embed "+said)
}

// embedded gives the link that a token was made of, if the signature is right and its time has not come.
func embedded(key []byte, token string, now time.Time) (link string, ok bool) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 || !hmac.Equal([]byte(sign(key, "embed "+token[:at])), []byte(token[at+1:])) {
		return "", false
	}
	link, until, _ := strings.Cut(token[:at], ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	return link, err == nil && now.Before(time.Unix(seconds, 0))
}

func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// How those came who read by a link, in the keys of their renders: what lies beside the document is not theirs to see, and
// within an embed nothing leads to its whole, since an address without its signature opens nothing.
const (
	wayLink  = "link"
	wayEmbed = "embed"
	// wayJob is for a job's notebook.
	wayJob = "job"
)

// alone leaves out what a document refers to beside it.
func alone(ref string, _ bool) string {
	if u, err := url.Parse(ref); err == nil && (u.Scheme != "" || u.Host != "" || u.Path == "") {
		return ref
	}
	return ""
}

// gone is the one answer where a link opens nothing, whatever the reason.
func (p *Pages) gone(w http.ResponseWriter, r *http.Request) error {
	return p.message(w, r, http.StatusNotFound, message{Title: "This link opens nothing", Text: "It may have expired or been revoked. Ask whoever sent it to you for another."})
}

// find gives the link of an address, and whether its reader has given the password, if it wants one.
func (p *Pages) find(r *http.Request) (content.ShareLink, bool, error) {
	secret := r.PathValue("secret")
	if !strings.HasPrefix(secret, content.ShareLinkPrefix) {
		return content.ShareLink{}, false, content.ErrNotFound
	}
	l, err := p.o.Service.FindShareLink(r.Context(), secret)
	if err != nil {
		return l, false, err
	}
	if l.PasswordHash == "" {
		return l, true, nil
	}
	cookie, err := r.Cookie(cookieOf(l))
	return l, err == nil && hmac.Equal([]byte(cookie.Value), []byte(p.passed(l))), nil
}

func cookieOf(l content.ShareLink) string {
	return "sextant-link-" + strings.ReplaceAll(l.ID, "-", "")
}

// passed is the cookie of who has given a link's password. It ends with the link, and with the browser's session.
func (p *Pages) passed(l content.ShareLink) string {
	return sign(p.o.Key, "link "+l.ID+" "+l.PasswordHash)
}

// sharedPage answers with a document to whoever has the address of a link to it.
func (p *Pages) sharedPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the secret
	l, open, err := p.find(r)
	if errors.Is(err, content.ErrNotFound) {
		return p.gone(w, r)
	}
	if err != nil {
		return err
	}
	if !open {
		return p.message(w, r, http.StatusOK, message{Title: "This link has a password", Password: "s/" + r.PathValue("secret") + asking(r)})
	}
	if l.Shows != nil {
		return p.sharedResult(w, r, l)
	}
	ask := asked{id: l.ResourceID, all: r.URL.Query().Get("all") == "1", code: r.URL.Query().Get("code") == "1"}
	there := p.o.Base + "s/" + url.PathEscape(r.PathValue("secret"))
	return p.showShared(w, r, l, ask, "", shown{way: wayLink, all: ask.whole(), head: "shared.html", tail: "sharedtail.html", discover: p.discovery(r), frame: p.o.Base + "frame/output", rich: there + "/rich/", query: ask.query()})
}

// showShared answers with a link's document.
func (p *Pages) showShared(w http.ResponseWriter, r *http.Request, l content.ShareLink, ask asked, theme string, d shown) error {
	reading, err := handed(r.Context(), func(ctx context.Context) (*content.Reading, error) {
		got, _, err := p.o.Service.ReadShared(ctx, l.ID)
		return got, err
	})
	if errors.Is(err, content.ErrNotFound) {
		return p.gone(w, r)
	}
	if err != nil {
		return err
	}
	fold := ask
	fold.code = !ask.code
	v := &view{ID: string(ask.id), Discover: d.discover, Title: strings.TrimSuffix(reading.Resource.Name, ".ipynb"), Type: string(reading.Resource.Type), Resource: reading.Resource, Revision: reading.Revision,
		Description: reading.Resource.Description, Code: ask.code, All: ask.all, Theme: theme, Look: look(l.Look), Brand: l.Look.Name, Logo: template.URL(l.Look.Logo), By: l.CreatedBy.Value(),
		Query: map[string]string{"code": fold.query(), "all": ask.whole(), "html": ask.with("as", "html")}}
	d.ask, d.given, d.links = ask, reading, alone
	d.again = func(ctx context.Context) (*content.Reading, error) {
		again, _, err := p.o.Service.ReadShared(ctx, l.ID)
		if err == nil && again.Revision.ID != reading.Revision.ID {
			_ = again.Body.Close()
			err = content.ErrRetry // it was saved meanwhile
		}
		return again, err
	}
	return p.respond(w, r, v, d)
}

// look is a link's custom properties as the rule of a style element. content.Service let nothing else through than names
// and plain values.
func look(l content.Look) template.CSS {
	if len(l.Properties) == 0 {
		return ""
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l.Properties)) {
		fmt.Fprintf(&b, "--%s:%s;", name, l.Properties[name])
	}
	return template.CSS(":root{" + b.String() + "}")
}

// sharedPassword takes a link's password, and leads to its page.
func (p *Pages) sharedPassword(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "not a form"}
	}
	l, _, err := p.find(r)
	if errors.Is(err, content.ErrNotFound) {
		return p.gone(w, r)
	}
	if err != nil {
		return err
	}
	if wait, ok := p.attempts.Allow(l.ID); !ok {
		return &web.StatusError{Status: http.StatusTooManyRequests, Text: "too many attempts; try again in a while", RetryAfter: wait}
	}
	matches, err := p.o.Passwords.Matches(r.Context(), r.PostForm.Get("password"), l.PasswordHash)
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	if !matches {
		return p.message(w, r, http.StatusForbidden, message{Title: "This link has a password", Text: "That was not it.", Password: "s/" + r.PathValue("secret") + asking(r)})
	}
	p.attempts.Credit(l.ID)
	there := p.o.Base + "s/" + url.PathEscape(r.PathValue("secret"))
	http.SetCookie(w, &http.Cookie{Name: cookieOf(l), Value: p.passed(l), Path: there, HttpOnly: true, Secure: web.FromContext(r.Context()).Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, there+asking(r), http.StatusSeeOther)
	return nil
}

// asking is the query of a request's address.
func asking(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}

// opened gives the link of an address that is open, or the error that says it is not.
func (p *Pages) opened(r *http.Request) (content.ShareLink, error) {
	l, open, err := p.find(r)
	if err == nil && !open {
		err = content.ErrNotFound
	}
	return l, err
}

func (p *Pages) sharedRich(w http.ResponseWriter, r *http.Request) error {
	l, err := p.opened(r)
	if err != nil {
		return err
	}
	return p.sharedOutput(w, r, l, wayLink)
}

func (p *Pages) sharedOutput(w http.ResponseWriter, r *http.Request, l content.ShareLink, way string) error {
	reading, _, err := p.o.Service.ReadShared(r.Context(), l.ID)
	if err != nil {
		return err
	}
	_ = reading.Body.Close() // what is wanted was read before
	ask := asked{id: l.ResourceID, all: r.URL.Query().Get("all") == "1", code: r.URL.Query().Get("code") == "1"}
	return p.sendRich(w, r, p.key(ask, reading.Revision, way))
}

// sharedDownload sends a link's document as it is stored, or as a page that needs no other.
func (p *Pages) sharedDownload(w http.ResponseWriter, r *http.Request) error {
	l, err := p.opened(r)
	if errors.Is(err, content.ErrNotFound) {
		return p.gone(w, r)
	}
	if err != nil {
		return err
	}
	if reader, err := p.linkedResult(l); err == nil {
		return api.SendResult(reader, l.Shows.Result, w, r)
	}
	reading, _, err := p.o.Service.ReadShared(r.Context(), l.ID)
	if errors.Is(err, content.ErrNotFound) {
		return p.gone(w, r)
	}
	if err != nil {
		return err
	}
	defer func() { _ = reading.Body.Close() }() // it only releases
	return p.sendFile(w, r, reading, r.URL.Query().Get("as"), false)
}

// embed answers with a document for a frame within another site's page.
func (p *Pages) embed(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	q := r.URL.Query()
	l, ancestors, err := p.signed(r)
	if err != nil && !errors.Is(err, content.ErrNotFound) {
		return err
	}
	if err != nil || string(l.ResourceID) != r.PathValue("id") {
		w.Header().Del("X-Frame-Options") // whoever shows nothing may do so anywhere
		return p.message(w, r, http.StatusNotFound, message{Title: "This page cannot be shown", Text: "Its address has run out. Load the page around it again.", Anywhere: true})
	}
	w.Header().Del("X-Frame-Options") // frame-ancestors says which sites may
	theme := q.Get("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	ask := asked{id: l.ResourceID, all: q.Get("all") == "1", code: q.Get("code") == "1"}
	query := "?" + url.Values{"t": {q.Get("t")}}.Encode() + "&" + strings.TrimPrefix(ask.query(), "?")
	return p.showShared(w, r, l, ask, theme, shown{way: wayEmbed, head: "embed.html", tail: "embedtail.html", frame: p.o.Base + "embed/frame/output?" + url.Values{"t": {q.Get("t")}}.Encode(),
		rich: p.o.Base + "embed/n/" + url.PathEscape(string(l.ResourceID)) + "/rich/", query: query, ancestors: ancestors})
}

// signed is the link of a signed address, with the sites that may show it, if it still opens.
func (p *Pages) signed(r *http.Request) (content.ShareLink, string, error) {
	id, ok := embedded(p.o.Key, r.URL.Query().Get("t"), p.o.Now())
	if !ok {
		return content.ShareLink{}, "", content.ErrNotFound
	}
	l, err := p.o.Service.OpenShareLink(r.Context(), id)
	return l, strings.Join(append([]string{"'self'"}, l.Origins...), " "), err
}

func (p *Pages) embedRich(w http.ResponseWriter, r *http.Request) error {
	l, _, err := p.signed(r)
	if err == nil && string(l.ResourceID) != r.PathValue("id") {
		err = content.ErrNotFound
	}
	if err != nil {
		return err
	}
	return p.sharedOutput(w, r, l, wayEmbed)
}

// embedFrame answers with the frame of interactive outputs, for a page that is itself within another site's.
func (p *Pages) embedFrame(w http.ResponseWriter, r *http.Request) error {
	_, ancestors, err := p.signed(r)
	if err != nil {
		return err
	}
	return p.sendFrame(w, r, ancestors)
}
