package pages

import (
	"bytes"
	"net/http"
	"net/url"

	"sextant/content"
	"sextant/content/iam"
)

// historyPage lists revisions.
type historyPage struct {
	*view
	Revisions []content.Revision
	Named     bool
	NextPage  string
}

// history answers with a document's revisions, newest first; named=1 leaves only checkpoints.
func (p *Pages) history(w http.ResponseWriter, r *http.Request) error {
	ctx, ask := r.Context(), askedOf(r)
	q := r.URL.Query()
	named := q.Get("named") == "1"
	found, err := p.o.Service.History(ctx, ask.id, named, content.PageRequest{Size: 100, Token: q.Get("page")})
	if err != nil {
		return p.refuse(w, r, err)
	}
	v, err := p.around(r, ask)
	if err != nil {
		return p.refuse(w, r, err)
	}
	var authors []iam.Member
	for _, r := range found.Items {
		authors = append(authors, r.Author)
	}
	if err := p.call(ctx, v.Names, authors...); err != nil {
		return err
	}
	out := historyPage{v, found.Items, named, ""}
	if found.Next != "" {
		next := url.Values{"page": {found.Next}}
		if named {
			next.Set("named", "1")
		}
		out.NextPage = "?" + next.Encode()
	}
	return p.show(w, r, "history.html", out, v)
}

// around is what a page about a document shows besides.
func (p *Pages) around(r *http.Request, ask asked) (*view, error) {
	ctx := r.Context()
	resource, err := p.o.Service.Get(ctx, ask.id)
	if err != nil {
		return nil, err
	}
	revision, err := p.o.Service.Revision(ctx, ask.id, resource.Head)
	if err != nil {
		return nil, err
	}
	return p.view(ctx, ask, &content.Reading{Resource: resource, Revision: revision})
}

// show answers with a page that is not kept.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, template string, data any, v *view) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.showStatus(w, r, http.StatusOK, template, data, v)
}

func (p *Pages) showStatus(w http.ResponseWriter, r *http.Request, status int, template string, data any, v *view) error {
	v.Nonce = p.nonce(string(v.Revision.ID))
	return p.showFramed(w, r, status, template, data, v.Nonce, "")
}

// showFramed shows a page that the sites in ancestors may show within theirs; empty: none.
func (p *Pages) showFramed(w http.ResponseWriter, r *http.Request, status int, template string, data any, nonce, ancestors string) error {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, template, data); err != nil {
		return err
	}
	p.protect(w, r, nonce, "", ancestors)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone
	return nil
}

// restore saves an old revision's content as the newest, and leads to it.
func (p *Pages) restore(w http.ResponseWriter, r *http.Request) error {
	ctx, ask := r.Context(), askedOf(r)
	base := content.RevisionID(r.URL.Query().Get("base"))
	if _, _, err := p.o.Service.RestoreRevision(ctx, ask.id, ask.revision, base); err != nil {
		return err
	}
	http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(string(ask.id)), http.StatusSeeOther)
	return nil
}

// compare leads from a choice of two revisions to their comparison.
func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(r.PathValue("id"))+"/diff/"+url.PathEscape(q.Get("from"))+".."+url.PathEscape(q.Get("to")), http.StatusSeeOther)
	return nil
}
