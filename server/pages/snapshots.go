package pages

import (
	"net/http"
	"net/url"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/result"
	"sextant/server/web"
)

// shownSnapshot is a snapshot on a result's page: Address is what it shows, Delete where it is deleted; empty for who may not.
type shownSnapshot struct {
	content.Snapshot
	Address, Delete string
	Here            bool
}

// snapshots finds the snapshots of the result that a page shows.
func (p *Pages) snapshots(r *http.Request, there string, out *shownResult) error {
	all, err := p.o.Service.Snapshots(r.Context(), out.Result.ID)
	if err != nil {
		return err
	}
	makers := []iam.Member{out.Result.Principal}
	for _, s := range all {
		makers = append(makers, s.Principal)
	}
	if err := p.call(r.Context(), out.Names, makers...); err != nil {
		return err
	}
	self := content.ActorFrom(r.Context()).Principal
	now := out.Query.Values().Encode()
	for _, s := range all {
		one := shownSnapshot{Snapshot: s, Address: there, Here: s.Query == now}
		if s.Query != "" {
			one.Address += "?" + s.Query
		}
		if s.Principal == self || out.May["documents.update"] {
			one.Delete = there + "/snapshots/" + url.PathEscape(s.ID) + "/delete"
		}
		out.Snapshots = append(out.Snapshots, one)
	}
	return nil
}

// saveSnapshot keeps the view of a result that its page shows, and leads back to it.
func (p *Pages) saveSnapshot(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "not a form"}
	}
	v, err := url.ParseQuery(r.PostForm.Get("query"))
	if err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "the query cannot be read"}
	}
	q, err := result.Parse(v)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if _, err := p.o.Service.CreateSnapshot(r.Context(), content.Snapshot{Result: id, Name: r.PostForm.Get("name"), Query: q.Values().Encode()}); err != nil {
		return p.refuseResult(w, r, err)
	}
	http.Redirect(w, r, address(p.o.Base+"r/"+url.PathEscape(id), q), http.StatusSeeOther)
	return nil
}

// deleteSnapshot takes a snapshot away, and leads back to its result.
func (p *Pages) deleteSnapshot(w http.ResponseWriter, r *http.Request) error {
	if err := p.o.Service.DeleteSnapshot(r.Context(), r.PathValue("snapshot")); err != nil {
		return p.refuseResult(w, r, err)
	}
	http.Redirect(w, r, p.o.Base+"r/"+url.PathEscape(r.PathValue("id")), http.StatusSeeOther)
	return nil
}
