package environment

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxSize bounds a specification in bytes.
const MaxSize = 256 << 10

// maxFaults is how many faults of one specification are told.
const maxFaults = 10

// Fault is one thing that is wrong with a specification.
type Fault struct {
	// Line is where, from 1; 0 where it is about all of it.
	Line int
	// Key is which, as "limits.memory"; empty where there is none.
	Key     string
	Message string
}

// Error is the fault for people: "line 3: limits.memory: …".
func (f Fault) Error() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	return b.String() + f.Message
}

// checker collects the faults of one specification.
type checker struct {
	lines  map[string]int
	faults []Fault
}

// fault notes that something is wrong with a key.
func (c *checker) fault(key, format string, args ...any) {
	line := c.lines[key]
	for parent := key; line == 0 && strings.Contains(parent, "."); { // an inline table stands in its parent's line
		parent = parent[:strings.LastIndexByte(parent, '.')]
		line = c.lines[parent]
	}
	c.faults = append(c.faults, Fault{line, key, fmt.Sprintf(format, args...)})
}

func (c *checker) err() error {
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return a.Line - b.Line })
	var all []error
	for i, f := range c.faults {
		if i == maxFaults {
			all = append(all, fmt.Errorf("and %d more", len(c.faults)-maxFaults))
			break
		}
		all = append(all, f)
	}
	return errors.Join(all...)
}

// decode reads TOML into dst; an unknown key is a fault.
func decode(text []byte, dst any) (*checker, error) {
	c := &checker{}
	if len(text) > MaxSize {
		return nil, Fault{Message: fmt.Sprintf("a specification has at most %d bytes, not %d", MaxSize, len(text))}
	}
	if !utf8.Valid(text) {
		return nil, Fault{Message: "it is not UTF-8"}
	}
	meta, err := toml.Decode(string(text), dst)
	if err != nil {
		return nil, faultOf(err)
	}
	c.lines = keyLines(string(text))
	for _, key := range meta.Undecoded() {
		c.fault(key.String(), "there is no such key")
	}
	return c, nil
}

// lastKey is how the decoder names the place of a value that does not fit.
var lastKey = regexp.MustCompile(`^(?:toml: )?line (\d+) \(last key "([^"]*)"\): (.*)$`)

// faultOf reads the place out of an error of the decoder.
func faultOf(err error) Fault {
	if m := lastKey.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1]) // digits
		return Fault{line, m[2], m[3]}
	}
	var p toml.ParseError
	if errors.As(err, &p) {
		return Fault{p.Position.Line, p.LastKey, p.Message}
	}
	return Fault{Message: strings.TrimPrefix(err.Error(), "toml: ")}
}

var (
	tableLine = regexp.MustCompile(`^\s*\[(\[?)\s*([^\]]+?)\s*\]`)
	keyLine   = regexp.MustCompile(`^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=\s*(.*)$`)
)

// keyLines finds the line of each key of a valid text. Those of the second and later tables of a list are "sources[1].name".
func keyLines(text string) map[string]int {
	out := map[string]int{}
	table, open := "", ""
	count := map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		if open != "" { // within a string of several lines
			if strings.Contains(line, open) {
				open = ""
			}
			continue
		}
		if m := tableLine.FindStringSubmatch(line); m != nil && !keyLine.MatchString(line) {
			table = unquoted(m[2])
			if m[1] != "" {
				n := count[table]
				count[table]++
				table = indexed(table, n)
			}
			out[table] = i + 1
			continue
		}
		m := keyLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		key := unquoted(m[1])
		if table != "" {
			key = table + "." + key
		}
		if out[key] == 0 {
			out[key] = i + 1
		}
		for _, quotes := range []string{`"""`, "'''"} {
			if rest, ok := strings.CutPrefix(m[2], quotes); ok && !strings.Contains(rest, quotes) {
				open = quotes
			}
		}
	}
	return out
}

func unquoted(key string) string {
	parts := strings.Split(key, ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return strings.Join(parts, ".")
}

// indexed names an element of a list of tables as the decoder and checks do: the first bare, others by number.
func indexed(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, n)
}
