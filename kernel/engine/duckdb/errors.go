package duckdb

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"sextant/kernel/engine"
)

// parseError reads what DuckDB said with errors_as_json on: a JSON object, behind a class prefix ("Parser Error: ")
// when the parser or the client context speaks. A text without JSON is kept as it is.
func parseError(msg string) *engine.Error {
	e := &engine.Error{Class: "Error", Message: strings.TrimSpace(msg), Position: -1}
	at := strings.IndexByte(msg, '{')
	if at < 0 || (at > 0 && !strings.HasSuffix(msg[:at], "Error: ")) {
		if class, rest, ok := strings.Cut(e.Message, " Error: "); ok && len(class) < 40 {
			e.Class, e.Message = className(class), rest
		}
		return withHint(e)
	}
	var doc struct {
		Type       string `json:"exception_type"`
		Message    string `json:"exception_message"`
		Position   string `json:"position"`
		Candidates string `json:"candidates"`
	}
	if err := json.Unmarshal([]byte(msg[at:]), &doc); err != nil {
		return withHint(e)
	}
	e.Class, e.Message = className(doc.Type), strings.TrimSpace(doc.Message)
	if p, err := strconv.Atoi(doc.Position); err == nil && p >= 0 {
		e.Position = p
	}
	if doc.Candidates != "" {
		e.Candidates = splitCandidates(doc.Candidates)
	}
	return withHint(e)
}

// className turns DuckDB's "Out of Memory" into "OutOfMemoryException".
func className(class string) string {
	var b strings.Builder
	for _, word := range strings.Fields(class) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if b.Len() == 0 {
		return "Error"
	}
	return b.String() + "Exception"
}

func splitCandidates(list string) []string {
	parts := strings.Split(list, ",")
	out := parts[:0]
	for _, p := range parts {
		if p = strings.Trim(strings.TrimSpace(p), `"`); p != "" {
			out = append(out, p)
		}
	}
	return out
}

var missingExtension = []*regexp.Regexp{
	regexp.MustCompile(`required extension '([a-z0-9_]+)'`),
	regexp.MustCompile(`Extension "(?:[^"]*/)?([a-z0-9_]+)(?:\.duckdb_extension)?" not found`),
	regexp.MustCompile(`Failed to download extension "([a-z0-9_]+)"`),
	regexp.MustCompile(`it exists in the ([a-z0-9_]+) extension`),
}

// withHint replaces what DuckDB says of a missing extension (it would have it downloaded) by what to do here, and adds
// a word where the message alone leaves the user at a loss.
func withHint(e *engine.Error) *engine.Error {
	for _, re := range missingExtension {
		if m := re.FindStringSubmatch(e.Message); m != nil {
			name := m[1]
			e.Class = "MissingExtensionException"
			e.Message = "this needs DuckDB's " + name + " extension, which is not installed here"
			e.Hint = "install the Python package duckdb-extension-" + strings.ReplaceAll(name, "_", "-") + " of DuckDB's version (" +
				"pip install 'sextant-kernel[" + name + "]'), or name a directory that holds " + name +
				".duckdb_extension in SEXTANT_EXTENSIONS, and restart the kernel; nothing is downloaded by itself"
			return e
		}
	}
	switch {
	case e.Class == "TransactionContextException" && strings.Contains(e.Message, "aborted"):
		e.Message = "the open transaction was aborted by an earlier error; nothing in it will be kept"
		e.Hint = "run ROLLBACK, then start again"
	case e.Class == "OutOfMemoryException":
		e.Hint = "the kernel and its tables are alive; read fewer columns or rows, or aggregate earlier"
	case strings.Contains(e.Message, "the configuration has been locked"):
		e.Hint = "this session's settings are fixed by its environment"
	case e.Class == "PermissionException" && strings.Contains(e.Message, "disabled by configuration"):
		e.Hint = "this session may use only the files and databases that its environment names"
	}
	return e
}
