package duckdb

import "strings"

// verbOf names a statement by its first words: "SELECT", "CREATE TABLE", "INSERT".
func verbOf(sql string) string {
	words := leadingWords(sql, 5)
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "CREATE", "DROP", "ALTER", "COMMENT":
		for _, w := range words[1:] {
			switch w {
			case "OR", "REPLACE", "TEMP", "TEMPORARY", "UNIQUE", "RECURSIVE", "PERSISTENT", "ON":
				continue
			}
			return words[0] + " " + w
		}
	case "BEGIN", "COMMIT", "ROLLBACK", "START", "END", "ABORT":
		if words[0] == "END" {
			return "COMMIT"
		}
		if words[0] == "ABORT" {
			return "ROLLBACK"
		}
	}
	return words[0]
}

// leadingWords gives the first n keywords of a statement in upper case, past comments and opening parentheses.
func leadingWords(sql string, n int) []string {
	var words []string
	for sql != "" && len(words) < n {
		switch {
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql[2:], "*/")
		case isLetter(sql[0]):
			end := 1
			for end < len(sql) && (isLetter(sql[end]) || sql[end] >= '0' && sql[end] <= '9') {
				end++
			}
			words = append(words, strings.ToUpper(sql[:end]))
			sql = sql[end:]
		case len(words) > 0 && !strings.ContainsRune(" \t\r\n", rune(sql[0])):
			return words
		default:
			sql = sql[1:]
		}
	}
	return words
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
