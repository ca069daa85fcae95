package jupyter

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// noLab says how to get JupyterLab.
const noLab = "JupyterLab is not installed on the server. Install it (pip install 'jupyterlab>=4.4,<5'), into the environment " +
	"that the server starts in or the one beside it, or name its directory with --lab-dir PREFIX/share/jupyter/lab, and start the server again."

// lab is an installed JupyterLab: its own files, used as they are.
type lab struct {
	// dir is the application directory, with static, schemas, themes and settings in it.
	dir     string
	version string
	paths   Paths
	log     *slog.Logger
	// extensionDirs are where extensions that came with other packages are, first found first.
	extensionDirs []string

	page     pageCache
	catalog  catalogCache
	language languageCache
}

func (l *lab) static() string   { return filepath.Join(l.dir, "static") }
func (l *lab) schemas() string  { return filepath.Join(l.dir, "schemas") }
func (l *lab) themes() string   { return filepath.Join(l.dir, "themes") }
func (l *lab) settings() string { return filepath.Join(l.dir, "settings") }

// findLab finds the application directory, or gives nil where there is none. One that was named must be there.
func findLab(dir string, paths Paths, log *slog.Logger) (*lab, error) {
	named := dir != ""
	if !named {
		dir = paths.Lab
	}
	candidates := []string{dir}
	if dir == "" {
		candidates = nil
		for _, data := range paths.Data {
			candidates = append(candidates, filepath.Join(data, "lab"))
		}
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "static", "index.html")); err != nil {
			if named {
				return nil, fmt.Errorf("lab-dir: %w; name the directory that has static/index.html in it, such as PREFIX/share/jupyter/lab", err)
			}
			continue
		}
		l := &lab{dir: dir, paths: paths, log: log}
		for _, data := range paths.Data {
			l.extensionDirs = append(l.extensionDirs, filepath.Join(data, "labextensions"))
		}
		l.version = l.readVersion()
		if !strings.HasPrefix(l.version, "4.") {
			log.Warn("JupyterLab of this version was not tried; 4.4 to 4.6 were", "version", l.version)
		}
		return l, nil
	}
	return nil, nil
}

// readVersion reads the application's version from its package.json.
func (l *lab) readVersion() string {
	var v struct {
		Version string `json:"version"`
		Lab     struct {
			Version string `json:"version"`
		} `json:"jupyterlab"`
	}
	text, err := os.ReadFile(filepath.Join(l.static(), "package.json"))
	if err != nil || json.Unmarshal(text, &v) != nil {
		return "unknown"
	}
	if v.Lab.Version != "" {
		return v.Lab.Version
	}
	return v.Version
}

// pageCache is the page's template, read anew where its file has changed: packages are updated under a running server.
type pageCache struct {
	mu    sync.Mutex
	at    time.Time
	parts []templatePart
}

// template gives the page's template.
func (l *lab) template() ([]templatePart, error) {
	name := filepath.Join(l.static(), "index.html")
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	l.page.mu.Lock()
	defer l.page.mu.Unlock()
	if info.ModTime().Equal(l.page.at) {
		return l.page.parts, nil
	}
	text, err := readSmall(name, 4<<20)
	if err != nil {
		return nil, err
	}
	if l.page.parts, err = parseTemplate(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.page.at = info.ModTime()
	return l.page.parts, nil
}
