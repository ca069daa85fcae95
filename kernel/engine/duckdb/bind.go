package duckdb

import (
	"fmt"
	"sort"

	duck "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
)

// bind gives the statement's parameters their values, by name.
func bind(ps duck.PreparedStatement, params map[string]engine.Value) error {
	for i := duck.IdxT(1); i <= duck.NParams(ps); i++ {
		name := duck.ParameterName(ps, i)
		v, ok := params[name]
		if !ok {
			return &engine.Error{
				Class: "ParameterException", Message: "the parameter $" + name + " has no value", Position: -1,
				Hint: "give it one: %params " + name + "=…",
			}
		}
		val, kind, err := valueOf(v.V)
		if err != nil {
			return &engine.Error{Class: "ParameterException", Message: "parameter $" + name + ": " + err.Error(), Position: -1}
		}
		state := duck.BindValue(ps, i, val)
		duck.DestroyValue(&val)
		duck.DestroyLogicalType(&kind)
		if state == duck.StateError {
			return &engine.Error{Class: "ParameterException", Message: "the parameter $" + name + " could not be bound: " + duck.PrepareError(ps), Position: -1}
		}
	}
	return nil
}

// valueOf makes DuckDB's value and its type; the caller destroys both.
func valueOf(v any) (duck.Value, duck.LogicalType, error) {
	switch v := v.(type) {
	case nil:
		return duck.CreateNullValue(), duck.CreateLogicalType(duck.TypeSQLNull), nil
	case bool:
		return duck.CreateBool(v), duck.CreateLogicalType(duck.TypeBoolean), nil
	case int64:
		return duck.CreateInt64(v), duck.CreateLogicalType(duck.TypeBigInt), nil
	case float64:
		return duck.CreateDouble(v), duck.CreateLogicalType(duck.TypeDouble), nil
	case string:
		return duck.CreateVarcharLength(v, duck.IdxT(len(v))), duck.CreateLogicalType(duck.TypeVarchar), nil
	case []any:
		return listOf(v)
	case map[string]any:
		return structOf(v)
	}
	return duck.Value{}, duck.LogicalType{}, fmt.Errorf("a %T is no value", v)
}

// listOf makes a list of the first element's type; whole numbers among fractions count as fractions.
func listOf(items []any) (_ duck.Value, _ duck.LogicalType, err error) {
	for _, v := range items {
		if _, ok := v.(float64); ok {
			items = widen(items)
			break
		}
	}
	values := make([]duck.Value, 0, len(items))
	elem := duck.CreateLogicalType(duck.TypeSQLNull)
	typed := false
	defer func() {
		duck.DestroyLogicalType(&elem)
		for i := range values {
			duck.DestroyValue(&values[i])
		}
	}()
	for i, item := range items {
		val, kind, err := valueOf(item)
		if err != nil {
			return duck.Value{}, duck.LogicalType{}, fmt.Errorf("element %d: %w", i+1, err)
		}
		values = append(values, val)
		switch {
		case item == nil:
		case !typed:
			elem, kind = kind, elem
			typed = true
		case typeName(kind) != typeName(elem):
			err = fmt.Errorf("element %d is %s, but those before are %s", i+1, typeName(kind), typeName(elem))
		}
		duck.DestroyLogicalType(&kind)
		if err != nil {
			return duck.Value{}, duck.LogicalType{}, err
		}
	}
	return duck.CreateListValue(elem, values), duck.CreateListType(elem), nil
}

func widen(items []any) []any {
	out := make([]any, len(items))
	for i, v := range items {
		if n, ok := v.(int64); ok {
			v = float64(n)
		}
		out[i] = v
	}
	return out
}

func structOf(m map[string]any) (duck.Value, duck.LogicalType, error) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	if len(names) == 0 {
		return duck.Value{}, duck.LogicalType{}, fmt.Errorf("a struct needs at least one field")
	}
	values := make([]duck.Value, 0, len(m))
	kinds := make([]duck.LogicalType, 0, len(m))
	defer func() {
		for i := range values {
			duck.DestroyValue(&values[i])
			duck.DestroyLogicalType(&kinds[i])
		}
	}()
	for _, name := range names {
		val, kind, err := valueOf(m[name])
		if err != nil {
			return duck.Value{}, duck.LogicalType{}, fmt.Errorf("field %s: %w", name, err)
		}
		values, kinds = append(values, val), append(kinds, kind)
	}
	t := duck.CreateStructType(kinds, names)
	return duck.CreateStructValue(t, values), t, nil
}
