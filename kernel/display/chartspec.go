package display

import (
	"fmt"
	"strings"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// ChartSpec is what to draw of a result. Columns are named as the result names them, in any case.
type ChartSpec struct {
	// Kind is one of ChartKinds.
	Kind string
	// X and Y are columns; what is empty Resolve fills in. A histogram has no Y; a pie's slices are X, their sizes Y; a
	// heatmap has both as axes and Color as the value.
	X, Y string
	// Color and Facet split into series and into small charts; optional.
	Color, Facet string
	// Aggregate is one of ChartAggregates, "none", or empty for the usual: the sum for bars and pies, the mean for a
	// heatmap, none elsewhere; the count where there is no number to aggregate.
	Aggregate string
	// Title is shown above; empty for none.
	Title string
	// Bins of a histogram, about; default 20.
	Bins int
}

// ChartKinds and ChartAggregates are what a ChartSpec may name.
var (
	ChartKinds      = []string{"bar", "line", "area", "point", "pie", "histogram", "heatmap"}
	ChartAggregates = []string{"sum", "count", "mean", "median", "min", "max"}
)

// ChartError says what of a ChartSpec cannot be drawn.
type ChartError struct {
	// What is the part of the chart: "kind", "x", "y", "color", "facet", "aggregate".
	What string
	// Name is what was asked for, Nearest what may have been meant; both may be empty.
	Name, Nearest string
	// Choices are the names there are, at most 20.
	Choices []string
	// Reason is set where no name is at fault.
	Reason string
}

func (e *ChartError) Error() string {
	if e.Reason != "" {
		return e.Reason
	}
	text := fmt.Sprintf("%s: there is no %q", e.What, e.Name)
	if e.Nearest != "" {
		return text + fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return text + "; there are " + strings.Join(e.Choices, ", ")
}

// Resolve checks a spec against the columns of the result it is to draw and fills in what it leaves open. Errors are
// *ChartError.
func (s ChartSpec) Resolve(cols []engine.Column) (ChartSpec, error) {
	if err := s.resolveNames(cols); err != nil {
		return s, err
	}
	if len(cols) == 0 {
		return s, &ChartError{What: "x", Reason: "there are no columns to draw"}
	}
	if s.X == "" {
		s.X = s.firstColumn(cols)
	}
	switch s.Kind {
	case "histogram":
		s.Y, s.Aggregate = "", "count"
		if !isNumberType(typeOf(cols, s.X)) {
			return s, &ChartError{What: "x", Reason: fmt.Sprintf("a histogram needs a column of numbers; %q is %s: try a bar chart", s.X, typeOf(cols, s.X))}
		}
		if s.Bins <= 0 || s.Bins > 500 {
			s.Bins = 20
		}
		return s, nil
	case "heatmap":
		if s.Y == "" {
			s.Y = unused(cols, func(string) bool { return true }, s.X, s.Color, s.Facet)
		}
		if s.Y == "" {
			return s, &ChartError{What: "y", Reason: "a heatmap needs two columns, x and y"}
		}
		return s.withAggregate(s.Color, "mean", cols)
	}
	if s.Y == "" && s.Aggregate != "count" {
		s.Y = unused(cols, isNumberType, s.X, s.Color, s.Facet)
	}
	switch s.Kind {
	case "bar", "pie":
		return s.withAggregate(s.Y, "sum", cols)
	}
	if s.Y == "" && s.Aggregate == "" {
		return s, &ChartError{What: "y", Reason: fmt.Sprintf("a %s chart needs a column of numbers as y", s.Kind)}
	}
	return s.withAggregate(s.Y, "none", cols)
}

func (s *ChartSpec) resolveNames(cols []engine.Column) error {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	for _, part := range []struct {
		what    string
		name    *string
		choices []string
	}{
		{"kind", &s.Kind, ChartKinds}, {"aggregate", &s.Aggregate, append([]string{"none", "avg"}, ChartAggregates...)},
		{"x", &s.X, names}, {"y", &s.Y, names}, {"color", &s.Color, names}, {"facet", &s.Facet, names},
	} {
		if *part.name == "" && part.what != "kind" {
			continue
		}
		found, ok := lookUp(*part.name, part.choices)
		if !ok {
			return &ChartError{What: part.what, Name: *part.name, Nearest: sqltext.Nearest(*part.name, part.choices), Choices: part.choices[:min(len(part.choices), 20)]}
		}
		*part.name = found
	}
	if s.Aggregate == "avg" {
		s.Aggregate = "mean"
	}
	return nil
}

// lookUp finds a name, first exactly, then in any case.
func lookUp(name string, names []string) (string, bool) {
	for _, n := range names {
		if n == name {
			return n, true
		}
	}
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return "", false
}

// withAggregate settles the aggregate of the column of values.
func (s ChartSpec) withAggregate(value, usual string, cols []engine.Column) (ChartSpec, error) {
	if s.Aggregate == "" {
		s.Aggregate = usual
		if value == "" {
			s.Aggregate = "count"
		}
	}
	if s.Aggregate == "none" {
		s.Aggregate = ""
	}
	if s.Aggregate == "count" {
		return s, nil
	}
	if value == "" {
		return s, &ChartError{What: "y", Reason: "there is no column of numbers to draw; aggregate=count would count rows"}
	}
	if typ := typeOf(cols, value); (s.Aggregate != "" || s.Kind == "pie") && !isNumberType(typ) {
		return s, &ChartError{What: "y", Reason: fmt.Sprintf("%q is %s, not a number: aggregate=count would count its rows", value, typ)}
	}
	return s, nil
}

// firstColumn picks x: the first column of a kind that makes a good axis.
func (s ChartSpec) firstColumn(cols []engine.Column) string {
	if s.Kind == "histogram" {
		if name := unused(cols, isNumberType, s.Color, s.Facet); name != "" {
			return name
		}
	}
	if name := unused(cols, func(string) bool { return true }, s.Y, s.Color, s.Facet); name != "" {
		return name
	}
	return cols[0].Name
}

func unused(cols []engine.Column, fits func(typ string) bool, used ...string) string {
	for _, c := range cols {
		if c.Name == "" || !fits(c.Type) {
			continue
		}
		free := true
		for _, u := range used {
			free = free && u != c.Name
		}
		if free {
			return c.Name
		}
	}
	return ""
}

func typeOf(cols []engine.Column, name string) string {
	for _, c := range cols {
		if c.Name == name {
			return c.Type
		}
	}
	return ""
}

func isNumberType(sql string) bool {
	sql, _, _ = strings.Cut(strings.ToUpper(sql), "(")
	switch sql {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT",
		"REAL", "DOUBLE", "DECIMAL", "INT", "LONG", "SHORT", "BYTE":
		return true
	}
	return false
}

// valueColumn is the column whose values are aggregated.
func (s ChartSpec) valueColumn() string {
	if s.Kind == "heatmap" {
		return s.Color
	}
	return s.Y
}

// valueTitle names the values: "sum of sales", "rows".
func (s ChartSpec) valueTitle() string {
	switch {
	case s.Aggregate == "count":
		return "rows"
	case s.Aggregate != "":
		return s.Aggregate + " of " + s.valueColumn()
	}
	return s.valueColumn()
}
