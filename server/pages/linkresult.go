package pages

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"sextant/content"
	"sextant/content/result"
	"sextant/server/api"
	"sextant/server/web"
	"sextant/sessions/results"
)

// scoped is a page of what is seen of a result by who has not signed in. Whatever its address asks for is asked within that.
type scoped struct {
	reader *results.Reader
	id     string
	// there is the page's address; keep are fields that all addresses of it have.
	there string
	keep  url.Values
	link  content.ShareLink
	theme string
	// framed is a page within another site's, of those in ancestors.
	framed    bool
	ancestors string
	// refuse answers where there is nothing to show.
	refuse func() error
}

func (p *Pages) showScoped(w http.ResponseWriter, r *http.Request, s scoped) error {
	ctx := r.Context()
	stored, err := s.reader.Known(ctx, s.id)
	if err != nil {
		return s.refuse()
	}
	out := &shownResult{view: &view{Theme: s.theme, Look: look(s.link.Look), Brand: s.link.Look.Name, Logo: template.URL(s.link.Look.Logo), By: s.link.CreatedBy.Value()},
		Result: stored, Scoped: true, Embedded: s.framed, keep: s.keep, Pages: map[string]string{}}
	out.Plain = out.address(s.there, result.Query{})
	asked, err := askedOfResult(r.URL.Query())
	status := http.StatusOK
	var page *results.Page
	if err == nil {
		out.Query = asked
		page, err = s.reader.Page(ctx, s.id, asked)
	}
	if err != nil {
		if status, out.Note = told(err); out.Note == "" {
			if hidden(err) {
				return s.refuse()
			}
			return err
		}
		page = &results.Page{Result: stored}
	}
	out.fill(s.there, page)
	out.grid(s.there+"/arrow", page)
	w.Header().Set("Cache-Control", "private, no-store")
	out.Nonce = p.nonce("")
	return p.showFramed(w, r, status, "result.html", out, out.Nonce, s.ancestors)
}

// scopeOf is what is seen of a result.
func scopeOf(shows content.ResultView) (result.Scope, error) {
	q, err := result.Parse(url.Values{"where": shows.Where})
	return result.Scope{Where: q.Where, Columns: shows.Columns}, err
}

// linkedResult is what of a result a link shows, once it is open.
func (p *Pages) linkedResult(l content.ShareLink) (*results.Reader, error) {
	if l.Shows == nil || p.o.Results == nil {
		return nil, content.ErrNotFound
	}
	scope, err := scopeOf(*l.Shows)
	if err != nil {
		return nil, content.ErrNotFound
	}
	return p.o.Results.Shared(l.ID, scope), nil
}

// sharedResult answers with what a link shows of a result.
func (p *Pages) sharedResult(w http.ResponseWriter, r *http.Request, l content.ShareLink) error {
	refuse := func() error { return p.gone(w, r) }
	reader, err := p.linkedResult(l)
	if err != nil {
		return refuse()
	}
	return p.showScoped(w, r, scoped{reader: reader, id: l.Shows.Result, there: p.o.Base + "s/" + url.PathEscape(r.PathValue("secret")), link: l, refuse: refuse})
}

// sharedArrow sends rows of what a link shows of a result.
func (p *Pages) sharedArrow(w http.ResponseWriter, r *http.Request) error {
	l, err := p.opened(r)
	if err != nil {
		return err
	}
	reader, err := p.linkedResult(l)
	if err != nil {
		return err
	}
	return api.SendArrow(reader, l.Shows.Result, w, r)
}

// makeResultLink makes a link to what the address shows of a result: rows for which its conditions hold, without the columns that
// are left out.
func (p *Pages) makeResultLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	ctx, id, f := r.Context(), r.PathValue("id"), r.PostForm
	stored, err := p.o.Service.Result(ctx, id)
	if err != nil {
		return p.refuseResult(w, r, err)
	}
	q, err := askedOfResult(r.URL.Query())
	if err != nil {
		return err
	}
	scope := result.Scope{Where: q.Where, Columns: leaving(len(stored.Columns), f["leave"])}
	if _, _, err := scope.Bind(stored.Columns); err != nil {
		return err
	}
	end, err := day(f.Get("until"), p.o.Now())
	if err != nil {
		return err
	}
	where, _ := scope.Texts()
	l := content.ShareLink{ResourceID: stored.Document, Title: f.Get("title"), Expires: end, Shows: &content.ResultView{Result: stored.ID, Where: where, Columns: scope.Columns}}
	if l.PasswordHash, err = p.linkPassword(ctx, l.ResourceID, f.Get("password")); err != nil {
		return p.refuseResult(w, r, err)
	}
	secret, _, err := p.o.Service.CreateShareLink(ctx, l)
	if err != nil {
		return p.refuseResult(w, r, err)
	}
	// The link opens in the order and groups that are shown now, unless its columns have other numbers.
	begin := q
	begin.Where = nil
	if scope.Columns != nil {
		begin = result.Query{Search: q.Search}
	}
	return p.showResult(w, r, address(web.FromContext(ctx).URL(p.o.Base+"s/"+secret), begin))
}

// leaving are the numbers of so many columns but for those that are left out; nil where none is.
func leaving(columns int, left []string) []int {
	if len(left) == 0 {
		return nil
	}
	out := []int{}
	for n := range columns {
		if !slices.Contains(left, strconv.Itoa(n)) {
			out = append(out, n)
		}
	}
	return out
}
