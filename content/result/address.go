package result

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"sextant/content"
)

// Parse reads a query from an address, as Values writes it:
//
//	where=COLUMN.OP[.VALUE]   once for each condition; for more values of eq and ne the parameter is repeated with +VALUE
//	q=TEXT                    the search
//	group=COLUMN[.PART]       once for each
//	measure=FUNC[.COLUMN]     once for each
//	pivot=COLUMN[.PART]       what becomes columns
//	sort=[-]COLUMN            once for each key
//
// Offset and limit are the caller's. Columns count from 0.
func Parse(v url.Values) (Query, error) {
	q := Query{Search: v.Get("q")}
	bad := func(what, text string) (Query, error) {
		return Query{}, fmt.Errorf("%w query: %s=%.80q cannot be read", content.ErrInvalid, what, text)
	}
	for _, text := range v["where"] {
		if more, ok := strings.CutPrefix(text, "+"); ok && len(q.Where) > 0 {
			last := &q.Where[len(q.Where)-1]
			last.Values = append(last.Values, more)
			continue
		}
		column, rest, _ := strings.Cut(text, ".")
		op, value, has := strings.Cut(rest, ".")
		n, err := strconv.Atoi(column)
		if err != nil {
			return bad("where", text)
		}
		c := Condition{Column: n, Op: Op(op)}
		if has {
			c.Values = []string{value}
		}
		q.Where = append(q.Where, c)
	}
	group := func(text string) (Group, error) {
		column, part, _ := strings.Cut(text, ".")
		n, err := strconv.Atoi(column)
		return Group{n, Part(part)}, err
	}
	for _, text := range v["group"] {
		g, err := group(text)
		if err != nil {
			return bad("group", text)
		}
		q.Group = append(q.Group, g)
	}
	if text := v.Get("pivot"); text != "" {
		g, err := group(text)
		if err != nil {
			return bad("pivot", text)
		}
		q.Pivot = &g
	}
	for _, text := range v["measure"] {
		f, column, has := strings.Cut(text, ".")
		m := Measure{Func: Func(f)}
		if has {
			var err error
			if m.Column, err = strconv.Atoi(column); err != nil {
				return bad("measure", text)
			}
		} else if m.Func != Count {
			return bad("measure", text)
		}
		q.Measures = append(q.Measures, m)
	}
	for _, text := range v["sort"] {
		column, down := strings.CutPrefix(text, "-")
		n, err := strconv.Atoi(column)
		if err != nil {
			return bad("sort", text)
		}
		q.Sort = append(q.Sort, Sort{n, down})
	}
	return q, nil
}

// Values writes the query for an address, without its page.
func (q Query) Values() url.Values {
	v := url.Values{}
	if q.Search != "" {
		v.Set("q", q.Search)
	}
	for _, c := range q.Where {
		text := strconv.Itoa(c.Column) + "." + string(c.Op)
		for i, value := range c.Values {
			if i == 0 {
				v.Add("where", text+"."+value)
			} else {
				v.Add("where", "+"+value)
			}
		}
		if len(c.Values) == 0 {
			v.Add("where", text)
		}
	}
	for _, g := range q.Group {
		v.Add("group", g.address())
	}
	if q.Pivot != nil {
		v.Set("pivot", q.Pivot.address())
	}
	for _, m := range q.Measures {
		if m.Func == Count {
			v.Add("measure", string(Count))
		} else {
			v.Add("measure", string(m.Func)+"."+strconv.Itoa(m.Column))
		}
	}
	for _, s := range q.Sort {
		text := strconv.Itoa(s.Column)
		if s.Descending {
			text = "-" + text
		}
		v.Add("sort", text)
	}
	return v
}

func (g Group) address() string {
	if g.Part == Whole {
		return strconv.Itoa(g.Column)
	}
	return strconv.Itoa(g.Column) + "." + string(g.Part)
}
