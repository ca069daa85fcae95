package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/render"
	"sextant/frontend"
)

//go:embed templates/*.html assets/*
var files embed.FS

// asset is a style, script or picture with its name as addresses have it, which changes with what is in it.
type asset struct {
	address, kind, text string
}

// kinds are the types of assets by their endings.
var kinds = map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}

func loadAssets() map[string]asset {
	read := func(name string) string {
		text, err := files.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // it is part of the program
		}
		return string(text)
	}
	out := map[string]asset{}
	for name, text := range map[string]string{
		"tokens.css": render.Tokens(),
		"page.css":   render.Tokens() + render.CSS() + read("page.css"),
		"page.js":    read("page.js"),
		"find.js":    read("find.js"),
		"locale.js":  read("locale.js"),
		"icon.svg":   read("icon.svg"),
	} {
		sum := sha256.Sum256([]byte(text))
		base, ext, _ := strings.Cut(name, ".")
		out[name] = asset{base + "-" + hex.EncodeToString(sum[:6]) + "." + ext, kinds[ext], text}
	}
	return out
}

// buildOf is a digest of all files.
func buildOf(all fs.FS) string {
	h := sha256.New()
	err := fs.WalkDir(all, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(all, name)
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// asset answers with a style, script or picture, to be kept for good.
func (p *Pages) asset(w http.ResponseWriter, r *http.Request) error {
	for _, a := range p.assets {
		if a.address == r.PathValue("name") {
			w.Header().Set("Content-Type", a.kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(a.text))
			return nil
		}
	}
	return p.appFile(w, r)
}

// appFile answers with a file of the program that runs in browsers. Its name changes with what is in it, too.
func (p *Pages) appFile(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	accepted := strings.Split(r.Header.Get("Accept-Encoding"), ",")
	text, encoding, err := frontend.AppFile(name, func(encoding string) bool {
		return slices.ContainsFunc(accepted, func(a string) bool {
			a, weight, _ := strings.Cut(strings.TrimSpace(a), ";")
			return a == encoding && strings.ReplaceAll(weight, " ", "") != "q=0"
		})
	})
	_, ending, _ := strings.Cut(name, ".")
	if err != nil || kinds[ending] == "" {
		return content.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", kinds[ending])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the client is gone
	return nil
}

func (p *Pages) functions() template.FuncMap {
	return template.FuncMap{
		"asset": func(name string) (string, error) {
			a, ok := p.assets[name]
			if !ok {
				return "", fmt.Errorf("there is no asset %q", name)
			}
			return p.o.Base + "assets/" + a.address, nil
		},
		"base": func() string { return p.o.Base },
		"app":  func() frontend.App { return p.app },
		// file is the address of a file of the program that runs in browsers.
		"file": func(name string) string { return p.o.Base + "assets/" + name },
		"took": render.Duration,
		"size": render.Size,
		// Deeper headings are shown like the fourth level.
		"level":    func(n int) int { return min(n, 4) },
		"initials": initials,
		"count":    grouped,
		"row":      func(first int64, i int) string { return grouped(first + int64(i)) },
		"state":    func(s content.JobState) string { return stateWords[s] },
		"elapsed":  elapsed,
		"member":   memberName,
		"day": func(t time.Time) template.HTML {
			t = t.UTC()
			return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2 Jan 2006") + `</time>`)
		},
		"time": func(t time.Time) template.HTML {
			t = t.UTC()
			return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2 January 2006, 15:04") + ` UTC</time>`)
		},
	}
}

// memberName is what people call a member: a user's address; of others their kind, too.
func memberName(m iam.Member) string {
	switch m {
	case iam.AllUsers:
		return "Everybody"
	case iam.AllAuthenticatedUsers:
		return "Everybody who signed in"
	}
	return strings.TrimPrefix(string(m), "user:")
}

// initials are two letters that stand for somebody.
func initials(address string) string {
	name, _, _ := strings.Cut(address, "@")
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := ""
	for _, w := range words[:min(len(words), 2)] {
		r, _ := utf8.DecodeRuneInString(w)
		out += strings.ToUpper(string(r))
	}
	return out
}

// grouped is a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
