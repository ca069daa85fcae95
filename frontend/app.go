package frontend

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// Module is what a page loads of the program that runs in browsers: names of files, for AppFile.
type Module struct {
	Script string
	// Preload are the scripts that it begins by loading, Styles the styles that go with it.
	Preload, Styles []string
}

// App is the program that runs in browsers, as it was built.
type App struct {
	// Main draws home and folders; Share has the link to sharing on any page open a dialog, Result shows all rows of a result.
	Main, Share, Result Module
	// Icons is the picture that has all icons.
	Icons string
}

// LoadApp reads which files there are. Without any, all names are empty.
func LoadApp() (App, error) {
	text, err := files.ReadFile("dist/app/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return App{}, nil
	}
	if err != nil {
		return App{}, err
	}
	var m map[string]chunk
	if err := json.Unmarshal(text, &m); err != nil {
		return App{}, fmt.Errorf("manifest of the front end: %w", err)
	}
	a := App{Main: module(m, "src/main.tsx"), Share: module(m, "src/modules/share.ts"), Result: module(m, "src/modules/result.ts"), Icons: m["icons"].File}
	if a.Main.Script == "" || a.Share.Script == "" || a.Result.Script == "" || a.Icons == "" {
		return App{}, errors.New("manifest of the front end: it lacks an entry")
	}
	return a, nil
}

// chunk is an entry of Vite's manifest: https://vite.dev/guide/backend-integration.
type chunk struct {
	File    string   `json:"file"`
	Imports []string `json:"imports"`
	CSS     []string `json:"css"`
}

func module(m map[string]chunk, name string) Module {
	out := Module{Script: m[name].File}
	seen := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		c := m[name]
		if c.File != out.Script {
			out.Preload = append(out.Preload, c.File)
		}
		for _, style := range c.CSS {
			if !slices.Contains(out.Styles, style) {
				out.Styles = append(out.Styles, style)
			}
		}
		for _, i := range c.Imports {
			walk(i)
		}
	}
	walk(name)
	return out
}

// AppFile is a file of the App in the first of the encodings that there is: "br" and "gzip" are kept, anything else is
// the file itself, encoding "". fs.ErrNotExist: there is none of that name.
func AppFile(name string, accepts func(encoding string) bool) (text []byte, encoding string, err error) {
	if !fs.ValidPath(name) {
		return nil, "", fs.ErrNotExist
	}
	for _, e := range []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if accepts(e.name) {
			text, err = files.ReadFile("dist/app/" + name + e.ending)
			return text, e.name, err
		}
	}
	if text, err = files.ReadFile("dist/app/" + name + ".gz"); err != nil {
		return nil, "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	text, err = io.ReadAll(z)
	return text, "", err
}
