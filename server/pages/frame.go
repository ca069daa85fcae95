package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/frontend"
	"sextant/server/web"
)

// frame is the page within pages that runs interactive outputs. It is the same for everybody and has nothing of anybody:
// what it draws comes by a message from the page around it.
type frame struct {
	page           []byte
	script         string
	scriptAs, etag string
}

var framePage = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Interactive outputs</title>
<style>{{.Style}}</style>
<script type="application/json" id="libraries">{{.List}}</script>
<script src="{{.Static}}{{.Script}}"></script>
</head>
<body></body>
</html>
`))

func loadFrame(base string) (frame, map[string]frontend.Library, error) {
	f, err := frontend.LoadFrame()
	if err != nil {
		return frame{}, nil, err
	}
	sum := sha256.Sum256([]byte(f.Script))
	out := frame{script: f.Script, scriptAs: "output-" + hex.EncodeToString(sum[:6]) + ".js"}
	var b bytes.Buffer
	err = framePage.Execute(&b, map[string]any{"Style": template.CSS(f.Style), "Script": out.scriptAs,
		"Static": base + "frame/static/", "List": map[string]any{"base": base + "frame/static/", "libraries": f.Libraries}})
	out.page = b.Bytes()
	sum = sha256.Sum256(out.page)
	out.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
	return out, f.Libraries, err
}

// frame answers with the frame. Its policy gives it an origin of its own, which reaches nothing: no request leaves it but
// for the libraries, and where it would lead its reader to is the page around it to say.
func (p *Pages) serveFrame(w http.ResponseWriter, r *http.Request) error {
	return p.sendFrame(w, r, "'self'")
}

func (p *Pages) sendFrame(w http.ResponseWriter, r *http.Request, ancestors string) error {
	static := web.FromContext(r.Context()).URL(p.o.Base + "frame/static/")
	h := w.Header()
	h.Set("Content-Security-Policy", fmt.Sprintf("sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' %[1]s; "+
		"style-src 'unsafe-inline' %[1]s; img-src data: blob:; font-src data: %[1]s; connect-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors %[2]s", static, ancestors))
	h.Del("X-Frame-Options") // frame-ancestors says it
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", p.frame.etag)
	if web.Matches(r.Header.Get("If-None-Match"), p.frame.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(p.frame.page) // the client is gone
	return nil
}

// frameStatic answers with what the frame loads. It carries no cookie there, and is the same for everybody.
func (p *Pages) frameStatic(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if name == p.frame.scriptAs {
		_, _ = io.WriteString(w, p.frame.script) // the client is gone
		return nil
	}
	text, err := frontend.LibraryFile(name)
	if err != nil || strings.Contains(name, "/") {
		for _, set := range []string{"Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy"} {
			h.Del(set)
		}
		if errors.Is(err, fs.ErrNotExist) || err == nil {
			return content.ErrNotFound
		}
		return err
	}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = web.Download(w).Write(text) // the client is gone
		return nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return send(r, web.Download(w), func(w io.Writer) error { _, err := io.Copy(w, plain); return err }) //nolint:gosec // it is ours
}

// richOutput answers with what an interactive output is made of, for the frame. It is data of the document's author, and a
// browser that is led here shows none of it.
func (p *Pages) richOutput(w http.ResponseWriter, r *http.Request) error {
	ask := askedOf(r)
	reading, err := p.o.Service.Read(r.Context(), ask.id, content.ReadOptions{Revision: ask.revision})
	if err != nil {
		return p.refuse(w, r, err)
	}
	_ = reading.Body.Close() // what is wanted was read before
	return p.sendRich(w, r, p.key(ask, reading.Revision, ""))
}

// sendRich answers with an output of the render of a key.
func (p *Pages) sendRich(w http.ResponseWriter, r *http.Request, key string) error {
	index, err := strconv.Atoi(r.PathValue("index"))
	if err != nil {
		return content.ErrNotFound
	}
	kept, err := p.renders.open(r.Context(), key)
	if err != nil {
		return content.ErrNotFound // the page has to be looked at first
	}
	defer kept.Close()
	bundle, size, err := kept.bundle(index)
	if err != nil {
		return content.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	return send(r, web.Download(w), func(w io.Writer) error { _, err := io.Copy(w, bundle); return err })
}

// interactive is an output that a page may have drawn in the frame.
type interactive struct {
	Index   int    `json:"index"`
	Type    string `json:"type"`
	Library string `json:"library"`
	// Wanted is the version that the output asks for, Have the one there is.
	Wanted string `json:"wanted,omitempty"`
	Have   string `json:"have,omitempty"`
	// Drawn tells that the page shows it already, without its interaction.
	Drawn bool `json:"drawn,omitempty"`
}

// interactives are those of a render that the frame can draw.
func (p *Pages) interactives(of rendered) (template.JS, error) {
	list := []interactive{}
	for i, r := range of.Rich {
		if i >= len(of.Bundles) || of.Bundles[i] == 0 {
			continue
		}
		library, ok := p.libraries[map[string]string{"vega": "vega-embed", "vega-lite": "vega-embed"}[r.Library]]
		if named, has := p.libraries[r.Library]; has {
			library, ok = named, true
		}
		if !ok && r.Library != "html" {
			continue
		}
		list = append(list, interactive{r.Index, r.Type, r.Library, r.Version, library.Version, r.Fallback == "chart" || r.Fallback == "picture"})
	}
	text, err := json.Marshal(list) // escapes what would end a script element
	return template.JS(text), err
}
