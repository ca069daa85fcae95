package pages

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sextant/content"
	"sextant/server/web"
)

// oembed is an answer of the oEmbed protocol, 1.0 (https://oembed.com).
type oembed struct {
	Version      string `json:"version"`
	Type         string `json:"type"`
	Title        string `json:"title"`
	ProviderName string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	CacheAge     int    `json:"cache_age"`
	HTML         string `json:"html,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
}

// The size of a frame, in pixels, where whoever asks wants no smaller one; and how long it opens where its link has no end.
const (
	oembedWidth  = 800
	oembedHeight = 600
	oembedLife   = 365 * 24 * time.Hour
)

// oEmbed tells sites how to show what a share link opens, of which they know the address: within a frame where the link names
// sites that may, else by its title. Whatever else is asked about is not there, as far as anybody learns here.
func (p *Pages) oEmbed(w http.ResponseWriter, r *http.Request) error {
	q, request := r.URL.Query(), web.FromContext(r.Context())
	if f := q.Get("format"); f != "" && f != "json" {
		return &web.StatusError{Status: http.StatusNotImplemented, Text: "the format is json"}
	}
	secret, ok := strings.CutPrefix(q.Get("url"), request.URL(p.o.Base+"s/"))
	secret, _, _ = strings.Cut(secret, "?")
	secret, _, _ = strings.Cut(secret, "#")
	if !ok || !strings.HasPrefix(secret, content.ShareLinkPrefix) {
		return content.ErrNotFound
	}
	l, err := p.o.Service.FindShareLink(r.Context(), secret)
	if err != nil {
		return err
	}
	if l.PasswordHash != "" {
		return &web.StatusError{Status: http.StatusUnauthorized, Text: "the link has a password"}
	}
	out := oembed{Version: "1.0", Type: "link", Title: "Result", ProviderName: l.Look.Name, ProviderURL: request.URL(p.o.Base), CacheAge: 3600}
	if out.ProviderName == "" {
		out.ProviderName = "Sextant"
	}
	until := l.Expires
	if until.IsZero() {
		until = p.o.Now().Add(oembedLife)
	}
	address := "embed/n/" + url.PathEscape(string(l.ResourceID)) + "?t=" + url.QueryEscape(EmbedToken(p.o.Key, l.ID, until))
	if l.Shows != nil {
		scope, err := scopeOf(*l.Shows)
		if err != nil {
			return content.ErrNotFound
		}
		address = "embed/r/" + url.PathEscape(l.Shows.Result) + "?t=" + url.QueryEscape(EmbedResultToken(p.o.Key, l.ID, until, l.Shows.Result, scope))
	} else {
		reading, _, err := p.o.Service.ReadShared(r.Context(), l.ID)
		if err != nil {
			return err
		}
		_ = reading.Body.Close() // its name is enough
		out.Title = strings.TrimSuffix(reading.Resource.Name, ".ipynb")
	}
	if len(l.Origins) > 0 {
		out.Type = "rich"
		if out.Width, err = sizeWithin(q.Get("maxwidth"), oembedWidth); err == nil {
			out.Height, err = sizeWithin(q.Get("maxheight"), oembedHeight)
		}
		if err != nil {
			return err
		}
		out.HTML = fmt.Sprintf(`<iframe src="%s" title="%s" width="%d" height="%d" loading="lazy" style="border: 0"></iframe>`,
			template.HTMLEscapeString(request.URL(p.o.Base+address)), template.HTMLEscapeString(out.Title), out.Width, out.Height)
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Access-Control-Allow-Origin", "*") // the address of the link is all that it takes
	_, _ = w.Write(text)                      // the client is gone
	return nil
}

// discovery is where whoever fetches a link's page finds its oEmbed.
func (p *Pages) discovery(r *http.Request) string {
	request := web.FromContext(r.Context())
	here := request.URL(p.o.Base + "s/" + url.PathEscape(r.PathValue("secret")))
	return request.URL(p.o.Base + "oembed?" + url.Values{"url": {here}}.Encode())
}

// sizeWithin is a size that is at most what somebody asks for.
func sizeWithin(asked string, usual int) (int, error) {
	if asked == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(asked)
	if err != nil || n < 1 {
		return 0, &web.StatusError{Status: http.StatusBadRequest, Text: "maxwidth and maxheight are numbers of pixels"}
	}
	return min(n, usual), nil
}
