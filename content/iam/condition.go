package iam

import (
	"container/list"
	"fmt"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
)

// Condition limits a binding: it grants only while Expression is true.
type Condition struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Expression is CEL over request.time (timestamp), resource.path, resource.type, resource.name, resource.owner
	// (string) and resource.tags (list of string), and gives a bool.
	Expression string `json:"expression"`
}

// Attributes are what a condition can see of the resource asked about (not of the ancestor that holds the binding).
type Attributes struct {
	// Path is the names from the root, each after a slash: "/finance/q3.ipynb". The root's is "/".
	Path string
	// Type is "folder", "notebook", "sql", "file" or another resource type.
	Type  string
	Name  string
	Owner Member
	Tags  []string
}

// Bounds of a condition. The cost is CEL's own measure of steps; a usual condition costs under 100.
const (
	MaxExpressionLength = 2048
	MaxConditionCost    = 10_000
	conditionCacheSize  = 4096
)

// Conditions compiles and evaluates CEL expressions and keeps the compiled ones, at most 4096, least recently used
// out first. It is safe for concurrent use.
type Conditions struct {
	env *cel.Env

	mu       sync.Mutex
	compiled map[string]*list.Element
	recent   *list.List
}

type compiledCondition struct {
	expression string
	program    cel.Program
	err        error
}

// NewConditions prepares the environment that conditions are checked in.
func NewConditions() (*Conditions, error) {
	env, err := cel.NewEnv(
		cel.Variable("request.time", cel.TimestampType),
		cel.Variable("resource.path", cel.StringType),
		cel.Variable("resource.type", cel.StringType),
		cel.Variable("resource.name", cel.StringType),
		cel.Variable("resource.owner", cel.StringType),
		cel.Variable("resource.tags", cel.ListType(cel.StringType)),
		cel.ParserExpressionSizeLimit(MaxExpressionLength),
		cel.ParserRecursionLimit(32),
	)
	if err != nil {
		return nil, fmt.Errorf("iam: CEL environment: %w", err)
	}
	return &Conditions{env: env, compiled: map[string]*list.Element{}, recent: list.New()}, nil
}

// Check compiles and type-checks an expression. Errors wrap ErrInvalid and say where.
func (c *Conditions) Check(expression string) error {
	_, err := c.program(expression)
	return err
}

// Eval is the value of an expression for one resource at one time. What does not compile, fails, costs more than
// MaxConditionCost or is no bool is an error, and then the value is false.
func (c *Conditions) Eval(expression string, resource Attributes, now time.Time) (bool, error) {
	program, err := c.program(expression)
	if err != nil {
		return false, err
	}
	tags := resource.Tags
	if tags == nil {
		tags = []string{}
	}
	out, _, err := program.Eval(map[string]any{
		"request.time":   now,
		"resource.path":  resource.Path,
		"resource.type":  resource.Type,
		"resource.name":  resource.Name,
		"resource.owner": string(resource.Owner),
		"resource.tags":  tags,
	})
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	value, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("condition gives %s, not bool", out.Type().TypeName())
	}
	return value, nil
}

func (c *Conditions) program(expression string) (cel.Program, error) {
	c.mu.Lock()
	if e, ok := c.compiled[expression]; ok {
		c.recent.MoveToFront(e)
		c.mu.Unlock()
		found := e.Value.(*compiledCondition)
		return found.program, found.err
	}
	c.mu.Unlock()

	// Compiled outside the lock: two callers may both compile the same text once, which costs less than making every
	// other evaluation wait for a compilation.
	made := &compiledCondition{expression: expression}
	made.program, made.err = c.compile(expression)

	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.compiled[expression]; ok {
		found := e.Value.(*compiledCondition)
		return found.program, found.err
	}
	c.compiled[expression] = c.recent.PushFront(made)
	if c.recent.Len() > conditionCacheSize {
		oldest := c.recent.Back()
		c.recent.Remove(oldest)
		delete(c.compiled, oldest.Value.(*compiledCondition).expression)
	}
	return made.program, made.err
}

func (c *Conditions) compile(expression string) (cel.Program, error) {
	if expression == "" || len(expression) > MaxExpressionLength {
		return nil, fmt.Errorf("%w condition: want 1 to %d bytes", ErrInvalid, MaxExpressionLength)
	}
	ast, issues := c.env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("%w condition: %v", ErrInvalid, err)
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("%w condition: gives %s, want bool", ErrInvalid, ast.OutputType())
	}
	program, err := c.env.Program(ast, cel.CostLimit(MaxConditionCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("%w condition: %v", ErrInvalid, err)
	}
	return program, nil
}
