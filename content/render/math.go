package render

import (
	"errors"
	"strings"

	"modernc.org/quickjs"
)

const (
	maxMath   = 10_000 // bytes of one formula
	maxMathML = 1 << 20
)

// mathML sets TeX as MathML, which browsers show without script. Where that fails the text stands as it was written,
// with the reason in its title.
func (j *job) mathML(w stringWriter, tex string, display bool) {
	tex = strings.ToValidUTF8(strings.TrimSpace(tex), "\ufffd")
	out, why := j.setMath(tex, display)
	if why == "" {
		if display {
			_, _ = w.WriteString(`<span class="sx-math" tabindex="0">` + out + `</span>`)
			return
		}
		_, _ = w.WriteString(out)
		return
	}
	_, _ = w.WriteString(`<code class="sx-tex" title="`)
	writeText(w, why)
	_, _ = w.WriteString(`">`)
	writeText(w, tex)
	_, _ = w.WriteString(`</code>`)
}

func (j *job) setMath(tex string, display bool) (out, why string) {
	if len(tex) > maxMath {
		return "", "The formula is too long to be set."
	}
	if j.math++; j.math > j.limits.Math || j.full() != "" {
		return "", "The page has too many formulas to set this one."
	}
	mode := "inline"
	if display {
		mode = "display"
	}
	k := key("math", mode, tex)
	if v, ok := j.r.cache.Get(k); ok {
		out = string(v)
	} else {
		err := j.r.maths.use(j.ctx, j.r.mathTime, func(vm *quickjs.VM) error {
			v, err := vm.Call("math", tex, display)
			out, _ = v.(string)
			return err
		})
		if err != nil {
			j.sum.Hurried = j.sum.Hurried || errors.Is(err, errEngineTime)
			return "", "The formula could not be set."
		}
		if len(out) <= maxMathML {
			j.r.cache.Put(k, []byte(out))
		}
	}
	if reason, failed := strings.CutPrefix(out, "!"); failed {
		return "", reason
	}
	out = strings.ReplaceAll(out, `<span class="tml-eqn"></span>`, "") // the place of a number that style sheets would count
	// The library escapes what it is given and trusts none of it; that this is so is checked here and not believed.
	safe, ok := strictMarkup(&j.styles, out, mathTags)
	if !ok || len(safe) > maxMathML {
		return "", "The formula gave markup that is not shown."
	}
	return safe, ""
}
