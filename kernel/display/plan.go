package display

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Plan is how a statement is, or was, executed.
type Plan struct {
	// Roots are the operators that give the result; one, but for statements of several parts.
	Roots []*Operator
	// Analyzed says that the statement ran, so that there are times and actual rows.
	Analyzed bool
	// Of the whole statement, zero where not known.
	Elapsed    time.Duration
	Busy       time.Duration // over all threads
	PeakMemory int64         // bytes
	Spilled    int64         // bytes, at the peak
}

// Operator is one step of a plan.
type Operator struct {
	Name  string
	Facts []Fact // in the engine's words, without the estimate
	// Estimated and Actual rows given on, and rows Scanned; negative where not known.
	Estimated, Actual, Scanned int64
	// Time spent in the operator alone, over all threads, and its share (0 to 1) of all operators' time.
	Time  time.Duration
	Share float64
	// Slow marks the operators that take most of the time; Off is how many times more (above 1) or fewer (below 1)
	// rows came than were estimated, where that is grossly so, and 0 elsewhere.
	Slow     bool
	Off      float64
	Children []*Operator
}

// Fact is one thing an engine says of an operator: Filters: i > 5.
type Fact struct{ Name, Value string }

// Bounds of a plan from outside: what is past them is an error.
const (
	maxPlanBytes     = 16 << 20
	maxPlanDepth     = 500
	maxPlanOperators = 20_000
)

// ErrPlan is what ParsePlan gives for text that is no plan.
var ErrPlan = errors.New("not a plan")

// ParsePlan reads what DuckDB gives for EXPLAIN (FORMAT json) or EXPLAIN (ANALYZE, FORMAT json).
func ParsePlan(text []byte) (*Plan, error) {
	if len(text) > maxPlanBytes {
		return nil, fmt.Errorf("%w: %s is too long", ErrPlan, byteSize(int64(len(text))))
	}
	p := &Plan{}
	var roots []node
	if trimmed := strings.TrimSpace(string(text)); strings.HasPrefix(trimmed, "[") {
		if err := json.Unmarshal(text, &roots); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
	} else {
		var top node
		if err := json.Unmarshal(text, &top); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		p.Elapsed, p.Busy = seconds(top.Latency), seconds(top.CPUTime)
		p.PeakMemory, p.Spilled = int64(bounded(top.PeakMemory)), int64(bounded(top.PeakTemp))
		roots = top.Children
		if len(roots) == 1 && roots[0].name() == "EXPLAIN_ANALYZE" {
			roots = roots[0].Children
		}
		if top.name() != "" { // an operator rather than a statement
			roots = []node{top}
		}
	}
	count := 0
	for i := range roots {
		op, err := roots[i].operator(p, 1, &count)
		if err != nil {
			return nil, err
		}
		p.Roots = append(p.Roots, op)
	}
	if len(p.Roots) == 0 {
		return nil, fmt.Errorf("%w: it has no operators", ErrPlan)
	}
	p.judge()
	return p, nil
}

// node is an operator as DuckDB writes it, planned or analysed; the topmost is the statement.
type node struct {
	Name         string          `json:"name"`
	OperatorName string          `json:"operator_name"`
	OperatorType string          `json:"operator_type"`
	Timing       *float64        `json:"operator_timing"`
	Cardinality  *float64        `json:"operator_cardinality"`
	Scanned      *float64        `json:"operator_rows_scanned"`
	ExtraInfo    json.RawMessage `json:"extra_info"`
	Children     []node          `json:"children"`
	Latency      float64         `json:"latency"`
	CPUTime      float64         `json:"cpu_time"`
	PeakMemory   float64         `json:"system_peak_buffer_memory"`
	PeakTemp     float64         `json:"system_peak_temp_dir_size"`
}

func (n *node) name() string {
	for _, name := range []string{n.OperatorName, n.Name, n.OperatorType} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}

func (n *node) operator(p *Plan, depth int, count *int) (*Operator, error) {
	if *count++; *count > maxPlanOperators || depth > maxPlanDepth {
		return nil, fmt.Errorf("%w: it has too many operators", ErrPlan)
	}
	op := &Operator{Name: n.name(), Estimated: -1, Actual: -1, Scanned: -1}
	if op.Name == "" {
		op.Name = "?"
	}
	if n.Timing != nil {
		p.Analyzed = true
		op.Time = seconds(*n.Timing)
	}
	if n.Cardinality != nil {
		op.Actual = int64(bounded(*n.Cardinality))
	}
	if n.Scanned != nil && *n.Scanned > 0 {
		op.Scanned = int64(bounded(*n.Scanned))
	}
	op.takeFacts(n.ExtraInfo)
	for i := range n.Children {
		child, err := n.Children[i].operator(p, depth+1, count)
		if err != nil {
			return nil, err
		}
		op.Children = append(op.Children, child)
	}
	return op, nil
}

// takeFacts reads extra_info, an object of strings and lists of strings. Anything else in it is kept as JSON.
func (op *Operator) takeFacts(raw json.RawMessage) {
	var info map[string]json.RawMessage
	if json.Unmarshal(raw, &info) != nil {
		return
	}
	for name, raw := range info {
		var text string
		var list []string
		if json.Unmarshal(raw, &text) != nil {
			if json.Unmarshal(raw, &list) == nil {
				text = strings.Join(list, ", ")
			} else {
				text = string(raw)
			}
		}
		text = strings.TrimSpace(text)
		if name == "Estimated Cardinality" {
			if n, err := strconv.ParseInt(strings.TrimPrefix(text, "~"), 10, 64); err == nil && n >= 0 {
				op.Estimated = n
			}
			continue
		}
		if text != "" {
			op.Facts = append(op.Facts, Fact{name, text})
		}
	}
	sort.Slice(op.Facts, func(i, j int) bool { return op.Facts[i].before(op.Facts[j]) })
}

// factOrder puts first what tells operators of one kind apart.
var factOrder = map[string]int{
	"Table": 1, "Function": 2, "File(s)": 3, "Total Files Read": 4, "Join Type": 5, "Conditions": 6, "Filters": 7,
	"Expression": 8, "Groups": 9, "Aggregates": 10, "Order By": 11, "Top": 12,
}

func (f Fact) before(g Fact) bool {
	a, b := factOrder[f.Name], factOrder[g.Name]
	if a == 0 {
		a = 100
	}
	if b == 0 {
		b = 100
	}
	if a != b {
		return a < b
	}
	return f.Name < g.Name
}

// slowShare is the share of the time from which an operator is called slow; offBy how many times an estimate must
// miss, and offRows how many rows must be at stake, to be worth a word.
const (
	slowShare = 0.25
	offBy     = 10
	offRows   = 1_000
)

func (p *Plan) judge() {
	total := time.Duration(0)
	p.walk(func(op *Operator, _ int) { total += op.Time })
	p.walk(func(op *Operator, _ int) {
		if total > 0 {
			op.Share = float64(op.Time) / float64(total)
		}
		op.Slow = op.Share >= slowShare
		if op.Actual < 0 || op.Estimated < 0 || max(op.Actual, op.Estimated) < offRows {
			return
		}
		off := math.Max(float64(op.Actual), 1) / math.Max(float64(op.Estimated), 1)
		if off >= offBy || off <= 1.0/offBy {
			op.Off = off
		}
	})
}

// walk visits every operator, parents first.
func (p *Plan) walk(visit func(op *Operator, depth int)) {
	var down func(op *Operator, depth int)
	down = func(op *Operator, depth int) {
		visit(op, depth)
		for _, c := range op.Children {
			down(c, depth+1)
		}
	}
	for _, root := range p.Roots {
		down(root, 0)
	}
}

// bounded makes a number from outside fit an int64; what is no number is 0.
func bounded(v float64) float64 {
	if math.IsNaN(v) || v < 0 {
		return 0
	}
	return math.Min(v, 1<<62)
}

func seconds(v float64) time.Duration {
	return time.Duration(math.Min(bounded(v), 1e8) * float64(time.Second))
}
