// Package frontend holds what browsers load, as it was built; `make frontend` builds it. What was not built is not there, and the
// server says so where it is missed.
package frontend

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed all:dist frame/output.js frame/output.css
var files embed.FS

// Library is one that draws interactive outputs.
type Library struct {
	Version string `json:"version"`
	// Files are the names of its files, in the order in which they are loaded.
	Files []string `json:"files"`
}

// Frame is what the frame of interactive outputs loads.
type Frame struct {
	// Script and Style are its own.
	Script, Style string
	// Libraries are by name; empty where they were not built.
	Libraries map[string]Library
}

// LoadFrame reads the list of libraries.
func LoadFrame() (Frame, error) {
	f := Frame{Libraries: map[string]Library{}}
	for name, text := range map[string]*string{"frame/output.js": &f.Script, "frame/output.css": &f.Style} {
		read, err := files.ReadFile(name)
		if err != nil {
			return f, err
		}
		*text = string(read)
	}
	list, err := files.ReadFile("dist/frame/libraries.json")
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(list, &f.Libraries); err != nil {
		return f, fmt.Errorf("libraries of the frame: %w", err)
	}
	return f, nil
}

// LibraryFile is one of a library's files, compressed by gzip; fs.ErrNotExist: there is none of that name.
func LibraryFile(name string) ([]byte, error) { return files.ReadFile("dist/frame/" + name + ".gz") }
