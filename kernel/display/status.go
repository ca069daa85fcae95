package display

import (
	"strings"
	"time"
)

// Status is what there is to say of a statement that gave no rows to show.
type Status struct {
	// Verb is the statement's kind in SQL words, as engine.Result gives it: "CREATE TABLE", "INSERT".
	Verb string
	// Rows changed; negative for a statement that counts none.
	Rows    int64
	Elapsed time.Duration // not shown when zero or negative
}

// Text is one line: "3 rows inserted · 2 ms", "Table created · 1 ms".
func (s Status) Text() string {
	elapsed := ""
	if s.Elapsed > 0 {
		elapsed = shortDuration(s.Elapsed)
	}
	return joinPhrases(s.phrase(), elapsed)
}

// Bundle is the line as text and as a quiet line of HTML.
func (s Status) Bundle() Bundle {
	meta := map[string]any{"verb": s.Verb}
	if s.Rows >= 0 {
		meta["rows_changed"] = s.Rows
	}
	if s.Elapsed > 0 {
		meta["elapsed_ms"] = float64(s.Elapsed.Microseconds()) / 1000
	}
	return Bundle{
		Data:     map[string]any{MIMEText: s.Text(), MIMEHTML: `<div style="opacity:0.75">` + escapeText(s.Text()) + "</div>"},
		Metadata: map[string]any{"sextant": meta},
	}
}

// participles are the verbs whose second form is not the first with "ed".
var participles = map[string]string{
	"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted", "MERGE": "merged", "COPY": "copied",
	"CREATE": "created", "DROP": "dropped", "ALTER": "altered", "ATTACH": "attached", "DETACH": "detached",
	"TRUNCATE": "truncated", "COMMENT": "commented on", "EXPORT": "exported", "IMPORT": "imported",
}

// whole are the sentences of statements that have no object to name.
var whole = map[string]string{
	"BEGIN": "Transaction begun", "BEGIN TRANSACTION": "Transaction begun", "START TRANSACTION": "Transaction begun",
	"TRANSACTION": "Done", "COMMIT": "Transaction committed", "ROLLBACK": "Transaction rolled back",
	"ABORT": "Transaction rolled back", "USE": "Database selected", "SET": "Setting changed", "RESET": "Setting reset",
	"LOAD": "Extension loaded", "INSTALL": "Extension installed", "CHECKPOINT": "Checkpoint written",
	"VACUUM": "Vacuumed", "ANALYZE": "Analysed", "PREPARE": "Statement prepared", "DEALLOCATE": "Statement released",
	"ATTACH": "Database attached", "DETACH": "Database detached", "EXPORT": "Database exported", "IMPORT": "Database imported",
	"": "Done",
}

func (s Status) phrase() string {
	verb := strings.ToUpper(strings.Join(strings.Fields(s.Verb), " "))
	first, object, _ := strings.Cut(verb, " ")
	if s.Rows >= 0 && first != "CREATE" {
		if done, ok := participles[first]; ok {
			return counted(s.Rows, "row") + " " + done
		}
		return counted(s.Rows, "row") + " changed"
	}
	if sentence, ok := whole[verb]; ok {
		return sentence
	}
	done, ok := participles[first]
	if !ok || object == "" {
		return "Done"
	}
	object = strings.TrimPrefix(object, "OR REPLACE ")
	object = strings.ToLower(object)
	text := strings.ToUpper(object[:1]) + object[1:] + " " + done
	if s.Rows >= 0 { // CREATE TABLE … AS
		text += " with " + counted(s.Rows, "row")
	}
	return text
}
