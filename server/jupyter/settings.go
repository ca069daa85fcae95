package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/titanous/json5"

	"sextant/content"
)

const (
	settingsSpace = "jupyter.settings"
	// maxPlugins bounds the plugins that one person can have settings of.
	maxPlugins = 2000
)

func (r routes) settings() {
	r.api("GET /lab/api/settings", uses("Preferences"), r.listSettings)
	r.api("GET /lab/api/settings/{id...}", uses("Preference"), r.getSettings)
	r.api("PUT /lab/api/settings/{id...}", uses("PutPreference"), r.putSettings)
}

// plugin is a plugin's settings as the API gives them.
type plugin struct {
	ID           string          `json:"id"`
	Schema       json.RawMessage `json:"schema"`
	Version      string          `json:"version"`
	Raw          string          `json:"raw"`
	Settings     json.RawMessage `json:"settings"`
	LastModified *date           `json:"last_modified"`
	Created      *date           `json:"created"`
	// Warning tells why somebody's settings are not used.
	Warning string `json:"warning,omitempty"`
}

func (s *Server) needLab() error {
	if s.lab == nil {
		return notFound("%s", noLab)
	}
	return nil
}

// apply gives a plugin with what somebody set, where it fits the schema.
func apply(of *schema, text []byte, set *content.Preference) plugin {
	p := plugin{ID: of.id, Schema: text, Version: of.version, Raw: "{}", Settings: json.RawMessage("{}")}
	if set == nil {
		return p
	}
	p.LastModified, p.Created = ptr(date(set.UpdatedAt)), ptr(date(set.CreatedAt))
	value, err := readSettings(string(set.Value))
	if err == nil && len(value) > 0 {
		err = of.validate(value)
	}
	var settings []byte
	if err == nil {
		settings, err = json.Marshal(value)
	}
	if err != nil { // the schema is another one than when they were saved
		p.Warning = fmt.Sprintf("Failed validating settings (%s): %v", of.id, err)
		return p
	}
	p.Raw, p.Settings = string(set.Value), settings
	return p
}

// readSettings reads JSON5: comments and all that people write by hand.
func readSettings(raw string) (map[string]any, error) {
	if strings.TrimSpace(raw) == "" {
		return nil, errors.New("no value; for no settings write {}")
	}
	if deep(raw) {
		return nil, fmt.Errorf("nested more than %d levels deep", maxNesting)
	}
	var v any
	if err := json5.Unmarshal([]byte(raw), &v); err != nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("want an object")
	}
	return object, nil
}

// maxNesting bounds how deep settings nest: their reader goes as deep as they do, and so does all that follows.
const maxNesting = 1000

// deep reports whether a text opens more brackets than may be. It counts those in strings too, of which no settings have
// so many.
func deep(raw string) bool {
	depth := 0
	for i := range len(raw) {
		switch raw[i] {
		case '[', '{':
			if depth++; depth > maxNesting {
				return true
			}
		case ']', '}':
			depth--
		}
	}
	return false
}

func (s *Server) listSettings(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	catalog := s.lab.all(s.o.Now())
	ids := slices.Sorted(maps.Keys(catalog))
	slices.Reverse(ids)
	if r.URL.Query().Get("ids_only") == "true" {
		type only struct {
			ID string `json:"id"`
		}
		out := struct {
			Settings []only `json:"settings"`
		}{[]only{}}
		for _, id := range ids {
			out.Settings = append(out.Settings, only{id})
		}
		return s.sendText(w, r, out)
	}
	all, err := s.o.Service.Preferences(r.Context(), settingsSpace)
	if err != nil {
		return err
	}
	set := map[string]*content.Preference{}
	for i := range all {
		set[all[i].Name] = &all[i]
	}
	translate, err := s.translator(r)
	if err != nil {
		return err
	}
	out := struct {
		Settings []plugin `json:"settings"`
	}{[]plugin{}}
	for _, id := range ids {
		p := apply(catalog[id], translate(catalog[id]), set[id])
		if p.Warning != "" {
			s.o.Log.Warn(p.Warning, "principal", string(content.ActorFrom(r.Context()).Principal))
			p.Warning = ""
		}
		out.Settings = append(out.Settings, p)
	}
	return s.sendText(w, r, out)
}

// sendText answers with JSON, compressed: settings and translations are long, and mostly the same for everybody.
func (s *Server) sendText(w http.ResponseWriter, r *http.Request, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	s.compressed.send(w, r, http.StatusOK, text)
	return nil
}

// schemaOf finds the schema that an address means.
func (s *Server) schemaOf(r *http.Request) (*schema, error) {
	if err := s.needLab(); err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	found := s.lab.all(s.o.Now())[id]
	if found == nil {
		return nil, notFound("Schema not found: %s", id)
	}
	return found, nil
}

func (s *Server) getSettings(w http.ResponseWriter, r *http.Request) error {
	of, err := s.schemaOf(r)
	if err != nil {
		return err
	}
	translate, err := s.translator(r)
	if err != nil {
		return err
	}
	set, err := s.o.Service.Preference(r.Context(), settingsSpace, of.id)
	switch {
	case errors.Is(err, content.ErrNotFound):
		return s.sendText(w, r, apply(of, translate(of), nil))
	case err != nil:
		return err
	}
	return s.sendText(w, r, apply(of, translate(of), &set))
}

func (s *Server) putSettings(w http.ResponseWriter, r *http.Request) error {
	of, err := s.schemaOf(r)
	if err != nil {
		return err
	}
	var body struct {
		Raw *string `json:"raw"`
	}
	given, err := s.readJSON(w, r, &body)
	if err != nil {
		var known *apiError
		if errors.As(err, &known) {
			return badRequest("Failed parsing JSON payload: %s", known.message)
		}
		return err
	}
	if !given || body.Raw == nil {
		return badRequest("Invalid format for JSON payload. Must be in the form {'raw': ...}")
	}
	value, err := readSettings(*body.Raw)
	if err != nil {
		return badRequest("Failed parsing the settings of %s: %v", of.id, err)
	}
	if err := of.validate(value); err != nil {
		return badRequest("Failed validating input: %v", err)
	}
	err = s.o.Service.PutPreference(r.Context(), settingsSpace, of.id, []byte(*body.Raw), maxPlugins)
	if err != nil {
		return because(err, "the settings of "+of.id, "change")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
