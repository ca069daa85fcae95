package duckdb

import (
	"fmt"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/sqltext"
)

// maxEnumNames bounds how many of an enum's values its name lists: an enum may have millions.
const maxEnumNames = 20

var simpleTypes = map[duck.Type]string{
	duck.TypeBoolean: "BOOLEAN", duck.TypeTinyInt: "TINYINT", duck.TypeSmallInt: "SMALLINT", duck.TypeInteger: "INTEGER",
	duck.TypeBigInt: "BIGINT", duck.TypeUTinyInt: "UTINYINT", duck.TypeUSmallInt: "USMALLINT", duck.TypeUInteger: "UINTEGER",
	duck.TypeUBigInt: "UBIGINT", duck.TypeFloat: "FLOAT", duck.TypeDouble: "DOUBLE", duck.TypeTimestamp: "TIMESTAMP",
	duck.TypeDate: "DATE", duck.TypeTime: "TIME", duck.TypeInterval: "INTERVAL", duck.TypeHugeInt: "HUGEINT",
	duck.TypeUHugeInt: "UHUGEINT", duck.TypeVarchar: "VARCHAR", duck.TypeBlob: "BLOB", duck.TypeTimestampS: "TIMESTAMP_S",
	duck.TypeTimestampMS: "TIMESTAMP_MS", duck.TypeTimestampNS: "TIMESTAMP_NS", duck.TypeUUID: "UUID", duck.TypeBit: "BIT",
	duck.TypeTimeTZ: "TIME WITH TIME ZONE", duck.TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE", duck.TypeBigNum: "BIGNUM",
	duck.TypeSQLNull: "NULL", duck.TypeTimeNS: "TIME_NS", duck.TypeGeometry: "GEOMETRY", duck.TypeVariant: "VARIANT",
}

// typeName writes a type as DuckDB's typeof() does; an enum of many values is cut short.
func typeName(t duck.LogicalType) string {
	if alias := duck.LogicalTypeGetAlias(t); alias != "" {
		return alias
	}
	id := duck.GetTypeId(t)
	if name, ok := simpleTypes[id]; ok {
		return name
	}
	switch id {
	case duck.TypeDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", duck.DecimalWidth(t), duck.DecimalScale(t))
	case duck.TypeList:
		return childName(duck.ListTypeChildType(t)) + "[]"
	case duck.TypeArray:
		return fmt.Sprintf("%s[%d]", childName(duck.ArrayTypeChildType(t)), duck.ArrayTypeArraySize(t))
	case duck.TypeMap:
		return "MAP(" + childName(duck.MapTypeKeyType(t)) + ", " + childName(duck.MapTypeValueType(t)) + ")"
	case duck.TypeStruct:
		fields := make([]string, duck.StructTypeChildCount(t))
		for i := range fields {
			name := duck.StructTypeChildName(t, duck.IdxT(i))
			kind := childName(duck.StructTypeChildType(t, duck.IdxT(i)))
			if name == "" {
				fields[i] = kind
			} else {
				fields[i] = sqltext.QuoteIdent(name) + " " + kind
			}
		}
		return "STRUCT(" + strings.Join(fields, ", ") + ")"
	case duck.TypeUnion:
		members := make([]string, duck.UnionTypeMemberCount(t))
		for i := range members {
			members[i] = sqltext.QuoteIdent(duck.UnionTypeMemberName(t, duck.IdxT(i))) + " " +
				childName(duck.UnionTypeMemberType(t, duck.IdxT(i)))
		}
		return "UNION(" + strings.Join(members, ", ") + ")"
	case duck.TypeEnum:
		n := duck.EnumDictionarySize(t)
		names := make([]string, 0, min(n, maxEnumNames)+1)
		for i := range min(n, maxEnumNames) {
			names = append(names, sqltext.QuoteString(duck.EnumDictionaryValue(t, duck.IdxT(i))))
		}
		if n > maxEnumNames {
			names = append(names, fmt.Sprintf("… %d more", n-maxEnumNames))
		}
		return "ENUM(" + strings.Join(names, ", ") + ")"
	}
	return fmt.Sprintf("type %d", id)
}

func childName(t duck.LogicalType) string {
	defer duck.DestroyLogicalType(&t)
	return typeName(t)
}

// preparedColumns gives the names and types that a prepared statement will have.
func preparedColumns(ps duck.PreparedStatement) (names, types []string) {
	for i := range duck.PreparedStatementColumnCount(ps) {
		names = append(names, duck.PreparedStatementColumnName(ps, i))
		types = append(types, childName(duck.PreparedStatementColumnLogicalType(ps, i)))
	}
	return names, types
}

// wrapUnsupported rewrites a query of which DuckDB cannot export a column to Arrow (VARIANT) so that it comes as text
// as DuckDB writes it.
func wrapUnsupported(ps duck.PreparedStatement, sql string) (string, bool) {
	n := duck.PreparedStatementColumnCount(ps)
	found := false
	cols := make([]string, n)
	list := make([]string, n)
	for i := range n {
		name := fmt.Sprintf("c%d", i)
		cols[i], list[i] = name, name
		t := duck.PreparedStatementColumnLogicalType(ps, i)
		if holdsVariant(t) {
			found = true
			list[i] = "CAST(" + name + " AS VARCHAR)"
		}
		duck.DestroyLogicalType(&t)
	}
	if !found {
		return "", false
	}
	// The line break ends a comment that the statement may close with.
	return "SELECT " + strings.Join(list, ", ") + " FROM (" + sql + "\n) AS t(" + strings.Join(cols, ", ") + ")", true
}

func holdsVariant(t duck.LogicalType) bool {
	child := func(c duck.LogicalType) bool {
		defer duck.DestroyLogicalType(&c)
		return holdsVariant(c)
	}
	switch duck.GetTypeId(t) {
	case duck.TypeVariant:
		return true
	case duck.TypeList:
		return child(duck.ListTypeChildType(t))
	case duck.TypeArray:
		return child(duck.ArrayTypeChildType(t))
	case duck.TypeMap:
		return child(duck.MapTypeKeyType(t)) || child(duck.MapTypeValueType(t))
	case duck.TypeStruct:
		for i := range duck.StructTypeChildCount(t) {
			if child(duck.StructTypeChildType(t, i)) {
				return true
			}
		}
	case duck.TypeUnion:
		for i := range duck.UnionTypeMemberCount(t) {
			if child(duck.UnionTypeMemberType(t, i)) {
				return true
			}
		}
	}
	return false
}
