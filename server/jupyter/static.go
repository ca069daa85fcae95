package jupyter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"sextant/server/web"
)

// maxStatic bounds a file of the front end that is sent from memory; larger ones are sent as they lie on disk.
const maxStatic = 32 << 20

// hashed finds the digest of the content that bundlers put into a name: such a file never changes.
var hashed = regexp.MustCompile(`(^|[.\-_])[0-9a-f]{8,64}(\.|$)`)

//go:embed icons/*.ico
var icons embed.FS

const noLogin = "programs and pictures of the front end are no secret, and pages ask for them without credentials"

func (r routes) static() {
	open := web.Access{Open: noLogin}
	r.file("GET /static/lab/{file...}", open, func(w http.ResponseWriter, q *http.Request) error {
		if r.lab == nil {
			return notFound("%s", noLab)
		}
		return r.sendStatic(w, q, []string{r.lab.static()}, q.PathValue("file"))
	})
	r.file("GET /lab/extensions/{file...}", open, func(w http.ResponseWriter, q *http.Request) error {
		if r.lab == nil {
			return notFound("%s", noLab)
		}
		return r.sendStatic(w, q, r.lab.extensionDirs, q.PathValue("file"))
	})
	r.file("GET /static/favicons/{file}", open, func(w http.ResponseWriter, q *http.Request) error {
		text, err := icons.ReadFile("icons/" + path.Base(q.PathValue("file")))
		if err != nil {
			return notFound("there is no icon %s", q.PathValue("file"))
		}
		w.Header().Set("Content-Type", "image/x-icon")
		w.Header().Set("Cache-Control", "public, max-age=86400")
		_, _ = w.Write(text) // the client is gone
		return nil
	})
}

// file adds a route for files that need no sign-in.
func (r routes) file(pattern string, access web.Access, h web.Handler) {
	r.rt.Handle(pattern, access, func(w http.ResponseWriter, q *http.Request) error {
		r.protect(w.Header(), "")
		if err := h(w, q); err != nil {
			writeError(w, q, err)
		}
		return nil
	})
}

// within finds a file below one of several directories, the first that has it. No name leads out of them, but links that
// stand in them do: `jupyter labextension develop` makes such.
func within(dirs []string, name string) (string, fs.FileInfo, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsRune(name, 0) {
		return "", nil, fs.ErrNotExist
	}
	for _, dir := range dirs {
		at := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Stat(at)
		if err == nil && info.Mode().IsRegular() {
			return at, info, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !strings.Contains(err.Error(), "not a directory") {
			return "", nil, err
		}
	}
	return "", nil, fs.ErrNotExist
}

// sendStatic sends a file of the front end, compressed, and cached for ever where its name or address says which content
// it has.
func (s *Server) sendStatic(w http.ResponseWriter, r *http.Request, dirs []string, name string) error {
	at, info, err := within(dirs, name)
	if err != nil {
		return notFound("%s is not there", name)
	}
	h := w.Header()
	if hashed.MatchString(path.Base(name)) || hashed.MatchString(r.URL.Query().Get("v")) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Content-Type", staticType(name))
	etag := fmt.Sprintf(`W/"%x-%x"`, info.ModTime().UnixNano(), info.Size())
	h.Set("ETag", etag)
	if !compressible(h.Get("Content-Type")) || info.Size() > maxStatic || r.Header.Get("Range") != "" {
		return sendFrom(w, r, at)
	}
	if noneMatch(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	text, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	s.compressed.send(w, r, http.StatusOK, text)
	return nil
}

// noneMatch reports whether the client has what an etag names already.
func noneMatch(r *http.Request, etag string) bool {
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// staticType is a file's type; what the system says of JavaScript is not always what browsers run.
func staticType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".woff":
		return "font/woff"
	case ".wasm":
		return "application/wasm"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
