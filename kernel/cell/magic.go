package cell

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"sextant/kernel/sqltext"
)

// magic is one line command.
type magic struct {
	name  string
	usage string // what follows the name
	short string // what it does, one sentence
	long  string // Markdown, with examples
	// args are what it takes, for completion and for the check of what was given.
	args []sqltext.MagicArg
	run  func(r *run, ctx context.Context, m call) error
}

// call is one use of a magic.
type call struct {
	part sqltext.Part
	args []sqltext.Arg
}

// magics are all of them, in the order of %help. A function because the list's functions refer back to it.
func magics() []magic {
	return []magic{
		{name: "help", args: one(sqltext.ArgMagic), usage: "[NAME]", short: "show what there is, or all about one magic, table, function or setting", run: (*run).helpMagic},
		connectMagic("connect"), connectMagic("attach"),
		{name: "tables", args: one(sqltext.ArgTable), usage: "[PATTERN]", short: "list tables and views", long: "`%tables sales` lists those whose name contains *sales*.", run: (*run).tables},
		{name: "describe", args: one(sqltext.ArgTable), usage: "[TABLE|QUERY]", short: "summarize a table, or the query below: types, ranges, quartiles, nulls", run: (*run).describe},
		{name: "limit", usage: "[ROWS]", short: "say how many rows of a result are shown", run: (*run).limitMagic},
		{name: "timing", args: []sqltext.MagicArg{{Values: []string{"on", "off"}}}, usage: "[on|off]", short: "show the time each statement took in plain text too", run: (*run).timingMagic},
		exportMagic(), chartMagic(),
		{name: "explain", usage: "[QUERY]", short: "show the plan of the query below as a tree", run: (*run).explain},
		{name: "profile", usage: "[QUERY]", short: "run the query below and show where its time went", run: (*run).profile},
		paramsMagic(),
		{name: "echo", usage: "[--stderr] TEXT", short: "print a line; $name stands for a parameter's value", args: flags("stderr"), run: (*run).echo},
		{name: "clear", usage: "[--wait]", short: "clear the cell's output", args: flags("wait"), run: (*run).clearMagic},
	}
}

func findMagic(name string) (magic, bool) {
	for _, m := range magics() {
		if strings.EqualFold(m.name, name) {
			return m, true
		}
	}
	return magic{}, false
}

func (r *run) magic(ctx context.Context, p sqltext.Part) error {
	m, ok := findMagic(p.Magic.Name)
	if !ok {
		var names []string
		for _, m := range magics() {
			names = append(names, m.name)
		}
		hint := "%help lists the magics"
		if near := sqltext.Nearest(p.Magic.Name, names); near != "" {
			hint = "did you mean %" + near + "?"
		}
		return r.fail(p.Start, "UnknownMagic", "there is no magic %"+p.Magic.Name, hint)
	}
	if p.Unterminated != "" {
		return r.fail(p.Start, "UsageError", "a "+p.Unterminated+" is not closed", "")
	}
	c := call{part: p, args: sqltext.ParseArgs(p.Magic.Args, p.Magic.ArgsStart)}
	if err := r.checkOptions(m, c); err != nil {
		return err
	}
	return m.run(r, ctx, c)
}

// checkOptions refuses flags the magic does not know. %params and %echo read their text themselves.
func (r *run) checkOptions(m magic, c call) error {
	if m.name == "params" || m.name == "echo" {
		return nil
	}
	for _, a := range c.args {
		if a.Key == "" && !a.Flag {
			continue
		}
		given := a.Key
		if a.Flag {
			given = "--" + given
		}
		var names []string
		known := false
		for _, o := range m.args {
			if o.Name == "" {
				continue
			}
			name := o.Name
			if o.Flag {
				name = "--" + name
			}
			known = known || strings.EqualFold(name, given)
			names = append(names, name)
		}
		if !known {
			hint := "usage: %" + m.name + " " + m.usage
			if near := sqltext.Nearest(given, names); near != "" {
				hint = "did you mean " + near + "? " + hint
			}
			return r.fail(a.Start, "UsageError", "%"+m.name+" has no option "+given, hint)
		}
	}
	return nil
}

// one is the single argument without a name that a magic takes.
func one(kind sqltext.ArgKind) []sqltext.MagicArg { return []sqltext.MagicArg{{Kind: kind}} }

// keys are key=value arguments; flags are --flag ones.
func keys(names ...string) []sqltext.MagicArg {
	out := make([]sqltext.MagicArg, len(names))
	for i, n := range names {
		out[i] = sqltext.MagicArg{Name: n}
	}
	return out
}

func flags(names ...string) []sqltext.MagicArg {
	out := keys(names...)
	for i := range out {
		out[i].Flag = true
	}
	return out
}

// specs are the magics as completion needs them.
func specs() []sqltext.MagicSpec {
	var out []sqltext.MagicSpec
	for _, m := range magics() {
		out = append(out, sqltext.MagicSpec{Name: m.name, Signature: strings.TrimSpace("%" + m.name + " " + m.usage), Summary: sentence(m.short), Args: m.args})
	}
	return out
}

// words are the plain arguments; option gives the value of key=value.
func (c call) words() []sqltext.Arg {
	var out []sqltext.Arg
	for _, a := range c.args {
		if a.Key == "" && !a.Flag {
			out = append(out, a)
		}
	}
	return out
}

func (c call) option(key string) (sqltext.Arg, bool) {
	for _, a := range c.args {
		if strings.EqualFold(a.Key, key) {
			return a, true
		}
	}
	return sqltext.Arg{}, false
}

func (c call) flag(key string) bool {
	_, ok := c.option(key)
	return ok
}

// usage is the error of a magic used wrongly.
func (r *run) usage(c call, at int, problem string) error {
	m, _ := findMagic(c.part.Magic.Name)
	if at < 0 {
		at = c.part.Start
	}
	return r.fail(at, "UsageError", problem, strings.TrimSpace("usage: %"+m.name+" "+m.usage))
}

// below keeps the magic until the statement under it comes.
func (r *run) below(c call, do func(ctx context.Context, stmt statement) error) error {
	r.pending = &pendingMagic{part: c.part, do: do}
	return nil
}

// ofQuery runs SQL made around the statement, with its parameters bound; errors point into the statement. sql is given
// the statement's text and must contain it once, as it is.
func (r *run) ofQuery(ctx context.Context, stmt statement, sql func(string) string, do func(ctx context.Context, sql string) error) error {
	bound, offset, err := r.bind(ctx, stmt)
	if err != nil {
		return err
	}
	whole := sql(bound)
	at := max(0, strings.Index(whole, bound))
	w := r.watch()
	defer w.stop()
	if err := do(ctx, whole); err != nil {
		w.stop()
		return r.failureOf(ctx, err, stmt, func(i int) int { return max(0, offset(max(0, i-at))) })
	}
	return nil
}

// requireQuery refuses statements that are no query, for magics that read from one.
func (r *run) requireQuery(m string, stmt statement) error {
	switch first := sqltext.FirstKeyword(stmt.sql); first {
	case "SELECT", "FROM", "WITH", "VALUES", "TABLE", "PIVOT", "UNPIVOT", "DESCRIBE", "SHOW", "SUMMARIZE":
		return nil
	default:
		return r.fail(stmt.start, "UsageError", fmt.Sprintf("%%%s works on a query, and %s is none", m, first), "")
	}
}

func (r *run) limitMagic(_ context.Context, c call) error {
	words := c.words()
	if len(words) > 1 {
		return r.usage(c, words[1].Start, "%limit takes one number")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(words) == 1 {
		var n int
		if _, err := fmt.Sscanf(strings.ReplaceAll(words[0].Value, ",", "")+"\n", "%d\n", &n); err != nil || n < 1 || n > maxLimit {
			return r.usage(c, words[0].Start, fmt.Sprintf("%%limit takes a number from 1 to %d", maxLimit))
		}
		r.Shell.limit = n
	}
	r.screen.stream("stdout", fmt.Sprintf("Up to %d rows of a result are shown.\n", r.Shell.limit))
	return nil
}

// maxLimit bounds %limit: more than this is what %export is for.
const maxLimit = 100_000

func (r *run) timingMagic(_ context.Context, c call) error {
	words := c.words()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(words) == 0:
		r.Shell.timing = !r.Shell.timing
	case len(words) == 1 && strings.EqualFold(words[0].Value, "on"):
		r.Shell.timing = true
	case len(words) == 1 && strings.EqualFold(words[0].Value, "off"):
		r.Shell.timing = false
	default:
		return r.usage(c, words[0].Start, "%timing takes on or off")
	}
	state := "off"
	if r.Shell.timing {
		state = "on"
	}
	r.screen.stream("stdout", "Timing is "+state+".\n")
	return nil
}

func (r *run) clearMagic(_ context.Context, c call) error {
	r.screen.clear(c.flag("wait"))
	return nil
}

// echo prints its text as it stands, but for parameters.
func (r *run) echo(ctx context.Context, c call) error {
	text := c.part.Magic.Args
	stream := "stdout"
	for _, flag := range []string{"--stderr", "-e"} {
		if rest, ok := strings.CutPrefix(text, flag); ok && (rest == "" || rest[0] == ' ') {
			text, stream = strings.TrimSpace(rest), "stderr"
		}
	}
	if len(text) > 1 && (text[0] == '\'' || text[0] == '"') && text[len(text)-1] == text[0] && strings.Count(text, text[:1]) == 2 {
		text = text[1 : len(text)-1]
	}
	text, err := r.expand(ctx, text)
	if err != nil {
		return err
	}
	r.screen.stream(stream, text+"\n")
	return nil
}

// expand puts the values of parameters into a text that is shown or names a file; it never becomes SQL.
func (r *run) expand(ctx context.Context, text string) (string, error) {
	params := sqltext.Params(text)
	if len(params) == 0 {
		return text, nil
	}
	known := append(r.paramNames(), r.variables(ctx)...)
	sort.Strings(known)
	var b strings.Builder
	from := 0
	for _, p := range params {
		name := pick(p.Name, known)
		if name == "" {
			continue // a dollar sign in a sentence
		}
		rows, err := r.query(ctx, "SELECT CAST(getvariable("+sqltext.QuoteString(name)+") AS VARCHAR)", nil)
		if err != nil {
			return "", err
		}
		b.WriteString(text[from:p.Start])
		b.WriteString(rows[0][0])
		from = p.End
	}
	b.WriteString(text[from:])
	return b.String(), nil
}
