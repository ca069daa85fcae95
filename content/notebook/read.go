package notebook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits bound what [ReadWithin] accepts; beyond them it returns [ErrTooLarge].
type Limits struct {
	// Bytes is the length of the text.
	Bytes int
	// Depth is how deep arrays and objects may nest, the notebook's own five levels included.
	Depth int
	// Cells is the number of cells.
	Cells int
	// Outputs is the number of outputs of all cells together.
	Outputs int
}

// DefaultLimits are 256 MiB, 200 levels (charts have some twenty; Python's reader stops at about 1,000), 100,000 cells
// and 200,000 outputs.
func DefaultLimits() Limits {
	return Limits{Bytes: 256 << 20, Depth: 200, Cells: 100_000, Outputs: 200_000}
}

// Read reads a notebook of any version up to 4 and makes it a 4.5 one, as nbformat's converters do:
//
//   - Multi-line strings are joined; transient metadata is dropped.
//   - Versions 1 to 3 are converted. 4.0 to 4.4 get cell ids, which depend on nothing but the cells, so that reading
//     the same text twice gives the same ids and an edited cell alone changes its own. Colab's metadata.id is taken.
//   - Missing, unusable and repeated ids are replaced, missing fields filled with what stands for empty.
//   - 4.6 and later minor versions are read as Jupyter does: what is unknown is kept and not complained about.
//
// data may be in the form of a file or of the contents API, with a byte order mark or without. It is not kept. The
// error is a *[ReadError], with the version in the report where it was found.
func Read(data []byte) (*Notebook, Report, error) { return ReadWithin(data, DefaultLimits()) }

// ReadWithin is [Read] with other limits.
func ReadWithin(data []byte, limits Limits) (*Notebook, Report, error) {
	var report Report
	if len(data) > limits.Bytes {
		return nil, report, &ReadError{Err: ErrTooLarge, Detail: fmt.Sprintf("%d bytes; at most %d are read", len(data), limits.Bytes)}
	}
	s, err := newScanner(data, limits.Depth)
	if err != nil {
		return nil, report, err
	}
	start := s.pos
	r := reader{scanner: s, limits: limits, report: &report}
	nb, err := r.notebook()
	if errors.Is(err, ErrInvalid) {
		// The cells may be of a version that is not ours to judge.
		s.pos, s.depth = start, 0
		if later := r.version(); later != nil {
			err = later
		}
	}
	if err != nil {
		return nil, report, err
	}
	return nb, report, nil
}

// reader reads the notebook's own levels; what lies below is a Value.
type reader struct {
	*scanner
	limits  Limits
	report  *Report
	place   place
	outputs int
	// absent lists the required fields that cells lack; whether that matters depends on the version.
	absent []missing
}

type missing struct {
	cell int
	name string
}

func (r *reader) invalid(format string, args ...any) error {
	return &ReadError{Err: ErrInvalid, Place: r.place.String(), Offset: r.pos, Detail: fmt.Sprintf(format, args...)}
}

func (r *reader) repaired(at place, format string, args ...any) {
	if r.report != nil && len(r.report.Repairs) < maxNotes {
		r.report.Repairs = append(r.report.Repairs, Note{Place: at.String(), Text: fmt.Sprintf(format, args...)})
	}
}

// at runs f with step added to the place.
func (r *reader) at(step any, f func() error) error {
	r.place = append(r.place, step)
	err := f()
	if err == nil {
		r.place = r.place[:len(r.place)-1]
	}
	return err
}

// each reads an object's members, each with its place.
func (r *reader) each(f func(key string) error) error {
	if r.next() != '{' {
		return r.instead("an object")
	}
	return r.scanner.each(func(key string) error { return r.at(key, func() error { return f(key) }) })
}

// eachItem reads an array's items, each with its place.
func (r *reader) eachItem(f func(i int) error) error {
	if r.next() != '[' {
		return r.instead("an array")
	}
	return r.scanner.eachItem(func(i int) error { return r.at(i, func() error { return f(i) }) })
}

// instead says that something else stands where want should; if that is no JSON at all, so.
func (r *reader) instead(want string) error {
	at := r.pos
	if _, err := r.value(); err != nil {
		return err
	}
	r.pos = at
	return r.invalid("not %s", want)
}

func (r *reader) notebook() (*Notebook, error) {
	nb := New()
	top := Object{}
	hasCells := false
	err := r.each(func(key string) (err error) {
		if key == "cells" {
			hasCells = true
			nb.Cells, r.absent, r.outputs = nil, nil, 0
			return r.cells(nb)
		}
		top[key], err = r.value()
		return err
	})
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, err
	}
	r.place = nil
	if err := r.declared(top); err != nil {
		return nil, err
	}
	if m, ok := top["metadata"]; ok {
		if nb.Metadata = m.Object(); nb.Metadata == nil {
			r.place = place{"metadata"}
			return nil, r.invalid("not an object")
		}
	} else if r.report.Major >= 3 {
		r.repaired(place{"metadata"}, "missing")
	}
	for _, key := range []string{"nbformat", "nbformat_minor", "metadata"} {
		delete(top, key)
	}
	if major := r.report.Major; major == 2 || major == 3 {
		nb.Cells, r.absent = nil, nil
		if err := r.worksheets(nb, top["worksheets"]); err != nil {
			return nil, err
		}
		for _, key := range []string{"worksheets", "orig_nbformat", "orig_nbformat_minor"} {
			delete(top, key)
		}
	} else if !hasCells {
		r.place = place{"cells"}
		return nil, r.invalid("missing")
	}
	if len(top) > 0 {
		nb.Extra = top
	}
	switch {
	case r.report.Major == 1:
		upgradeFirst(nb, r)
	case r.report.Major == 4:
		r.noteAbsent()
		nb.Minor = max(Minor, r.report.Minor)
	}
	for _, key := range []string{"signature", "orig_nbformat", "orig_nbformat_minor"} {
		delete(nb.Metadata, key)
	}
	r.repairIDs(nb)
	r.report.Problems = Validate(nb)
	return nb, nil
}

// version looks for nothing but the version, and returns an error if it is not one that can be read.
func (r *reader) version() error {
	r.place = nil
	top := Object{}
	err := r.scanner.each(func(key string) (err error) {
		top[key], err = r.value()
		return err
	})
	if err != nil {
		return nil
	}
	return r.declared(top)
}

// declared takes the version from the top level. As in nbformat, a text that declares none is of version 1.
func (r *reader) declared(top Object) error {
	r.report.Major, r.report.Minor = 1, 0
	if v, ok := top["nbformat"]; ok {
		n, ok := wholeNumber(v)
		if !ok || n < 1 || n > 4 {
			r.place = place{"nbformat"}
			return &ReadError{Err: ErrVersion, Place: "nbformat", Detail: "it is " + clip(v) + "; 1 to 4 can be read"}
		}
		r.report.Major = int(n)
	}
	v, ok := top["nbformat_minor"]
	n, whole := wholeNumber(v)
	switch {
	case whole && 0 <= n && n < 1000:
		r.report.Minor = int(n)
	case r.report.Major < 4:
	case ok:
		r.place = place{"nbformat_minor"}
		return r.invalid("it is %s, not a minor version", clip(v))
	default:
		r.repaired(place{"nbformat_minor"}, "missing; taken as 0")
	}
	return nil
}

// wholeNumber reads an integer; 4.0 is one, since programs that know but one kind of number write that.
func wholeNumber(v Value) (int64, bool) {
	text := string(v)
	if head, zeros, ok := strings.Cut(text, "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" {
		text = head
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// clip shortens a value for a message.
func clip(v Value) string {
	if len(v) > 40 {
		return strings.ToValidUTF8(string(v[:40]), "") + "…"
	}
	return string(v)
}
