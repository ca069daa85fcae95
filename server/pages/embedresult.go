package pages

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/result"
	"sextant/server/api"
	"sextant/sessions/results"
)

// bound is what the token of an embedded result says, signed: of which link, until when, and what of which result is seen.
type bound struct {
	Link    string   `json:"l"`
	Until   int64    `json:"u"`
	Result  string   `json:"r"`
	Where   []string `json:"w,omitempty"`
	Columns []int    `json:"c,omitempty"`
}

// EmbedResultToken signs that what a scope leaves of a result of a link's document may be shown within the pages of the link's
// sites until a time.
func EmbedResultToken(key []byte, link string, expires time.Time, id string, scope result.Scope) string {
	where, _ := scope.Texts()
	text, err := json.Marshal(bound{link, expires.Unix(), id, where, scope.Columns})
	if err != nil {
		panic(err) // it is strings and numbers
	}
	said := base64.RawURLEncoding.EncodeToString(text)
	return said + "." + sign(key, "embed result "+said)
}

// embeddedResult gives what a token says, if the signature is right and its time has not come.
func embeddedResult(key []byte, token string, now time.Time) (b bound, scope result.Scope, ok bool) {
	said, mac, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(sign(key, "embed result "+said)), []byte(mac)) {
		return b, scope, false
	}
	text, err := base64.RawURLEncoding.DecodeString(said)
	if err != nil || json.Unmarshal(text, &b) != nil || !now.Before(time.Unix(b.Until, 0)) {
		return b, scope, false
	}
	scope, err = scopeOf(content.ResultView{Result: b.Result, Where: b.Where, Columns: b.Columns})
	return b, scope, err == nil
}

// signedResult is a reader of what a signed address shows of its result, with the sites that may show it.
func (p *Pages) signedResult(r *http.Request) (*results.Reader, content.ShareLink, string, error) {
	b, scope, ok := embeddedResult(p.o.Key, r.URL.Query().Get("t"), p.o.Now())
	if !ok || b.Result != r.PathValue("id") {
		return nil, content.ShareLink{}, "", content.ErrNotFound
	}
	l, err := p.o.Service.OpenShareLink(r.Context(), b.Link)
	if err == nil && len(l.Origins) == 0 {
		err = content.ErrNotFound
	}
	if err != nil {
		return nil, l, "", err
	}
	return p.o.Results.Shared(b.Link, scope), l, strings.Join(append([]string{"'self'"}, l.Origins...), " "), nil
}

// embedResult answers with what a token leaves of a result, for a frame within another site's page.
func (p *Pages) embedResult(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Del("X-Frame-Options") // frame-ancestors says which sites may
	refuse := func() error {
		return p.message(w, r, http.StatusNotFound, message{Title: "This page cannot be shown", Text: "Its address has run out. Load the page around it again.", Anywhere: true})
	}
	reader, l, ancestors, err := p.signedResult(r)
	if err != nil {
		return refuse()
	}
	id, v := r.PathValue("id"), r.URL.Query()
	keep, theme := url.Values{"t": {v.Get("t")}}, themeOf(v.Get("theme"))
	if theme != "" {
		keep.Set("theme", theme)
	}
	return p.showScoped(w, r, scoped{reader: reader, id: id, there: p.o.Base + "embed/r/" + url.PathEscape(id), keep: keep, link: l, theme: theme, framed: true, ancestors: ancestors, refuse: refuse})
}

func themeOf(asked string) string {
	if asked == "light" || asked == "dark" {
		return asked
	}
	return ""
}

// embedResultDownload sends what a token leaves of a result, as a file.
func (p *Pages) embedResultDownload(w http.ResponseWriter, r *http.Request) error {
	reader, _, _, err := p.signedResult(r)
	if err != nil {
		return content.ErrNotFound
	}
	return api.SendResult(reader, r.PathValue("id"), w, r)
}

// embedResultArrow sends rows of it.
func (p *Pages) embedResultArrow(w http.ResponseWriter, r *http.Request) error {
	reader, _, _, err := p.signedResult(r)
	if err != nil {
		return content.ErrNotFound
	}
	return api.SendArrow(reader, r.PathValue("id"), w, r)
}
