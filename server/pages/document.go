package pages

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/iam"
	"sextant/content/notebook"
	"sextant/content/render"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/results"
)

// MaxRendered is the length in bytes of the longest document that is shown; longer ones can be downloaded.
const MaxRendered = 256 << 20

// asked is which view of a document is wanted.
type asked struct {
	id       content.ResourceID
	revision content.RevisionID
	// all shows what is usually cut, code the code of cells that ran.
	all, code bool
}

func askedOf(r *http.Request) asked {
	q := r.URL.Query()
	id := content.ResourceID(r.PathValue("id"))
	if id == "root" {
		id = content.RootID
	}
	return asked{id, content.RevisionID(q.Get("rev")), q.Get("all") == "1", q.Get("code") == "1"}
}

// query is what leads from the document's address to this view.
func (a asked) query() string { return a.with("", "") }

// whole is what leads to all of the document.
func (a asked) whole() string {
	a.all = true
	return a.query()
}

// with is query with one more field.
func (a asked) with(name, value string) string {
	q := url.Values{}
	if name != "" {
		q.Set(name, value)
	}
	if a.revision != "" {
		q.Set("rev", string(a.revision))
	}
	if a.all {
		q.Set("all", "1")
	}
	if a.code {
		q.Set("code", "1")
	}
	return "?" + q.Encode()
}

// view is what a page shows besides the document itself.
type view struct {
	ID, Title, Name, Type, Description string
	Tags                               []string
	Trail                              []content.Place
	Resource                           content.Resource
	Revision                           content.Revision
	Facts                              Facts
	// Self is who reads; empty for somebody who has not signed in.
	Self, Next string
	// Names are those of the people on the page.
	Names names
	// May tells what they may do.
	May map[string]bool
	// Lab is where the document opens in JupyterLab; empty where it does not.
	Lab string
	// Theme is light or dark, where the page is not as its reader's system; Look are custom properties of the page, Brand and
	// Logo stand at its top, By is who shares it: for those who came by a link.
	Theme     string
	Look      template.CSS
	Brand, By string
	Logo      template.URL
	// Discover is where the page's oEmbed is; empty: it has none.
	Discover string
	// Job is what the page is about, where it is a job's; CanRun tells that there are kernels to run documents in.
	Job    *content.Job
	CanRun bool
	price  sessions.Price
	// Old tells that there is a newer revision.
	Old, Code, All bool
	Query          map[string]string
	Nonce          string
}

// buttons are the permissions that a page's buttons depend on.
var buttons = []iam.Permission{iam.DocumentsUpdate, iam.DocumentsExecute, iam.RevisionsList, iam.ResourcesSetIamPolicy}

// openLab leads to a document or folder in JupyterLab, wherever it stands there for whoever asks.
func (p *Pages) openLab(w http.ResponseWriter, r *http.Request) error {
	if content.ActorFrom(r.Context()).Principal == "" {
		return p.refuse(w, r, content.ErrUnauthenticated)
	}
	path, err := p.o.Lab(r.Context(), askedOf(r).id)
	if err != nil {
		return p.refuse(w, r, err)
	}
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = url.PathEscape(name)
	}
	http.Redirect(w, r, p.o.Base+"lab/tree/"+strings.Join(names, "/"), http.StatusSeeOther)
	return nil
}

// document answers with the page of one document.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	ctx, ask := r.Context(), askedOf(r)
	given, err := handed(ctx, func(ctx context.Context) (*content.Reading, error) {
		return p.o.Service.Read(ctx, ask.id, content.ReadOptions{Revision: ask.revision})
	})
	if errors.Is(err, content.ErrNotFound) && ask.revision == "" {
		if folder, err := p.o.Service.Get(ctx, ask.id); err == nil && folder.Type == content.Folder {
			return p.folder(w, r, ask, folder)
		}
	}
	if err != nil {
		return p.refuse(w, r, err)
	}
	v, err := p.view(ctx, ask, given.Reading)
	if err != nil {
		given.drop()
		return p.refuse(w, r, err)
	}
	return p.respond(w, r, v, shown{ask: ask, given: given, all: ask.whole(), links: p.toResults(ctx, ask.id, links(ask)), head: "head.html", tail: "tail.html", frame: p.o.Base + "frame/output",
		rich: p.o.Base + "n/" + url.PathEscape(string(ask.id)) + "/rich/", query: ask.query(),
		again: func(ctx context.Context) (*content.Reading, error) {
			return p.o.Service.Read(content.WithActor(ctx, content.ActorFrom(r.Context())), ask.id, content.ReadOptions{Revision: given.Revision.ID})
		}})
}

// shown is a document as one of the pages shows it.
type shown struct {
	ask   asked
	given *handover
	// again reads it for a render that its reader did not wait for.
	again func(context.Context) (*content.Reading, error)
	links func(ref string, picture bool) string
	// all is where notes about what is cut lead to; empty: nowhere.
	all string
	// head and tail are the templates around it.
	head, tail string
	// frame is the address of the frame of interactive outputs, rich and query what leads to what they are made of.
	frame, rich, query string
	// way names how its reader came, where that changes the render.
	way string
	// ancestors are the sites that may show the page within theirs, discover is where its oEmbed is.
	ancestors, discover string
}

// handover is a document that was read, whose content the render that a request begins reads and closes, or else the
// request closes: whoever claims it first.
type handover struct {
	*content.Reading
	cancel context.CancelFunc // ends the reading
	taken  atomic.Bool
}

// handed reads in a context that does not end with the request: the render reads on when the reader leaves.
func handed(ctx context.Context, read func(context.Context) (*content.Reading, error)) (*handover, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	reading, err := read(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	return &handover{Reading: reading, cancel: cancel}, nil
}

func (h *handover) claim() bool { return h.taken.CompareAndSwap(false, true) }

func (h *handover) drop() {
	if h.claim() {
		h.cancel()
		_ = h.Body.Close() // it only releases
	}
}

// respond answers with a page: from what is kept, or from a render that is made meanwhile. It closes what was read.
func (p *Pages) respond(w http.ResponseWriter, r *http.Request, v *view, d shown) error {
	defer d.given.drop()
	ctx, ask, reading := r.Context(), d.ask, d.given.Reading
	key := p.key(ask, reading.Revision, d.way)
	v.Nonce = p.nonce(key)
	etag := `"` + v.etag(key, p.build) + `"`
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	// Also where it is not sent again: a browser takes the policy of that answer for the page that it has.
	p.protect(w, r, v.Nonce, d.frame, d.ancestors)
	if web.Matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	// Of one link there is a page and an embed, alike but for what stands around them.
	sent := strings.Join([]string{etag, d.head, d.frame, d.rich, d.query}, "\x00")
	if text, ok := p.recent.get(sent); ok {
		return sendWhole(w, r, text)
	}
	if reading.Size > MaxRendered {
		return p.tooLarge(w, r, v)
	}
	html, err := p.renders.get(ctx, key, p.maker(d, v.Nonce))
	if err != nil {
		return err
	}
	defer html.Close()
	v.Facts = html.meta.Facts
	var head bytes.Buffer
	if err := p.templates.ExecuteTemplate(&head, d.head, v); err != nil {
		return err
	}
	if html.g == nil && html.end+int64(head.Len()) <= maxRecentPage {
		if _, err := head.ReadFrom(html); err != nil {
			return err
		}
		if err := p.tail(&head, v, d, html); err != nil {
			return err
		}
		p.recent.put(sent, head.Bytes())
		return sendWhole(w, r, head.Bytes())
	}
	out := web.Download(w)
	if _, err := out.Write(head.Bytes()); err != nil || r.Method == http.MethodHead {
		return nil // the client is gone
	}
	if err := p.pass(out, html); err != nil {
		web.FromContext(ctx).Failure = err
		panic(http.ErrAbortHandler) // half a page must not be taken for a whole one
	}
	var tail bytes.Buffer
	if err := p.tail(&tail, v, d, html); err != nil {
		web.FromContext(ctx).Failure = err
		panic(http.ErrAbortHandler)
	}
	_, _ = out.Write(tail.Bytes()) // the client is gone
	return nil
}

// tail writes what stands below the document, which has been read.
func (p *Pages) tail(w io.Writer, v *view, d shown, html *page) error {
	rich, err := p.interactives(html.meta)
	if err != nil {
		return err
	}
	return p.templates.ExecuteTemplate(w, d.tail, struct {
		*view
		Outline                  []render.Heading
		Cuts                     int
		Rich                     template.JS
		Frame, RichAt, RichQuery string
	}{v, html.meta.Outline, html.meta.Cuts, rich, d.frame, d.rich, d.query})
}

func sendWhole(w http.ResponseWriter, r *http.Request, text []byte) error {
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client is gone
	}
	return nil
}

// pass sends a render on, each piece as it is there.
func (p *Pages) pass(w io.Writer, html *page) error {
	flush, _ := w.(web.Flusher)
	piece := make([]byte, 64<<10)
	for {
		n, err := html.Read(piece)
		if n > 0 {
			if _, err := w.Write(piece[:n]); err != nil {
				return err
			}
			if html.g != nil && flush != nil {
				_ = flush.Flush()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// view finds out what the page shows around the document.
func (p *Pages) view(ctx context.Context, ask asked, reading *content.Reading) (*view, error) {
	s, res := p.o.Service, reading.Resource
	v := &view{ID: string(ask.id), Resource: res, Revision: reading.Revision, Name: res.Name, Title: strings.TrimSuffix(res.Name, ".ipynb"), Type: string(res.Type),
		Description: res.Description, Tags: res.Tags, May: map[string]bool{}, Names: names{}, Old: reading.Revision.ID != res.Head, Code: ask.code, All: ask.all, CanRun: p.o.Runner != nil, price: p.o.Price}
	if ask.id == content.RootID {
		v.Title = "All"
	}
	if actor := content.ActorFrom(ctx).Principal; actor != "" {
		v.Self = actor.Value()
	}
	may, err := s.TestIamPermissions(ctx, ask.id, buttons)
	if err != nil {
		return nil, err
	}
	for _, m := range may {
		v.May[string(m)] = true
	}
	if err := p.call(ctx, v.Names, res.Owner, reading.Revision.Author); err != nil {
		return nil, err
	}
	if v.Trail, err = s.Ancestors(ctx, ask.id); err != nil && !errors.Is(err, content.ErrNotFound) && !errors.Is(err, content.ErrDenied) {
		return nil, err
	}
	if len(v.Trail) > 0 && v.Trail[0].ID == content.RootID {
		v.Trail = v.Trail[1:]
	}
	if p.o.Lab != nil && v.Self != "" {
		v.Lab = p.o.Base + "n/" + url.PathEscape(string(res.ID)) + "/lab"
	}
	fold := asked{ask.id, ask.revision, ask.all, !ask.code}
	v.Query = map[string]string{"code": fold.query(), "this": ask.query(), "all": ask.whole()}
	for _, as := range []string{"html", "md", "script"} {
		v.Query[as] = ask.with("as", as)
	}
	v.Next = strings.TrimSuffix(p.o.Base, "/") + "/n/" + string(ask.id) + ask.query()
	return v, nil
}

// Cost is what running the document cost, where that is known.
func (v *view) Cost() string { return v.price.Text(v.Facts.Took) }

// etag changes with whatever the page shows.
func (v *view) etag(key, build string) string {
	h := sha256.New()
	fmt.Fprintln(h, key, build, v.CanRun, v.Resource.Etag(), v.Resource.HeadNumber, v.Revision.Name, v.Self, v.Lab, v.Trail, v.Theme, v.Look, v.Brand, v.Logo, v.By, v.Names, v.Discover, v.price)
	for _, m := range buttons {
		fmt.Fprintln(h, v.May[string(m)])
	}
	if v.Job != nil {
		fmt.Fprintln(h, v.Job.State, v.Job.Done, v.Job.CancelledAt)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// key names the render of a view.
func (p *Pages) key(ask asked, rev content.Revision, way string) string {
	return keyOf(string(rev.ID), p.nonce("render"), fmt.Sprint(ask.all, ask.code, ask.revision != ""), way)
}

// nonce marks the style elements that are ours. It is the same for all readers of one render, so that it can be kept.
func (p *Pages) nonce(key string) string {
	mac := hmac.New(sha256.New, p.o.Key)
	mac.Write([]byte("style nonce " + key))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// maker renders what has been read. Readers have been checked; the render is nobody's, and goes on when they leave.
func (p *Pages) maker(d shown, nonce string) maker {
	ask, reading := d.ask, d.given.Reading
	return func(ctx context.Context, w io.Writer, begin func(Facts)) (rendered, error) {
		body := reading.Body
		if d.given.claim() {
			defer d.given.cancel()
			defer context.AfterFunc(ctx, d.given.cancel)()
		} else {
			again, err := d.again(ctx)
			if err != nil {
				return rendered{}, err
			}
			body = again.Body
		}
		defer func() { _ = body.Close() }() // it only releases
		text := bytes.NewBuffer(make([]byte, 0, reading.Size+bytes.MinRead))
		if _, err := text.ReadFrom(body); err != nil {
			return rendered{}, err
		}
		o := render.Options{All: ask.all, AllURL: d.all, Nonce: nonce, FoldCode: !ask.code, Link: d.links}
		var out rendered
		var sum *render.Summary
		var err error
		if nb := notebookOf(reading, text.Bytes()); nb != nil {
			out.Facts = factsOf(nb)
			text = nil // it has been read
			begin(out.Facts)
			sum, err = p.o.Renderer.Notebook(ctx, w, nb, o)
			out.bundle = func(r render.Rich) notebook.Object { return render.RichData(nb, r.Cell, r.Output) }
		} else if p.o.Results != nil && reading.Resource.Type == content.File && results.IsParquet(text.Bytes()) {
			begin(out.Facts)
			sum, out.hurried, err = p.parquet(ctx, w, string(reading.Revision.ID), text.Bytes(), o)
		} else {
			out.Facts = scriptFacts(reading.Resource, text.Bytes())
			begin(out.Facts)
			sum, err = p.o.Renderer.Document(ctx, w, render.Document{Name: fileName(reading.Resource), Content: text.Bytes()}, o)
		}
		if err != nil {
			return out, err
		}
		out.Outline, out.Rich, out.Cuts = sum.Outline, sum.Rich, len(sum.Cuts)
		out.hurried = out.hurried || sum.Hurried
		return out, nil
	}
}

func notebookOf(reading *content.Reading, text []byte) *notebook.Notebook {
	if reading.Resource.Type != content.Notebook || reading.Revision.Problem != "" {
		return nil
	}
	nb, _, err := notebook.Read(text)
	if err != nil {
		return nil // it is shown as it was written, with what is wrong
	}
	return nb
}

// fileName is a document's name with the extension that its type has in files.
func fileName(r content.Resource) string {
	want := map[content.Type]string{content.Notebook: ".ipynb", content.SQL: ".sql"}[r.Type]
	if want != "" && !strings.EqualFold(path.Ext(r.Name), want) {
		return r.Name + want
	}
	return r.Name
}

// links leads what a document refers to beside it to the documents there.
func links(ask asked) func(ref string, picture bool) string {
	return func(ref string, picture bool) string {
		u, err := url.Parse(ref)
		if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" {
			if picture {
				return ""
			}
			return ref
		}
		if u.Path == "" {
			return ref
		}
		if strings.HasPrefix(u.Path, "/") {
			if picture {
				return ""
			}
			return ref
		}
		below, levels := path.Clean(u.Path), 0
		for below == ".." || strings.HasPrefix(below, "../") {
			below, levels = strings.TrimPrefix(strings.TrimPrefix(below, ".."), "/"), levels+1
		}
		there := url.URL{Path: path.Join(string(ask.id), "at", below), Fragment: u.Fragment}
		if levels > 0 { // browsers take ".." out of addresses
			there.Path = path.Join(string(ask.id), "above", strconv.Itoa(levels), below)
		}
		return there.EscapedPath() + fragment(u)
	}
}

// toResults leads from outputs to the document's own results, wherever the server was when they were made: of a copy, to the copy's.
func (p *Pages) toResults(ctx context.Context, document content.ResourceID, next func(ref string, picture bool) string) func(ref string, picture bool) string {
	own := sync.OnceValue(func() map[string]string {
		out := map[string]string{}
		all, err := p.o.Service.Results(ctx, document)
		if err != nil {
			return out // they lead where they say
		}
		for _, r := range all {
			out[r.ID] = r.ID
			if r.CopyOf != "" {
				out[r.CopyOf] = r.ID
			}
		}
		return out
	})
	return func(ref string, picture bool) string {
		if i := strings.LastIndex(ref, "/r/"); i >= 0 && !picture && (i == 0 || strings.Contains(ref[:i], "://")) {
			if id := own()[ref[i+len("/r/"):]]; id != "" {
				return p.o.Base + "r/" + id
			}
		}
		return next(ref, picture)
	}
}

func fragment(u *url.URL) string {
	if u.Fragment == "" {
		return ""
	}
	return "#" + u.EscapedFragment()
}

func factsOf(nb *notebook.Notebook) Facts {
	var f Facts
	f.Ran, f.Took = render.Ran(nb)
	spec := nb.Metadata["kernelspec"].Object()
	if f.Kernel, _ = spec["display_name"].Text(); f.Kernel == "" {
		f.Kernel, _ = spec["name"].Text()
	}
	// A notebook that runs in an environment has the kernel that stands for it.
	if environment.OfNotebook(nb) != "" {
		f.Kernel, f.Environment = "", f.Kernel
	}
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if slices.ContainsFunc(c.Outputs, func(o notebook.Output) bool { return o.Type() == notebook.ErrorOutput }) {
			f.Failed = true
		}
	}
	papermill := nb.Metadata["papermill"].Object()
	parameters := papermill["parameters"].Object()
	for name, value := range parameters {
		if len(f.Parameters) < 20 && len(value) <= 200 {
			f.Parameters = append(f.Parameters, name+" = "+string(value))
		}
	}
	slices.Sort(f.Parameters)
	return f
}

func scriptFacts(r content.Resource, text []byte) Facts {
	if r.Type != content.SQL {
		return Facts{}
	}
	s, err := notebook.ParseScript(string(text))
	if err != nil {
		return Facts{}
	}
	return Facts{Kernel: s.Header.Engine, Environment: s.Header.Environment}
}
