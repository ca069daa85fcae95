package sqltext

import (
	"errors"
	"strings"
	"testing"
)

// oracleParse asks DuckDB, which tells by its sentence whether the end of the text was the trouble.
func oracleParse(o *oracle) Parse {
	return func(sql string) (ok, atEnd bool, err error) {
		_, msg := o.count(sql)
		if msg == "" {
			return true, false, nil
		}
		return false, strings.Contains(msg, "at end of input") || strings.Contains(msg, "SELECT clause without selection list"), nil
	}
}

func TestComplete(t *testing.T) {
	o := newOracle(t)
	for _, c := range []struct {
		cell   string
		want   Status
		indent string
	}{
		{"", StatusComplete, ""},
		{"-- nothing", StatusComplete, ""},
		{"/* open", StatusIncomplete, ""},
		{"select 1", StatusComplete, ""},
		{"select 1;", StatusComplete, ""},
		{"select 1; -- done", StatusComplete, ""},
		{"select 1 -- ;", StatusComplete, ""},
		{"select 1\n", StatusComplete, ""},
		{"select\n1", StatusIncomplete, ""},
		{"select\n1;", StatusComplete, ""},
		{"select\n1\n\n", StatusComplete, ""},
		{"select\n1\n  ", StatusComplete, ""},
		{"select 1; select\n2", StatusIncomplete, ""},
		{"select", StatusIncomplete, ""},
		{"select * from", StatusIncomplete, ""},
		{"select * from\n\n", StatusInvalid, ""},
		{"select from from", StatusInvalid, ""},
		{"select from\nfrom", StatusInvalid, ""},
		{"select * from;", StatusInvalid, ""},
		{"select (", StatusIncomplete, "  "},
		{"select (1, [2, {'a':", StatusIncomplete, "      "},
		{"select (\n\n", StatusIncomplete, "  "},
		{"select 1)", StatusInvalid, ""},
		{"select (1]", StatusInvalid, ""},
		{"select (1;", StatusInvalid, ""},
		{"select 1); select 2;", StatusInvalid, ""},
		{"select '(", StatusIncomplete, ""},
		{"select ('a", StatusIncomplete, ""},
		{"select \"a", StatusIncomplete, ""},
		{"select $$a", StatusIncomplete, ""},
		{"select /* (", StatusIncomplete, ""},
		{"select ')'", StatusComplete, ""},
		{"%chart bar", StatusComplete, ""},
		{"%chart x=[1,", StatusIncomplete, "  "},
		{"%chart bar \\", StatusIncomplete, "  "},
		{"%chart 'a", StatusIncomplete, "  "},
		{"%%time", StatusIncomplete, ""},
		{"%%time\n\n", StatusComplete, ""},
		{"%%time\nselect 1;", StatusComplete, ""},
		{"%chart bar\nselect 1", StatusComplete, ""},
		{"t?", StatusComplete, ""},
	} {
		want := Completeness{Status: c.want, Indent: c.indent}
		if got := Complete(c.cell, oracleParse(o)); got != want {
			t.Errorf("Complete(%q) = %+v, want %+v", c.cell, got, want)
		}
	}
}

func TestCompleteWithoutParser(t *testing.T) {
	for cell, want := range map[string]Status{
		"select 1":          StatusIncomplete,
		"select 1;":         StatusComplete,
		"select 1\n\n":      StatusComplete,
		"select from from;": StatusComplete,
		"select (1]":        StatusInvalid,
		"select (1;":        StatusInvalid,
	} {
		if got := Complete(cell, nil); got.Status != want {
			t.Errorf("Complete(%q) = %v, want %v", cell, got.Status, want)
		}
	}
	unsure := func(string) (bool, bool, error) { return false, false, errors.New("busy") }
	if got := Complete("select 1", unsure); got.Status != StatusUnknown {
		t.Error(got)
	}
	if got := Complete("select 1;", unsure); got.Status != StatusComplete {
		t.Error(got)
	}
}
