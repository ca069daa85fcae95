package pages

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"crypto/rand"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// refuse answers where there is nothing to show. What is missing and what may not be seen is one and the same page, for
// everybody; who has not signed in does that first, in either case. Programs get a problem document.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	hidden := errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) || errors.Is(err, content.ErrUnauthenticated)
	if !hidden {
		return err
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		if content.ActorFrom(r.Context()).Principal == "" {
			return content.ErrUnauthenticated
		}
		return content.ErrNotFound
	}
	self := content.ActorFrom(r.Context()).Principal
	if self == "" {
		next := strings.TrimSuffix(p.o.Base, "/") + r.URL.EscapedPath()
		if r.URL.RawQuery != "" {
			next += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, p.o.Base+"signin?next="+url.QueryEscape(next), http.StatusSeeOther)
		return nil
	}
	return p.message(w, r, http.StatusNotFound, message{Self: self.Value(), Title: "This page is not here, or not for you",
		Text: "It may have been moved or deleted, or you may not be allowed to see it. If somebody sent you the address, you can ask for access.",
		Ask:  "n/" + url.PathEscape(r.PathValue("id")) + "/request"})
}

// message is a page that says one thing.
type message struct {
	Self, Title, Text string
	// Ask is where access is asked for, below the base path; empty where it is not.
	Ask string
	// Back is where to go from here, below the base path; empty for nowhere.
	Back string
	// Run is where it is run again, likewise.
	Run string
	// Password is where a link's password is sent, below the base path.
	Password string
	// Anywhere lets every site show the page within its own.
	Anywhere bool
	Nonce    string
}

func (p *Pages) message(w http.ResponseWriter, r *http.Request, status int, m message) error {
	m.Nonce = rand.Text()
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, "message.html", m); err != nil {
		return err
	}
	ancestors := ""
	if m.Anywhere {
		ancestors = "*"
	}
	p.protect(w, r, m.Nonce, "", ancestors)
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone
	return nil
}

func (p *Pages) tooLarge(w http.ResponseWriter, r *http.Request, v *view) error {
	return p.message(w, r, http.StatusOK, message{Self: v.Self, Title: v.Title,
		Text: "This document has more than 256 MB, which is the most that is shown. It can be downloaded: add /download to the address."})
}

// maxForm is the length of the longest form.
const maxForm = 16 << 10

// request asks for access. The answer is the same whether there is anything or not.
func (p *Pages) request(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "not a form"}
	}
	if err := p.o.Service.RequestAccess(r.Context(), content.ResourceID(r.PathValue("id")), iam.Viewer, r.PostForm.Get("message")); err != nil {
		return err
	}
	return p.message(w, r, http.StatusOK, message{Self: content.ActorFrom(r.Context()).Principal.Value(), Title: "Access requested",
		Text: "Whoever may share what stands at this address, if there is something, will see your request."})
}

// copy makes the reader a copy of their own, and leads to it.
func (p *Pages) copy(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), content.ResourceID(r.PathValue("id"))
	original, err := p.o.Service.Get(ctx, id)
	if err != nil {
		return p.refuse(w, r, err)
	}
	home, err := p.o.Service.Home(ctx)
	if err != nil {
		return err
	}
	which := content.RevisionID(r.URL.Query().Get("rev"))
	for n := range 50 {
		made, err := p.o.Service.Copy(ctx, id, home.ID, copyName(original.Name, n), which)
		if errors.Is(err, content.ErrExists) {
			continue
		}
		if err != nil {
			return err
		}
		http.Redirect(w, r, p.o.Base+"n/"+string(made.ID), http.StatusSeeOther)
		return nil
	}
	return content.ErrExists
}
