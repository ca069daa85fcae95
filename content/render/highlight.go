package render

import (
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// Code is coloured by a small reader of words, strings, numbers and comments for the languages that notebooks are
// written in (grammar.go), and by chroma for all others. Chroma takes a millisecond for a cell of Python and a second
// for a script in SQL; a page of a hundred cells would wait for nothing else.

const (
	maxChroma  = 32 << 10
	chromaTime = 500 * time.Millisecond
)

// code writes code as the inside of a code element.
func (j *job) code(w stringWriter, source, language string) {
	source = strings.ReplaceAll(source, "\r\n", "\n")
	language = strings.ToLower(language)
	if len(source) > j.limits.Code {
		writeText(w, source)
		return
	}
	if g := grammars[language]; g != nil {
		g.highlight(w, source)
		return
	}
	if language == "" || len(source) > maxChroma || lexerNames()[language] == nil {
		writeText(w, source)
		return
	}
	k := key("code", language, source)
	if v, ok := j.r.cache.Get(k); ok {
		_, _ = w.WriteString(string(v))
		return
	}
	var b strings.Builder
	if !chromaHTML(&b, source, language) {
		writeText(w, source)
		return
	}
	j.r.cache.Put(k, []byte(b.String()))
	_, _ = w.WriteString(b.String())
}

// lexerNames are chroma's lexers by name and alias. Its own search goes on to file names, a thousand patterns for each
// language that it does not know.
var lexerNames = sync.OnceValue(func() map[string]chroma.Lexer {
	names := map[string]chroma.Lexer{}
	for _, l := range lexers.GlobalLexerRegistry.Lexers {
		c := l.Config()
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			names[strings.ToLower(name)] = l
		}
	}
	return names
})

func chromaHTML(w *strings.Builder, source, language string) (ok bool) {
	defer func() { ok = recover() == nil && ok }() // a lexer that fails leaves the code plain
	lexer := lexerNames()[language]
	if lexer == nil {
		return false
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, source)
	if err != nil {
		return false
	}
	end := time.Now().Add(chromaTime)
	n := 0
	for t := tokens(); t != chroma.EOF; t = tokens() {
		if n++; n%64 == 0 && time.Now().After(end) {
			return false
		}
		token(w, chromaClass(t.Type), t.Value)
	}
	return true
}

func chromaClass(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType, t == chroma.NameClass:
		return "sx-t"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord, t == chroma.NameTag:
		return "sx-k"
	case t.InSubCategory(chroma.String):
		return "sx-s"
	case t.InSubCategory(chroma.Number):
		return "sx-n"
	case t.InCategory(chroma.Comment):
		return "sx-c"
	case t == chroma.NameFunction, t == chroma.NameBuiltin, t == chroma.NameAttribute:
		return "sx-f"
	case t == chroma.NameDecorator, t == chroma.GenericHeading:
		return "sx-m"
	}
	return ""
}

func token(w stringWriter, class, text string) {
	if class == "" {
		writeText(w, text)
		return
	}
	_, _ = w.WriteString(`<span class="` + class + `">`)
	writeText(w, text)
	_, _ = w.WriteString("</span>")
}
