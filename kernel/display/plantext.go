package display

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Bundle gives the plan as text and HTML: an indented tree, an operator a line, its inputs below it.
func (p *Plan) Bundle() Bundle {
	return Bundle{
		Data:     map[string]any{MIMEText: p.Text(), MIMEHTML: p.html()},
		Metadata: map[string]any{"sextant": map[string]any{"plan": true, "analyzed": p.Analyzed}},
	}
}

// maxFact bounds how much of a fact is shown, in characters.
const maxFact = 160

// Text draws the tree. What matters is said in words at the end of a line: "slowest", "10× more rows than estimated".
func (p *Plan) Text() string {
	var out strings.Builder
	if line := p.summary(); line != "" {
		out.WriteString(line + "\n\n")
	}
	for _, root := range p.Roots {
		root.text(&out, "", "")
	}
	return strings.TrimRight(out.String(), "\n")
}

func (op *Operator) text(out *strings.Builder, first, rest string) {
	out.WriteString(first + visible(op.title()) + "\n")
	below := rest
	if len(op.Children) > 0 {
		below += "│"
	} else {
		below += " "
	}
	if figures := op.figures(); figures != "" {
		out.WriteString(below + "  " + figures + "\n")
	}
	for _, f := range op.Facts {
		out.WriteString(below + "  " + visible(f.Name+": "+fitTo(f.Value, maxFact)) + "\n")
	}
	for i, c := range op.Children {
		if i == len(op.Children)-1 {
			c.text(out, rest+"└─ ", rest+"   ")
		} else {
			c.text(out, rest+"├─ ", rest+"│  ")
		}
	}
}

func (op *Operator) title() string {
	if marks := op.marks(); len(marks) > 0 {
		return op.Name + "  ◀ " + strings.Join(marks, ", ")
	}
	return op.Name
}

// figures is the line of numbers: time and share, rows, estimate, rows scanned.
func (op *Operator) figures() string {
	var parts []string
	if op.Time > 0 {
		parts = append(parts, fmt.Sprintf("%s (%.0f %%)", fineDuration(op.Time), 100*op.Share))
	}
	if op.Actual >= 0 {
		parts = append(parts, counted(op.Actual, "row"))
	}
	if op.Estimated >= 0 {
		parts = append(parts, "estimated "+grouped(op.Estimated))
	}
	if op.Scanned >= 0 {
		parts = append(parts, "scanned "+grouped(op.Scanned))
	}
	return joinPhrases(parts...)
}

func (op *Operator) marks() []string {
	var marks []string
	if op.Slow {
		marks = append(marks, fmt.Sprintf("slow: %.0f %% of the time", 100*op.Share))
	}
	switch {
	case op.Off > 1:
		marks = append(marks, grouped(int64(math.Round(op.Off)))+"× more rows than estimated")
	case op.Off > 0:
		marks = append(marks, grouped(int64(math.Round(1/op.Off)))+"× fewer rows than estimated")
	}
	return marks
}

func (p *Plan) summary() string {
	var parts []string
	if p.Analyzed {
		parts = append(parts, "Ran in "+fineDuration(p.Elapsed))
		if p.Busy > 0 {
			parts = append(parts, fineDuration(p.Busy)+" over all threads")
		}
	}
	if p.PeakMemory > 0 {
		parts = append(parts, "peak memory "+byteSize(p.PeakMemory))
	}
	if p.Spilled > 0 {
		parts = append(parts, byteSize(p.Spilled)+" spilled to disk")
	}
	return joinPhrases(parts...)
}

// fineDuration also tells short times apart: "0.35 ms".
func fineDuration(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.3f ms", float64(d)/1e6)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return shortDuration(d)
}

// fitTo cuts text to chars characters.
func fitTo(text string, chars int) string {
	if n := prefix(text, chars); n < len(text) {
		return text[:n] + "…"
	}
	return text
}
