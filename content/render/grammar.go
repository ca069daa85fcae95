package render

import (
	"strings"
	"unicode/utf8"
)

// grammar is what has to be known of a language to colour it.
type grammar struct {
	keywords, types, builtins map[string]bool
	// fold has words compare without case.
	fold bool
	// lineComments begin a comment to the end of the line, blockComment one that ends.
	lineComments []string
	blockComment [2]string
	// nested block comments nest.
	nested bool
	quotes []quote
	// prefixes are letters that may stand before a string.
	prefixes string
	// defines are the keywords after which a name is defined.
	defines map[string]bool
	// magics has lines that begin with % or !, as IPython and Sextant's kernel know them.
	magics bool
	// decorators has @name.
	decorators bool
	// dollars has PostgreSQL's strings, $tag$ … $tag$, and parameters, $name.
	dollars bool
}

// quote is a kind of string.
type quote struct {
	open, close string
	// escape has a backslash take the next character along; double has a doubled closing quote stand for itself.
	escape, double bool
	// lines lets it go over line ends.
	lines bool
	class string
}

var grammars = func() map[string]*grammar {
	double, single := quote{open: `"`, close: `"`, escape: true, class: "sx-s"}, quote{open: `'`, close: `'`, escape: true, class: "sx-s"}
	python := &grammar{
		keywords: set(`and as assert async await break class continue def del elif else except finally for from global if import in is
			lambda nonlocal not or pass raise return try while with yield match case type`),
		types: set(`None True False self cls`),
		builtins: set(`abs all any bool bytes callable dict dir display enumerate filter float format frozenset getattr hasattr int isinstance
			issubclass iter len list map max min next object open ord pow print property range repr reversed round set setattr
			sorted staticmethod classmethod str sum super tuple type vars zip`),
		lineComments: []string{"#"}, prefixes: "rRbBuUfFtT", defines: set("def class"), magics: true, decorators: true,
		quotes: []quote{{open: `"""`, close: `"""`, escape: true, lines: true, class: "sx-s"}, {open: `'''`, close: `'''`, escape: true, lines: true, class: "sx-s"}, double, single},
	}
	sql := &grammar{
		fold: true,
		keywords: set(`add all alter analyze and anti any array as asc asof at attach begin between by call cascade case cast check checkpoint
			collate column commit constraint copy create cross cube current database default deferrable delete desc describe detach distinct
			do drop else end escape except exclude execute exists explain export extension false fetch filter first following for
			foreign from full function generated glob group grouping having if ilike import in index inner insert install
			intersect interval into is isnull join key last lateral left like limit load macro materialized merge natural not
			notnull null nulls of offset on only or order outer over overwrite partition partitioned pivot positional pragma
			preceding prepare primary qualify range recursive references rename replace reset respect returning right rollback rollup row
			rows savepoint schema select semi sequence set sets show similar some start summarize table tables
			tablesample temp temporary then to transaction true truncate try_cast type unbounded union unique unpivot update use using
			values view when where window with within without`),
		types: set(`bigint binary bit bitstring blob bool boolean bytea char date datetime decimal double float float4 float8 hugeint int
			int1 int2 int4 int8 integer json list long map numeric real short smallint string struct text time timestamp timestamptz
			tinyint ubigint uhugeint uinteger usmallint utinyint uuid varchar`),
		builtins: set(`abs array_agg avg ceil coalesce concat count cume_dist date_diff date_part date_trunc dense_rank epoch extract first_value
			floor format generate_series greatest hour lag last_value lead least length list_agg lower max median min mode month
			now nth_value ntile nullif percent_rank quantile quantile_cont rank read_csv read_json read_parquet regexp_matches
			regexp_replace round row_number sqrt stddev strftime string_agg strptime substr substring sum trim unnest upper
			variance year`),
		lineComments: []string{"--"}, blockComment: [2]string{"/*", "*/"}, nested: true, magics: true, dollars: true, prefixes: "eExXbB",
		quotes: []quote{{open: `'`, close: `'`, double: true, lines: true, class: "sx-s"}, {open: `"`, close: `"`, double: true, lines: true, class: ""}},
	}
	c := func(keywords, types string) *grammar {
		return &grammar{keywords: set(keywords), types: set(types), lineComments: []string{"//"}, blockComment: [2]string{"/*", "*/"},
			quotes: []quote{double, single, {open: "`", close: "`", escape: true, lines: true, class: "sx-s"}}, decorators: true,
			defines: set("func function class interface struct enum trait object def fn type")}
	}
	javascript := c(`async await break case catch class const continue debugger default delete do else export extends finally for from
		function get if import in instanceof let new of return set static super switch throw try typeof var void while with yield
		interface type enum implements namespace declare readonly as private public protected abstract`,
		`true false null undefined this NaN Infinity string number boolean any unknown never object`)
	java := c(`abstract assert break case catch class continue default do else enum extends final finally for if implements import instanceof
		interface native new package private protected public return static super switch synchronized throw throws transient try
		var void volatile while record`, `true false null this int long double float boolean char byte short String`)
	scala := c(`abstract case catch class def do else extends final finally for forSome if implicit import lazy match new object override
		package private protected return sealed super throw trait try type val var while with yield given using enum then`,
		`true false null this Int Long Double Float Boolean Char Byte Short String Unit Any`)
	scala.quotes = append([]quote{{open: `"""`, close: `"""`, lines: true, class: "sx-s"}}, double)
	scala.magics = true
	golang := c(`break case chan const continue default defer else fallthrough for func go goto if import interface map package range return
		select struct switch type var`, `true false nil iota string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 float32
		float64 bool byte rune error any`)
	cpp := c(`alignas auto break case catch class const constexpr continue default delete do else enum explicit extern for friend goto if
		inline namespace new operator private protected public return sizeof static struct switch template this throw try typedef
		typename union using virtual void volatile while`, `true false nullptr NULL int long double float bool char short unsigned signed size_t`)
	rust := c(`as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return
		static struct super trait type unsafe use where while`, `true false self Self bool char str String i8 i16 i32 i64 u8 u16 u32 u64 usize isize f32 f64 Vec Option Result`)
	rust.quotes = []quote{double}
	r := &grammar{keywords: set(`if else repeat while function for next break in return library require`), types: set(`TRUE FALSE NULL NA NaN Inf`),
		builtins: set(`c list data.frame print paste paste0 mean sum length lapply sapply apply head tail summary ggplot aes`), lineComments: []string{"#"},
		quotes: []quote{{open: `"`, close: `"`, escape: true, lines: true, class: "sx-s"}, {open: `'`, close: `'`, escape: true, lines: true, class: "sx-s"}}}
	julia := &grammar{keywords: set(`abstract baremodule begin break catch const continue do else elseif end export finally for function global if
		import in let local macro module mutable primitive quote return struct try type using where while`), types: set(`true false nothing missing
		Int Int64 Float64 String Bool Vector Matrix Any`), lineComments: []string{"#"}, blockComment: [2]string{"#=", "=#"}, nested: true, decorators: true,
		defines: set("function struct macro module"), quotes: []quote{{open: `"""`, close: `"""`, escape: true, lines: true, class: "sx-s"}, double}}
	bash := &grammar{keywords: set(`if then else elif fi for while until do done case esac in function select time return exit export local set unset
		readonly declare source`), builtins: set(`echo cd ls cat grep sed awk curl pip python git mkdir rm cp mv test printf read`), lineComments: []string{"#"},
		quotes: []quote{{open: `"`, close: `"`, escape: true, lines: true, class: "sx-s"}, {open: `'`, close: `'`, lines: true, class: "sx-s"}}}
	json := &grammar{types: set("true false null NaN Infinity"), quotes: []quote{double}}
	return map[string]*grammar{
		"python": python, "python3": python, "py": python, "ipython": python, "ipython3": python, "pyspark": python, "python2": python,
		"sql": sql, "duckdb": sql, "postgresql": sql, "postgres": sql, "sqlite": sql, "mysql": sql, "sparksql": sql, "spark-sql": sql, "plsql": sql,
		"javascript": javascript, "js": javascript, "typescript": javascript, "ts": javascript, "jsx": javascript, "tsx": javascript,
		"java": java, "kotlin": java, "scala": scala, "go": golang, "golang": golang, "c": cpp, "c++": cpp, "cpp": cpp, "rust": rust,
		"r": r, "julia": julia, "bash": bash, "sh": bash, "shell": bash, "console": bash, "json": json,
	}
}()

const maxWord = 64

// highlight writes source with its parts in spans.
func (g *grammar) highlight(w stringWriter, source string) {
	plain := 0 // where the text begins that has no class
	span := func(from, to int, class string) {
		if class == "" || from == to {
			return
		}
		writeText(w, source[plain:from])
		token(w, class, source[from:to])
		plain = to
	}
	defining, lineStart := false, true
	for i := 0; i < len(source); {
		c := source[i]
		if c == '\n' {
			lineStart, defining = true, false
			i++
			continue
		}
		if c == ' ' || c == '\t' {
			i++
			continue
		}
		first := lineStart
		lineStart = false
		if first && g.magics && (c == '%' || c == '!') && i+1 < len(source) && source[i+1] != ' ' && source[i+1] != '=' {
			end := i + 1
			for end < len(source) && source[end] != ' ' && source[end] != '\n' {
				end++
			}
			if c == '!' {
				end = lineEnd(source, i)
			}
			span(i, end, "sx-m")
			i = end
			continue
		}
		if end := g.comment(source, i); end > 0 {
			span(i, end, "sx-c")
			i = end
			continue
		}
		if q := g.quote(source[i:]); q != nil {
			end := q.end(source, i)
			span(i, end, q.class)
			i = end
			continue
		}
		switch {
		case '0' <= c && c <= '9' || c == '.' && i+1 < len(source) && '0' <= source[i+1] && source[i+1] <= '9':
			end := i + 1
			for end < len(source) && (nameByte(source[end]) || source[end] == '.' || (source[end] == '-' || source[end] == '+') && (source[end-1] == 'e' || source[end-1] == 'E') && source[i] != '0') {
				end++
			}
			span(i, end, "sx-n")
			i = end
		case c == '@' && g.decorators && i+1 < len(source) && nameByte(source[i+1]) && (first || g.blockComment[0] != ""):
			end := i + 1
			for end < len(source) && (nameByte(source[end]) || source[end] == '.') {
				end++
			}
			span(i, end, "sx-m")
			i = end
		case c == '$' && g.dollars:
			end := i + 1
			for end < len(source) && nameByte(source[end]) {
				end++
			}
			if end < len(source) && source[end] == '$' { // $tag$ … $tag$
				tag := source[i : end+1]
				if k := strings.Index(source[end+1:], tag); k >= 0 {
					end += 1 + k + len(tag)
				} else {
					end = len(source)
				}
				span(i, end, "sx-s")
			} else {
				span(i, end, "sx-m")
			}
			i = end
		case nameByte(c):
			end := i + 1
			for end < len(source) && (nameByte(source[end])) {
				end++
			}
			word := source[i:end]
			if end-i <= 2 && g.prefixes != "" && strings.Trim(word, g.prefixes) == "" && end < len(source) && (source[end] == '\'' || source[end] == '"') {
				if q := g.quote(source[end:]); q != nil && q.class != "" {
					stop := q.end(source, end)
					span(i, stop, q.class)
					i = stop
					continue
				}
			}
			class := g.word(word, i > 0 && source[i-1] == '.')
			if defining && class == "" {
				class = "sx-f"
			}
			defining = class == "sx-k" && g.defines[word]
			span(i, end, class)
			i = end
		default:
			_, n := utf8.DecodeRuneInString(source[i:])
			i += n
		}
	}
	writeText(w, source[plain:])
}

// word is the class of a word.
func (g *grammar) word(word string, member bool) string {
	if len(word) > maxWord || member {
		return ""
	}
	if g.fold {
		word = strings.ToLower(word)
	}
	switch {
	case g.keywords[word]:
		return "sx-k"
	case g.types[word]:
		return "sx-t"
	case g.builtins[word]:
		return "sx-f"
	}
	return ""
}

func nameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

func lineEnd(s string, from int) int {
	if k := strings.IndexByte(s[from:], '\n'); k >= 0 {
		return from + k
	}
	return len(s)
}

// comment says where the comment that begins at i ends; 0 if none does.
func (g *grammar) comment(s string, i int) int {
	if open := g.blockComment[0]; open != "" && strings.HasPrefix(s[i:], open) {
		depth := 1
		for k := i + len(open); k < len(s); k++ {
			switch {
			case strings.HasPrefix(s[k:], g.blockComment[1]):
				if depth--; depth == 0 {
					return k + len(g.blockComment[1])
				}
				k += len(g.blockComment[1]) - 1
			case g.nested && strings.HasPrefix(s[k:], open):
				depth++
				k += len(open) - 1
			}
		}
		return len(s)
	}
	for _, mark := range g.lineComments {
		if strings.HasPrefix(s[i:], mark) {
			return lineEnd(s, i)
		}
	}
	return 0
}

func (g *grammar) quote(s string) *quote {
	for i := range g.quotes {
		if strings.HasPrefix(s, g.quotes[i].open) {
			return &g.quotes[i]
		}
	}
	return nil
}

// end says where the string that begins at i ends: at its quote, or at the line's end where it may not go over it.
func (q *quote) end(s string, i int) int {
	for k := i + len(q.open); k < len(s); k++ {
		switch c := s[k]; {
		case c == '\\' && q.escape:
			k++
		case c == '\n' && !q.lines:
			return k
		case c == q.close[0] && strings.HasPrefix(s[k:], q.close):
			if q.double && k+1 < len(s) && s[k+1] == q.close[0] {
				k++
				continue
			}
			return k + len(q.close)
		}
	}
	return len(s)
}
