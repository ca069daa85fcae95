package jupyter

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"sextant/content"
)

// translationPlugin is the plugin whose setting locale says which language somebody wants.
const translationPlugin = "@jupyterlab/translation-extension:plugin"

func (r routes) translations() {
	r.api("GET /lab/api/translations", uses("Preference"), r.listTranslations)
	r.api("GET /lab/api/translations/{locale}", uses("Preference"), r.getTranslations)
}

// locale is the shape of a language's name: fr_FR.
var locale = regexp.MustCompile(`^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3}$`)

// packs finds the language packs that pip installed: packages jupyterlab_language_pack_LL_CC in an environment's
// site-packages. Jupyter finds them by Python's entry points; they all lie there.
func (l *lab) packs() map[string]string {
	out := map[string]string{}
	for _, prefix := range l.paths.Prefixes {
		found, _ := filepath.Glob(filepath.Join(prefix, "lib", "python*", "site-packages", "jupyterlab_language_pack_*", "locale", "*", "LC_MESSAGES")) // well-formed
		for _, dir := range found {
			name := filepath.Base(filepath.Dir(dir))
			if out[name] == "" && locale.MatchString(name) {
				out[name] = dir
			}
		}
	}
	return out
}

// languageNames are what a language is called, in English and by its speakers.
type languageNames struct {
	Display string `json:"displayName"`
	Native  string `json:"nativeName"`
}

func namesOf(name, shown string) languageNames {
	tag := language.Make(strings.ReplaceAll(name, "_", "-"))
	in := display.Tags(language.Make(strings.ReplaceAll(shown, "_", "-")))
	if in == nil {
		in = display.English.Tags()
	}
	return languageNames{upper(in.Name(tag)), upper(display.Self.Name(tag))}
}

func upper(s string) string {
	c, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(c)) + s[size:]
}

func (s *Server) listTranslations(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	shown, err := s.locale(r)
	if err != nil {
		return err
	}
	data := map[string]languageNames{"en": namesOf("en", shown)}
	for name := range s.lab.packs() {
		data[name] = namesOf(name, shown)
	}
	return s.sendText(w, r, map[string]any{"data": data, "message": ""})
}

// locale is the language that the actor has chosen; "en" where they have not.
func (s *Server) locale(r *http.Request) (string, error) {
	p, err := s.o.Service.Preference(r.Context(), settingsSpace, translationPlugin)
	if errors.Is(err, content.ErrNotFound) {
		return "en", nil
	}
	if err != nil {
		return "", err
	}
	v, err := readSettings(string(p.Value))
	if err != nil { // another version's settings
		return "en", nil
	}
	if name, _ := v["locale"].(string); locale.MatchString(name) {
		return name, nil
	}
	return "en", nil
}

func (s *Server) getTranslations(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	name := r.PathValue("locale")
	if name == "default" {
		var err error
		if name, err = s.locale(r); err != nil {
			return err
		}
	}
	data, message := map[string]json.RawMessage{}, ""
	if dir := s.lab.packs()[name]; dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // well-formed
		for _, file := range files {
			text, err := readSmall(file, 8<<20)
			if err != nil || !json.Valid(text) {
				message = "A part of the language pack cannot be read: " + filepath.Base(file)
				continue
			}
			data[strings.TrimSuffix(filepath.Base(file), ".json")] = text
		}
	} else if name != "en" {
		message = "Language pack '" + name + "' not installed!"
		if !locale.MatchString(name) {
			message = "Language pack '" + name + "' not valid!"
		}
	}
	return s.sendText(w, r, map[string]any{"data": data, "message": message})
}

// languageCache keeps the texts of settings in the language that was asked for last.
type languageCache struct {
	mu   sync.Mutex
	name string
	at   int64
	// texts are by context and text, as gettext joins them.
	texts map[string]string
	// schemas are those that have been translated.
	schemas map[*schema][]byte
}

// translator gives what turns schemas into JSON in the actor's language.
func (s *Server) translator(r *http.Request) (func(*schema) []byte, error) {
	plain := func(of *schema) []byte { return of.text }
	name, err := s.locale(r)
	if err != nil || name == "en" {
		return plain, err
	}
	dir := s.lab.packs()[name]
	if dir == "" {
		return plain, nil
	}
	info, err := os.Stat(filepath.Join(dir, "jupyterlab.json"))
	if err != nil {
		return plain, nil
	}
	c := &s.lab.language
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.name != name || c.at != info.ModTime().UnixNano() {
		texts, err := readTexts(filepath.Join(dir, "jupyterlab.json"))
		if err != nil {
			s.o.Log.Warn("a language pack cannot be read", "error", err)
			return plain, nil
		}
		c.name, c.at, c.texts, c.schemas = name, info.ModTime().UnixNano(), texts, map[*schema][]byte{}
	}
	texts, schemas := c.texts, c.schemas
	return func(of *schema) []byte {
		c.mu.Lock()
		defer c.mu.Unlock()
		if text, ok := schemas[of]; ok {
			return text
		}
		text, err := json.Marshal(translateSchema(of.value, texts))
		if err != nil {
			return of.text
		}
		schemas[of] = text
		return text
	}, nil
}

// readTexts reads a catalogue in the form of Jed: a text, after its context and \x04, and its translations.
func readTexts(file string) (map[string]string, error) {
	text, err := readSmall(file, 8<<20)
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for key, v := range raw {
		var all []string
		if json.Unmarshal(v, &all) == nil && len(all) > 0 && all[0] != "" {
			out[key] = all[0]
		}
	}
	return out, nil
}

// selectors say which texts of a schema are translated, in which context (jupyterlab_server's DEFAULT_SCHEMA_SELECTORS).
var selectors = []struct {
	path    *regexp.Regexp
	context string
}{
	{regexp.MustCompile(`^/properties/.*/(title|description)$`), "settings"},
	{regexp.MustCompile(`^/definitions/.*/properties/.*/(title|description)$`), "settings"},
	{regexp.MustCompile(`^/(title|description)$`), "schema"},
	{regexp.MustCompile(`^/jupyter\.lab\.setting-icon-label$`), "settings"},
	{regexp.MustCompile(`^/jupyter\.lab\.menus/.*/label$`), "menu"},
	{regexp.MustCompile(`^/jupyter\.lab\.toolbars/.*/label$`), "toolbar"},
}

// translateSchema gives a copy of a schema with its texts translated.
func translateSchema(v *ordered, texts map[string]string) any { return translated(v, "", texts) }

func translated(v any, path string, texts map[string]string) any {
	switch v := v.(type) {
	case *ordered:
		out := &ordered{members: make([]member, len(v.members))}
		for i, m := range v.members {
			out.members[i] = member{m.name, translated(m.value, path+"/"+m.name, texts)}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = translated(item, path+"/"+"0", texts)
		}
		return out
	case string:
		for _, s := range selectors {
			if s.path.MatchString(path) {
				for _, key := range []string{s.context + "\x04" + v, v} {
					if text, ok := texts[key]; ok {
						return text
					}
				}
			}
		}
	}
	return v
}
