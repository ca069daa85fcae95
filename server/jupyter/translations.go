package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
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
	tag, reader := language.Make(strings.ReplaceAll(name, "_", "-")), language.Make(strings.ReplaceAll(shown, "_", "-"))
	return languageNames{upper(nameIn(tag, reader)), upper(nameIn(tag, tag))}
}

// nameIn is a language's name in another, or in English where that has none for it.
func nameIn(tag, in language.Tag) string {
	if names := display.Tags(in); names != nil {
		if name := names.Name(tag); name != "" {
			return name
		}
	}
	return display.English.Tags().Name(tag)
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

// languageCache keeps the schemas in the language that was asked for last.
type languageCache struct {
	mu  sync.Mutex
	dir string
	at  time.Time
	// texts are by domain, and then by context and text as gettext joins them.
	texts   map[string]map[string]string
	schemas map[*schema][]byte
}

// defaultDomain is the catalogue of JupyterLab's own texts.
const defaultDomain = "jupyterlab"

// translator gives what turns schemas into JSON in the actor's language.
func (s *Server) translator(r *http.Request) (func(*schema) []byte, error) {
	plain := func(of *schema) []byte { return of.text }
	name, err := s.locale(r)
	if err != nil || name == "en" {
		return plain, err
	}
	dir := s.lab.packs()[name]
	info, err := os.Stat(filepath.Join(dir, defaultDomain+".json"))
	if dir == "" || err != nil {
		return plain, nil
	}
	return func(of *schema) []byte { return s.lab.language.schema(of, dir, info.ModTime(), s.lab.log) }, nil
}

// schema gives a schema's JSON in the language of a pack.
func (c *languageCache) schema(of *schema, dir string, at time.Time, log logger) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dir != dir || !c.at.Equal(at) || len(c.schemas) > maxTranslated {
		c.dir, c.at, c.texts, c.schemas = dir, at, map[string]map[string]string{}, map[*schema][]byte{}
	}
	if text, ok := c.schemas[of]; ok {
		return text
	}
	domain, more := internationalization(of.value)
	texts, ok := c.texts[domain]
	if !ok {
		var err error
		if texts, err = readTexts(filepath.Join(dir, domain+".json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			log.Warn("a language pack cannot be read", "error", err)
		}
		c.texts[domain] = texts
	}
	text, err := json.Marshal(translated(of.value, "", texts, append(more, selectors...)))
	if err != nil {
		text = of.text
	}
	c.schemas[of] = text
	return text
}

// maxTranslated bounds the schemas that are kept: those that were replaced stay until then.
const maxTranslated = 4000

// internationalization is what a schema says of its own texts: their catalogue, and which of them are translated besides
// the usual ones.
func internationalization(schema *ordered) (domain string, more []selector) {
	domain = defaultDomain
	says, ok := schema.get("jupyter.lab.internationalization").(*ordered)
	if !ok {
		return domain, nil
	}
	if name, ok := says.get("domain").(string); ok && domainName.MatchString(name) {
		domain = name
	}
	list, _ := says.get("selectors").([]any)
	for _, v := range list {
		if text, ok := v.(string); ok && len(text) < 1000 && len(more) < 100 {
			if path, err := regexp.Compile("^/(?:" + text + ")$"); err == nil {
				more = append(more, selector{path, "schema"})
			}
		}
	}
	return domain, more
}

var domainName = regexp.MustCompile(`^[\w.-]{1,200}$`)

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

// selector says which texts of a schema are translated, in which context.
type selector struct {
	path    *regexp.Regexp
	context string
}

// selectors are the usual ones (jupyterlab_server's DEFAULT_SCHEMA_SELECTORS).
var selectors = []selector{
	{regexp.MustCompile(`^/properties/.*/(title|description)$`), "settings"},
	{regexp.MustCompile(`^/definitions/.*/properties/.*/(title|description)$`), "settings"},
	{regexp.MustCompile(`^/(title|description)$`), "schema"},
	{regexp.MustCompile(`^/jupyter\.lab\.setting-icon-label$`), "settings"},
	{regexp.MustCompile(`^/jupyter\.lab\.menus/.*/label$`), "menu"},
	{regexp.MustCompile(`^/jupyter\.lab\.toolbars/.*/label$`), "toolbar"},
}

// translated gives a copy of a part of a schema with its texts translated.
func translated(v any, path string, texts map[string]string, by []selector) any {
	switch v := v.(type) {
	case *ordered:
		out := &ordered{members: make([]member, len(v.members))}
		for i, m := range v.members {
			out.members[i] = member{m.name, translated(m.value, path+"/"+m.name, texts, by)}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = translated(item, fmt.Sprintf("%s/%d", path, i), texts, by)
		}
		return out
	case string:
		for _, s := range by {
			if s.path.MatchString(path) {
				if text, ok := texts[s.context+"\x04"+v]; ok {
					return text
				}
			}
		}
	}
	return v
}
