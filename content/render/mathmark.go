package render

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Formulas in Markdown, as Jupyter and pandoc know them: $…$ with no blank inside next to the dollars and no digit after
// the second one, so that "$5 and $6" stays money; $$…$$, \(…\), \[…\], the latter two also with two backslashes; and
// environments, \begin{…}…\end{…}. Those that begin a line may go over blank lines and over what would otherwise be
// lists and headings.

var (
	kindMath      = ast.NewNodeKind("SextantMath")
	kindMathBlock = ast.NewNodeKind("SextantMathBlock")
)

type mathNode struct {
	ast.BaseInline
	lines   *text.Segments
	display bool
}

func (n *mathNode) Kind() ast.NodeKind            { return kindMath }
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (n *mathNode) tex(source []byte) string {
	body, _ := undelimited(string(n.lines.Value(source)))
	return body
}

type mathBlockNode struct {
	ast.BaseBlock
	close string
	done  bool
}

func (n *mathBlockNode) Kind() ast.NodeKind            { return kindMathBlock }
func (n *mathBlockNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (n *mathBlockNode) IsRaw() bool                   { return true }

// delimiters in the order in which they are tried.
var delimiters = []struct {
	open, close string
	display     bool
}{
	{"$$", "$$", true}, {"$", "$", false}, {`\\(`, `\\)`, false}, {`\\[`, `\\]`, true}, {`\(`, `\)`, false}, {`\[`, `\]`, true},
}

// undelimited takes a formula's delimiters off; those of an environment stay, TeX needs them.
func undelimited(s string) (body string, display bool) {
	for _, d := range delimiters {
		if len(s) >= len(d.open)+len(d.close) && strings.HasPrefix(s, d.open) && strings.HasSuffix(s, d.close) {
			return s[len(d.open) : len(s)-len(d.close)], d.display
		}
	}
	return s, true
}

// environment is the name in \begin{name} at the start of s; "" if there is none that is mathematics.
func environment(s string) string {
	rest, ok := strings.CutPrefix(s, `\begin{`)
	if !ok {
		return ""
	}
	name, _, ok := strings.Cut(rest, "}")
	if !ok || len(name) > 20 {
		return ""
	}
	switch strings.TrimSuffix(name, "*") {
	case "equation", "align", "aligned", "alignat", "gather", "gathered", "multline", "eqnarray", "matrix", "pmatrix", "bmatrix",
		"vmatrix", "Vmatrix", "Bmatrix", "cases", "split", "array", "smallmatrix", "math", "displaymath":
		return name
	}
	return ""
}

type mathInline struct{}

func (mathInline) Trigger() []byte { return []byte{'$', '\\'} }

// noCloser remembers from where on in the text a closing delimiter is known not to come, so that many openers without
// one cost one search.
var noCloser = parser.NewContextKey()

func (mathInline) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	s := string(line[:min(len(line), 40)])
	open, closing, display := "", "", false
	for _, d := range delimiters {
		if strings.HasPrefix(s, d.open) {
			open, closing, display = d.open, d.close, d.display
			break
		}
	}
	if open == "" {
		name := environment(s)
		if name == "" {
			return nil
		}
		open, closing, display = `\begin{`+name+`}`, `\end{`+name+`}`, true
	}
	if open == "$" && (len(line) < 3 || line[1] == ' ' || line[1] == '\t' || line[1] == '\n' || line[1] == '$') {
		return nil
	}
	missing, _ := pc.Get(noCloser).(map[string]int)
	if from, ok := missing[closing]; ok && segment.Start >= from {
		return nil
	}
	at, position := block.Position()
	lines := text.NewSegments()
	skip := len(open)
	for {
		line, segment := block.PeekLine()
		if line == nil {
			block.SetPosition(at, position)
			if missing == nil {
				missing = map[string]int{}
				pc.Set(noCloser, missing)
			}
			missing[closing] = position.Start
			return nil
		}
		end := closeMath(line, skip, closing)
		if end == notMath {
			block.SetPosition(at, position)
			return nil
		}
		if end >= 0 {
			lines.Append(segment.WithStop(segment.Start + end))
			block.Advance(end)
			return &mathNode{lines: lines, display: display}
		}
		lines.Append(segment)
		skip = 0
		block.AdvanceLine()
	}
}

// notMath is what closeMath says of a dollar that cannot close a formula: then none has begun either.
const notMath = -2

// closeMath says where in line, from skip on, closing ends; -1 if it does not come.
func closeMath(line []byte, skip int, closing string) int {
	for i := skip; i < len(line); i++ {
		c := line[i]
		if c == closing[0] && strings.HasPrefix(string(line[i:min(len(line), i+len(closing))]), closing) {
			end := i + len(closing)
			if closing == "$" {
				blank := i > 0 && (line[i-1] == ' ' || line[i-1] == '\t')
				digit := end < len(line) && '0' <= line[end] && line[end] <= '9'
				if blank || digit {
					return notMath
				}
			}
			return end
		}
		if c == '\\' {
			i++
		}
	}
	return -1
}

type mathBlocks struct{}

func (mathBlocks) Trigger() []byte { return []byte{'$', '\\'} }

func (mathBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	offset := pc.BlockOffset()
	if offset < 0 || pc.BlockIndent() > 3 {
		return nil, parser.NoChildren
	}
	s := string(line[offset:])
	n := &mathBlockNode{}
	skip := 2
	switch {
	case strings.HasPrefix(s, "$$"):
		n.close = "$$"
	case strings.HasPrefix(s, `\[`):
		n.close = `\]`
	default:
		name := environment(s)
		if name == "" {
			return nil, parser.NoChildren
		}
		n.close = `\end{` + name + `}`
	}
	if end := strings.Index(s[skip:], n.close); end >= 0 {
		if strings.TrimSpace(s[skip+end+len(n.close):]) != "" {
			return nil, parser.NoChildren // text follows on the line: a formula within a paragraph
		}
		n.done = true
	} else if !closes(reader, n.close) {
		return nil, parser.NoChildren
	}
	n.Lines().Append(text.NewSegment(segment.Start+offset, segment.Stop))
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

// maxMathBlock is how far the end of a formula may lie from its beginning.
const maxMathBlock = 10_000

// closes says whether closing comes within reach, at the end of a line. Without it the text is no formula.
func closes(reader text.Reader, closing string) bool {
	_, segment := reader.PeekLine()
	src := reader.Source()
	rest := string(src[segment.Start+2 : min(len(src), segment.Start+2+maxMathBlock)])
	return strings.Contains(rest, closing)
}

func (mathBlocks) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	n := node.(*mathBlockNode)
	if n.done {
		return parser.Close
	}
	line, segment := reader.PeekLine()
	if line == nil {
		return parser.Close
	}
	n.Lines().Append(segment)
	if strings.Contains(string(line), n.close) {
		n.done = true
	}
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlocks) Close(ast.Node, text.Reader, parser.Context) {}
func (mathBlocks) CanInterruptParagraph() bool                 { return true }
func (mathBlocks) CanAcceptIndentedLine() bool                 { return false }

var (
	_ parser.InlineParser = mathInline{}
	_ parser.BlockParser  = mathBlocks{}
)
