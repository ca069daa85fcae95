package notebook

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Script is a SQL script as a document. What Sextant has to know to run it stands in a leading block of comments, so
// that the file runs unchanged in any other tool:
//
//	-- ---
//	-- engine: duckdb
//	-- environment: nightly
//	-- parameters:
//	--   region: VARCHAR = 'EU'
//	--   since: DATE
//	-- ---
//	SELECT …
//
// The block begins on the first line; a script without one, or with one that is not closed, has an empty header.
type Script struct {
	Header Header
	// Body is everything after the block.
	Body string

	// written is the block as it was read, and parsed what it said: one that was not changed is written as it was.
	written string
	parsed  Header
}

// Header is what the block says. No value holds a line end or has blanks around it.
type Header struct {
	// Engine is the kind of engine the SQL is written for, such as duckdb or spark; empty if it does not matter.
	Engine string
	// Environment is the name of the environment to run in; empty for the reader's own.
	Environment string
	// Parameters are the values to be asked for, in order, each name once.
	Parameters []Parameter
	// Fields are the others, in order. Names are letters, digits, dashes and underscores, each once, and none of the
	// above.
	Fields []Field
}

// Field is one line of a header.
type Field struct{ Name, Value string }

// Parameter is a value that the script refers to as $name.
type Parameter struct {
	// Name begins with a letter or underscore and goes on with those and digits.
	Name string
	// Type is a SQL type; empty if the default tells.
	Type string
	// Default is a SQL literal; empty if there is none.
	Default string
}

// ScriptError says which line of a header cannot be read.
type ScriptError struct {
	// Line counts from 1; 0 where there is no text yet.
	Line   int
	Detail string
}

// Error names line and reason.
func (e *ScriptError) Error() string {
	if e.Line == 0 {
		return "script header: " + e.Detail
	}
	return fmt.Sprintf("script header, line %d: %s", e.Line, e.Detail)
}

const headerEdge = "-- ---"

// ParseScript reads a script. If the block is wrong the error is a *[ScriptError], and the script has the whole text
// as its body, so that it can still be edited and run.
func ParseScript(text string) (Script, error) {
	first, rest, found := strings.Cut(text, "\n")
	if !found || strings.TrimRight(first, " \t\r") != headerEdge {
		return Script{Body: text}, nil
	}
	var block []string
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		line = strings.TrimRight(line, " \t\r")
		if line == headerEdge {
			h, err := parseHeader(block)
			if err != nil {
				return Script{Body: text}, err
			}
			return Script{Header: h, Body: rest, written: text[:len(text)-len(rest)], parsed: h.clone()}, nil
		}
		if !strings.HasPrefix(line, "--") {
			break
		}
		block = append(block, line)
	}
	return Script{Body: text}, nil
}

func parseHeader(block []string) (Header, error) {
	var h Header
	inParameters := false
	for i, line := range block {
		fail := func(format string, args ...any) (Header, error) {
			return Header{}, &ScriptError{Line: i + 2, Detail: fmt.Sprintf(format, args...)}
		}
		line = strings.TrimPrefix(line, "--")
		text := strings.TrimSpace(line)
		if text == "" {
			continue
		}
		if inParameters && strings.HasPrefix(strings.ReplaceAll(line, "\t", "  "), "  ") {
			p, ok := parseParameter(text)
			if !ok {
				return fail("%q is not name: TYPE = value", text)
			}
			h.Parameters = append(h.Parameters, p)
		} else {
			name, value, ok := strings.Cut(text, ":")
			if value = strings.TrimSpace(value); !ok {
				return fail("%q is not name: value", text)
			}
			if inParameters = name == "parameters"; inParameters && value != "" {
				return fail("parameters stand on lines of their own")
			} else if name == "engine" && h.Engine == "" {
				h.Engine = value
			} else if name == "environment" && h.Environment == "" {
				h.Environment = value
			} else if !inParameters {
				h.Fields = append(h.Fields, Field{name, value})
			}
		}
		if err := h.check(); err != nil {
			return fail("%v", err)
		}
	}
	return h, nil
}

// parseParameter reads "name", "name: TYPE", "name = value" or "name: TYPE = value". The first equals sign counts: no
// SQL type has one.
func parseParameter(text string) (Parameter, bool) {
	var p Parameter
	left, value, hasValue := strings.Cut(text, "=")
	name, kind, hasType := strings.Cut(left, ":")
	p.Name, p.Type, p.Default = strings.TrimSpace(name), strings.TrimSpace(kind), strings.TrimSpace(value)
	return p, hasValue == (p.Default != "") && hasType == (p.Type != "")
}

// check says what keeps h from being written.
func (h Header) check() error {
	oneLine := func(what, value string) error {
		if strings.ContainsAny(value, "\r\n") || strings.TrimSpace(value) != value {
			return fmt.Errorf("%s has a line end, or blanks around it", what)
		}
		return nil
	}
	seen := map[string]bool{"engine": true, "environment": true, "parameters": true}
	for _, f := range append([]Field{{"", h.Engine}, {"", h.Environment}}, h.Fields...) {
		if f.Name != "" && seen[f.Name] {
			return fmt.Errorf("%s is given twice", f.Name)
		}
		if err := oneLine(f.Name, f.Value); err != nil {
			return err
		}
		seen[f.Name] = true
	}
	for _, f := range h.Fields {
		if strings.IndexFunc(f.Name, func(r rune) bool { return r != '-' && !wordRune(r) }) >= 0 || f.Name == "" {
			return fmt.Errorf("%q is not a name", f.Name)
		}
	}
	names := map[string]bool{}
	for _, p := range h.Parameters {
		if strings.IndexFunc(p.Name, func(r rune) bool { return !wordRune(r) }) >= 0 || p.Name == "" || unicode.IsDigit([]rune(p.Name)[0]) {
			return fmt.Errorf("%q is not the name of a parameter", p.Name)
		}
		if names[p.Name] {
			return fmt.Errorf("parameter %s is given twice", p.Name)
		}
		names[p.Name] = true
		if strings.Contains(p.Type, "=") {
			return fmt.Errorf("the type of parameter %s has an equals sign", p.Name)
		}
		if err := oneLine("parameter "+p.Name, p.Type); err != nil {
			return err
		}
		if err := oneLine("parameter "+p.Name, p.Default); err != nil {
			return err
		}
	}
	return nil
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (h Header) clone() Header {
	h.Parameters = append([]Parameter(nil), h.Parameters...)
	h.Fields = append([]Field(nil), h.Fields...)
	return h
}

func (h Header) empty() bool {
	return h.Engine == "" && h.Environment == "" && len(h.Parameters) == 0 && len(h.Fields) == 0
}

func (h Header) equal(o Header) bool {
	return h.Engine == o.Engine && h.Environment == o.Environment &&
		reflect.DeepEqual(append([]Parameter{}, h.Parameters...), append([]Parameter{}, o.Parameters...)) &&
		reflect.DeepEqual(append([]Field{}, h.Fields...), append([]Field{}, o.Fields...))
}

// Format writes the script: what [ParseScript] read if the header was not changed, and always what it reads as the
// same header and body. The error is a *[ScriptError] for a header that breaks its rules.
func (s Script) Format() (string, error) {
	if s.written != "" && s.Header.equal(s.parsed) {
		return s.written + s.Body, nil
	}
	if err := s.Header.check(); err != nil {
		return "", &ScriptError{Detail: err.Error()}
	}
	if s.Header.empty() {
		// An empty block is needed only before a body that would itself be taken for one.
		if body, _ := ParseScript(s.Body); body.written == "" {
			return s.Body, nil
		}
	}
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			value = " " + value
		}
		b.WriteString("-- " + name + ":" + value + "\n")
	}
	b.WriteString(headerEdge + "\n")
	if s.Header.Engine != "" {
		field("engine", s.Header.Engine)
	}
	if s.Header.Environment != "" {
		field("environment", s.Header.Environment)
	}
	for _, f := range s.Header.Fields {
		field(f.Name, f.Value)
	}
	if len(s.Header.Parameters) > 0 {
		field("parameters", "")
	}
	for _, p := range s.Header.Parameters {
		b.WriteString("--   " + p.Name)
		if p.Type != "" {
			b.WriteString(": " + p.Type)
		}
		if p.Default != "" {
			b.WriteString(" = " + p.Default)
		}
		b.WriteString("\n")
	}
	b.WriteString(headerEdge + "\n")
	return b.String() + s.Body, nil
}
