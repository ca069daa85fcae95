package sqltext

import "strings"

// magic completes in a magic: its name, or the argument at the cursor.
func (w *writer) magic(p Part) {
	m := p.Magic
	name := p.Start
	for w.cell[name] == '%' {
		name++
	}
	if end := name + len(m.Name); w.cursor <= end {
		w.magicNames(p.Start, end)
		return
	}
	var spec MagicSpec
	for _, s := range w.Magics {
		if s.Name == m.Name {
			spec = s
		}
	}
	var arg Arg
	used := map[string]bool{}
	words := 0
	args := ParseArgs(m.Args, m.ArgsStart)
	for _, a := range args {
		switch {
		case a.Start <= w.cursor && w.cursor <= a.End:
			arg = a
		case a.Key != "":
			used[a.Key] = true
		case a.End < w.cursor:
			words++
		}
	}
	if arg.End == 0 {
		arg = Arg{Start: w.cursor, End: w.cursor, ValueStart: w.cursor, ValueEnd: w.cursor}
	}
	switch {
	case arg.Key != "" && arg.TypeStart > arg.KeyEnd && w.cursor >= arg.TypeStart && w.cursor <= arg.TypeEnd:
		w.replace(arg.TypeStart, arg.TypeEnd)
		w.types(0)
	case arg.Key != "" && arg.HasValue && w.cursor >= arg.ValueStart:
		for _, a := range spec.Args {
			if a.Name == arg.Key && a.Flag == arg.Flag {
				w.values(a, arg)
			}
		}
	default:
		w.replace(arg.Start, arg.End)
		if arg.Key != "" && arg.HasValue {
			w.end = arg.ValueStart
		}
		w.argumentNames(spec, used)
		if arg.Key == "" && !strings.HasPrefix(w.typed, "-") {
			w.positional(spec, arg, words)
		}
	}
}

// replace sets the range that candidates replace; what stands in it before the cursor is what was typed.
func (w *writer) replace(start, end int) {
	w.start, w.end = start, max(end, w.cursor)
	w.typed = w.cell[start:w.cursor]
}

// magicNames offers magics in place of start:end, which begins with percent signs or nothing.
func (w *writer) magicNames(start, end int) {
	w.start, w.end = start, max(end, w.cursor)
	w.typed = w.cell[start:w.cursor]
	sign := "%"
	if strings.HasPrefix(w.typed, "%%") {
		sign = "%%"
	}
	w.magicList(0, sign)
}

// magicNamesAt offers magics where a statement can begin and nothing was typed.
func (w *writer) magicNamesAt(group int) { w.magicList(group, "%") }

func (w *writer) magicList(group int, sign string) {
	for _, m := range w.Magics {
		w.add(group, 0, sign+m.Name, Candidate{Text: sign + m.Name, Kind: KindMagic, Signature: m.Signature, Detail: m.Summary})
	}
}

func (w *writer) argumentNames(spec MagicSpec, used map[string]bool) {
	for i, a := range spec.Args {
		if a.Name == "" || used[a.Name] {
			continue
		}
		text := a.Name
		switch {
		case a.Flag && a.Kind == ArgText && len(a.Values) == 0:
			text = "--" + a.Name
		case a.Flag:
			text = "--" + a.Name + "="
		default:
			text += "="
		}
		w.add(1, i, text, Candidate{Text: text, Kind: KindOption, Detail: a.Summary})
	}
}

// positional offers values for the argument without a name that the cursor is on: the n-th, or the last.
func (w *writer) positional(spec MagicSpec, arg Arg, n int) {
	var last *MagicArg
	for i := range spec.Args {
		if spec.Args[i].Name == "" {
			last = &spec.Args[i]
			if n--; n < 0 {
				break
			}
		}
	}
	if last != nil {
		w.values(*last, arg)
	}
}

// values offers what the argument a can be, in place of the value of arg.
func (w *writer) values(a MagicArg, arg Arg) {
	start := arg.ValueStart
	w.replace(start, arg.ValueEnd)
	quote := ""
	if w.typed != "" && (w.typed[0] == '\'' || w.typed[0] == '"') {
		quote = w.typed[:1]
		w.typed = w.typed[1:]
		w.place.inQuotes = quote == `"`
	}
	for i, v := range a.Values {
		text := v
		switch {
		case quote != "":
			text = quote + v + quote
		case strings.ContainsAny(v, " \t'\"\\()[]{}"):
			text = QuoteString(v)
		}
		w.add(0, i, v, Candidate{Text: text, Kind: KindOption, Detail: a.Summary})
	}
	switch a.Kind {
	case ArgTable:
		if i := strings.LastIndexByte(w.typed, '.'); i >= 0 && quote == "" {
			path := SplitPath(w.typed[:i])
			w.start += i + 1
			w.typed = w.typed[i+1:]
			w.contents(path)
			return
		}
		w.tables(0)
	case ArgFile:
		if quote != "" {
			w.start++
		}
		w.files()
	case ArgType:
		w.types(0)
	case ArgSetting:
		w.settings(0)
	case ArgMagic:
		for _, m := range w.Magics {
			w.add(0, 0, m.Name, Candidate{Text: m.Name, Kind: KindMagic, Signature: m.Signature, Detail: m.Summary})
		}
	}
}

// help completes the name that a help line asks about.
func (w *writer) help(p Part) {
	h := p.Help
	if w.cursor < h.Start || w.cursor > h.End {
		return
	}
	if strings.HasPrefix(h.Target, "%") {
		w.magicNames(h.Start, h.End)
		return
	}
	x := newSyntax(w.Dialect, w.cell, h.Start, h.End, w.cursor)
	w.place = x.place(w.cursor)
	w.start, w.end, w.typed = w.place.start, w.place.end, w.place.prefix
	if len(w.place.quals) > 0 {
		w.contents(w.place.quals)
		return
	}
	w.tables(0)
	w.functions(1, "scalar", "aggregate", "macro", "table", "table macro", "pragma")
	w.settings(2)
}
