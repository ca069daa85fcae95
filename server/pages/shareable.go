package pages

import (
	"errors"
	"net/http"
	"net/url"

	"sextant/content"
)

// ShareURL is, below the server's base, what JupyterLab's shareable links begin with: then the front end's mode, "tree" and the
// path of a document, as whoever copied the link sees it.
const ShareURL = "open"

// shareable leads from a link that JupyterLab made to the page of its document: who reads needs no session.
func (p *Pages) shareable(w http.ResponseWriter, r *http.Request) error {
	self := content.ActorFrom(r.Context()).Principal
	if self == "" {
		return p.refuse(w, r, content.ErrUnauthenticated)
	}
	found, err := p.o.FromLab(r.Context(), r.PathValue("path"))
	if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) {
		return p.message(w, r, http.StatusNotFound, message{Self: self.Value(), Title: "This page is not here, or not for you",
			Text: "The link was copied in JupyterLab. Ask whoever sent it to share the document with you; where others had shared it with them, ask for the address of its page instead."})
	}
	if err != nil {
		return err
	}
	id := string(found.ID)
	if found.ID == content.RootID {
		id = "root"
	}
	http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
