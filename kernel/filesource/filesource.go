// Package filesource tells which views a folder of Parquet, CSV and JSON files makes: one of each file, and one of each
// sub-folder of files, whose parts it joins, with the hive partitions in its folder names as columns.
package filesource

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sextant/kernel/sqltext"
)

// View is one view: its name, and what stands after FROM.
type View struct{ Name, From string }

// MaxViews bounds the views of one folder; further files are left out.
const MaxViews = 1000

// levels is how deep a sub-folder is looked into for its first file.
const levels = 5

// readers are the table functions that read files of each ending.
var readers = map[string]string{
	".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".csv.gz": "read_csv", ".csv.zst": "read_csv",
	".tsv.gz": "read_csv", ".json": "read_json", ".ndjson": "read_json", ".jsonl": "read_json", ".json.gz": "read_json", ".ndjson.gz": "read_json",
}

// readerOf gives the reader for a file and the file's name without its ending.
func readerOf(file string) (reader, stem, ending string) {
	lower := strings.ToLower(file)
	for ending, reader := range readers {
		if strings.HasSuffix(lower, ending) && len(file) > len(ending) {
			if e := filepath.Ext(strings.TrimSuffix(strings.TrimSuffix(lower, ".gz"), ".zst")); e != "" && strings.HasPrefix(ending, e) {
				return reader, file[:len(file)-len(ending)], ending
			}
		}
	}
	return "", "", ""
}

var notIdentifier = regexp.MustCompile(`[^\pL\pN_]+`)

// Identifier makes a name that SQL needs no quotes for.
func Identifier(s string) string {
	s = strings.Trim(notIdentifier.ReplaceAllString(s, "_"), "_")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "t_" + s
	}
	return s
}

// collection is views with names of their own.
type collection struct {
	views []View
	taken map[string]bool
}

func (c *collection) add(name, from string) {
	name = Identifier(name)
	free := name
	for i := 2; c.taken[strings.ToLower(free)]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	c.taken[strings.ToLower(free)] = true
	c.views = append(c.views, View{free, from})
}

func (c *collection) addFile(path, stem, reader string) {
	c.add(stem, reader+"("+sqltext.QuoteString(path)+")")
}

func (c *collection) addFolder(path, name, reader, ending string) {
	c.add(name, reader+"("+sqltext.QuoteString(path+"/**/*"+ending)+", hive_partitioning = true)")
}

func (c *collection) sorted() []View {
	slices.SortFunc(c.views, func(a, b View) int { return cmp.Compare(a.Name, b.Name) })
	return c.views[:min(len(c.views), MaxViews)]
}

// Folder gives the views of a directory of this machine, by name; at most MaxViews.
func Folder(dir string) ([]View, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	c := &collection{taken: map[string]bool{}}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if reader, stem, _ := readerOf(e.Name()); reader != "" && !e.IsDir() {
			c.addFile(path, stem, reader)
		} else if e.IsDir() {
			if reader, ending := firstBelow(path); reader != "" {
				c.addFolder(path, e.Name(), reader, ending)
			}
		}
	}
	return c.sorted(), nil
}

// firstBelow finds what a folder of files holds, by the first file found in it or some levels below.
func firstBelow(dir string) (reader, ending string) {
	for range levels - 1 {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return "", ""
		}
		next := ""
		for _, e := range entries {
			if reader, _, ending := readerOf(e.Name()); reader != "" && !e.IsDir() {
				return reader, ending
			}
			if next == "" && e.IsDir() {
				next = filepath.Join(dir, e.Name())
			}
		}
		if next == "" {
			return "", ""
		}
		dir = next
	}
	return "", ""
}

// Objects gives the views of a place in an object store, from the addresses of what is below it.
func Objects(place string, addresses []string) []View {
	place = strings.TrimSuffix(place, "/")
	c := &collection{taken: map[string]bool{}}
	folders := map[string]bool{}
	slices.Sort(addresses)
	for _, a := range addresses {
		name, ok := strings.CutPrefix(a, place+"/")
		if !ok {
			continue
		}
		reader, stem, ending := readerOf(name)
		if reader == "" {
			continue
		}
		folder, _, below := strings.Cut(name, "/")
		switch {
		case !below:
			c.addFile(a, stem, reader)
		case !folders[folder] && strings.Count(name, "/") < levels:
			folders[folder] = true
			c.addFolder(place+"/"+folder, folder, reader, ending)
		}
	}
	return c.sorted()
}
