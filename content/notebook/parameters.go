package notebook

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// AskedKind is what a value that is asked for looks like.
type AskedKind string

// The kinds of value.
const (
	AskedText    AskedKind = "text"
	AskedNumber  AskedKind = "number"
	AskedBoolean AskedKind = "boolean"
	// AskedJSON is anything else: a list, an object, null.
	AskedJSON AskedKind = "json"
)

// Asked is a value that a document asks for where it is run.
type Asked struct {
	Name string
	// Type is as the document writes it; empty if it does not.
	Type string
	Kind AskedKind
	// Default is the text's value, or of other kinds the literal as it is written; empty if there is none.
	Default string
	// Required is set where there is no default.
	Required bool
}

var (
	// pythonAssignment is "name = literal" or "name: type = literal", as papermill reads it.
	pythonAssignment = regexp.MustCompile(`^([A-Za-z_]\w*)[ \t]*(?::[ \t]*([^=]+?))?[ \t]*=[ \t]*([^=].*)$`)
	// sqlAssignment is an assignment of %params, its value a string, a list, a struct or a word.
	sqlAssignment = regexp.MustCompile(`(\w+)(?::([^=\s]+))?=('(?:[^']|'')*'|\[[^\]]*\]|\{[^}]*\}|\S+)`)
	setVariable   = regexp.MustCompile(`(?i)^[ \t]*SET[ \t]+VARIABLE[ \t]+"?(\w+)"?[ \t]*=[ \t]*(.+?);?[ \t]*$`)
	numberLiteral = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$`)
	quoted        = regexp.MustCompile(`^'[^'\\]*'$|^"[^"\\]*"$`)
	sqlQuoted     = regexp.MustCompile(`^'((?:[^']|'')*)'$`)
	comment       = regexp.MustCompile(`[ \t]+#.*$`)
)

// Parameters are the values that a notebook in Python or SQL asks for: those that its cell tagged parameters sets, in order, each once.
// What cannot be told from the text is left out.
func Parameters(nb *Notebook) []Asked {
	var out []Asked
	for _, c := range nb.Cells {
		if c.Type != Code || !slices.ContainsFunc(c.Metadata["tags"].Array(), func(v Value) bool { text, _ := v.Text(); return text == "parameters" }) {
			continue
		}
		for line := range strings.Lines(c.Source) {
			line = strings.TrimRight(line, "\r\n")
			switch {
			case strings.HasPrefix(strings.TrimSpace(line), "%params"):
				for _, m := range sqlAssignment.FindAllStringSubmatch(strings.SplitN(line, "%params", 2)[1], -1) {
					out = append(out, askedSQL(m[1], m[2], m[3]))
				}
			case setVariable.MatchString(line):
				m := setVariable.FindStringSubmatch(line)
				out = append(out, askedSQL(m[1], "", m[2]))
			default:
				if m := pythonAssignment.FindStringSubmatch(line); m != nil {
					out = append(out, askedPython(m[1], strings.TrimSpace(m[2]), m[3]))
				}
			}
		}
		break
	}
	return lastOfEach(out)
}

// lastOfEach keeps what is set last under each name, where it was first.
func lastOfEach(all []Asked) []Asked {
	var out []Asked
	for _, a := range all {
		if i := slices.IndexFunc(out, func(o Asked) bool { return o.Name == a.Name }); i >= 0 {
			out[i] = a
		} else {
			out = append(out, a)
		}
	}
	return out
}

func askedPython(name, kind, value string) Asked {
	value = strings.TrimSpace(value)
	if !quoted.MatchString(value) {
		value = strings.TrimSpace(comment.ReplaceAllString(value, ""))
	}
	a := Asked{Name: name, Type: kind, Kind: AskedJSON, Default: value}
	switch {
	case numberLiteral.MatchString(value):
		a.Kind = AskedNumber
	case value == "True" || value == "False":
		a.Kind = AskedBoolean
	case quoted.MatchString(value):
		a.Kind, a.Default = AskedText, value[1:len(value)-1]
	}
	return a
}

func askedSQL(name, kind, value string) Asked {
	a := Asked{Name: name, Type: kind, Kind: AskedJSON, Default: value}
	switch {
	case numberLiteral.MatchString(value):
		a.Kind = AskedNumber
	case strings.EqualFold(value, "true") || strings.EqualFold(value, "false"):
		a.Kind = AskedBoolean
	case sqlQuoted.MatchString(value):
		a.Kind, a.Default = AskedText, strings.ReplaceAll(sqlQuoted.FindStringSubmatch(value)[1], "''", "'")
	}
	return a
}

// Asked are the values that the script asks for.
func (s Script) Asked() []Asked {
	var out []Asked
	for _, p := range s.Header.Parameters {
		a := askedSQL(p.Name, p.Type, p.Default)
		if a.Required = p.Default == ""; a.Required {
			a.Kind = kindOfType(p.Type)
		}
		out = append(out, a)
	}
	return out
}

var numeric = regexp.MustCompile(`(?i)^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL|NUMERIC)\b`)

func kindOfType(t string) AskedKind {
	switch {
	case strings.HasSuffix(t, "]") || strings.HasPrefix(strings.ToUpper(t), "STRUCT"):
		return AskedJSON
	case numeric.MatchString(t):
		return AskedNumber
	case strings.EqualFold(t, "BOOLEAN") || strings.EqualFold(t, "BOOL"):
		return AskedBoolean
	}
	return AskedText
}

// Read gives what somebody has written for the value, as JSON; set is false where it stays the default. The error says what is
// wanted.
func (a Asked) Read(text string) (value json.RawMessage, set bool, err error) {
	if text == a.Default && !a.Required {
		return nil, false, nil
	}
	switch a.Kind {
	case AskedText:
		value, err = json.Marshal(text)
		return value, true, err
	case AskedNumber:
		if text = strings.TrimSpace(text); !numberLiteral.MatchString(text) {
			return nil, false, fmt.Errorf("%s: %.60q is no number", a.Name, text)
		}
		return json.RawMessage(text), true, nil
	case AskedBoolean:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "false":
			return json.RawMessage(strings.ToLower(strings.TrimSpace(text))), true, nil
		}
		return nil, false, fmt.Errorf("%s: %.60q is neither true nor false", a.Name, text)
	}
	if !json.Valid([]byte(text)) {
		return nil, false, fmt.Errorf(`%s: %.60q is no JSON value, such as ["EU", "US"] or null`, a.Name, text)
	}
	return json.RawMessage(text), true, nil
}
