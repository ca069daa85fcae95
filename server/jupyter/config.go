package jupyter

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"sextant/content"
	"sextant/server/web"
)

const (
	configSpace = "jupyter.config"
	// maxSections bounds the sections that one person can have.
	maxSections = 200
)

var sectionName = regexp.MustCompile(`^\w{1,100}$`)

func (r routes) config() {
	r.api("GET /api/config/{section}", uses("Preference"), r.getConfig)
	r.api("PUT /api/config/{section}", uses("PutPreference"), r.putConfig)
	r.api("PATCH /api/config/{section}", uses("PutPreference"), r.patchConfig)
}

// section gives what is configured for everybody on this machine, with what the actor set on top.
func (s *Server) section(r *http.Request, name string) (merged, own map[string]any, err error) {
	if !sectionName.MatchString(name) {
		return nil, nil, notFound("%s is not known here", r.URL.Path)
	}
	own = map[string]any{}
	p, err := s.o.Service.Preference(r.Context(), configSpace, name)
	switch {
	case errors.Is(err, content.ErrNotFound):
	case err != nil:
		return nil, nil, err
	default:
		if err := json.Unmarshal(p.Value, &own); err != nil {
			return nil, nil, err
		}
	}
	merged = s.o.Paths.configured("serverconfig", name, s.o.Log)
	merge(merged, own)
	return merged, own, nil
}

func (s *Server) getConfig(w http.ResponseWriter, r *http.Request) error {
	merged, _, err := s.section(r, r.PathValue("section"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, merged)
}

func (s *Server) putConfig(w http.ResponseWriter, r *http.Request) error {
	var body map[string]any
	if err := s.readConfig(w, r, &body); err != nil {
		return err
	}
	if err := s.keepConfig(r, body); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) patchConfig(w http.ResponseWriter, r *http.Request) error {
	var body map[string]any
	if err := s.readConfig(w, r, &body); err != nil {
		return err
	}
	merged, own, err := s.section(r, r.PathValue("section"))
	if err != nil {
		return err
	}
	merge(own, body)
	if err := s.keepConfig(r, own); err != nil {
		return err
	}
	merge(merged, body)
	return web.WriteJSON(w, http.StatusOK, merged)
}

func (s *Server) readConfig(w http.ResponseWriter, r *http.Request, body *map[string]any) error {
	if name := r.PathValue("section"); !sectionName.MatchString(name) {
		return badRequest("'%s' is no name of a section: want letters, digits and underscores, at most 100", name)
	}
	given, err := s.readJSON(w, r, body)
	if err == nil && !given {
		err = badRequest("Invalid or missing JSON body: want an object")
	}
	return err
}

func (s *Server) keepConfig(r *http.Request, own map[string]any) error {
	text, err := json.Marshal(own)
	if err != nil {
		return err
	}
	return because(s.o.Service.PutPreference(r.Context(), configSpace, r.PathValue("section"), text, maxSections), "config/"+r.PathValue("section"), "change")
}

// merge puts what is in from into to: objects member by member, all else whole; null removes (jupyter_server's
// recursive_update).
func merge(to, from map[string]any) {
	for key, v := range from {
		inner, isObject := v.(map[string]any)
		switch {
		case v == nil:
			delete(to, key)
		case isObject:
			below, ok := to[key].(map[string]any)
			if !ok {
				below = map[string]any{}
			}
			merge(below, inner)
			if len(below) == 0 {
				delete(to, key)
				continue
			}
			to[key] = below
		default:
			to[key] = v
		}
	}
}

// configured merges the JSON files of a section, DIR/KIND/NAME.d/*.json and DIR/KIND/NAME.json, of all configuration
// directories; the first directory counts most (jupyter_server's ConfigManager). What cannot be read is logged.
func (p Paths) configured(kind, name string, log logger) map[string]any {
	out := map[string]any{}
	for _, dir := range slices.Backward(p.Config) {
		files, _ := filepath.Glob(filepath.Join(dir, kind, name+".d", "*.json")) // the pattern is well-formed
		for _, file := range append(files, filepath.Join(dir, kind, name+".json")) {
			text, err := os.ReadFile(file)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			var v map[string]any
			if err == nil {
				err = json.Unmarshal(text, &v)
			}
			if err != nil {
				log.Warn("Jupyter's configuration cannot be read", "file", file, "error", err)
				continue
			}
			merge(out, v)
		}
	}
	return out
}

// logger is what is told of files that cannot be used.
type logger interface{ Warn(msg string, args ...any) }
