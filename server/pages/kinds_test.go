package pages

import "testing"

func TestKindOfColumn(t *testing.T) {
	for typ, want := range map[string]string{
		"BIGINT": "number", "DECIMAL(18,3)": "number", "DOUBLE": "number", "DATE": "date", "TIMESTAMP": "time", "TIMESTAMP WITH TIME ZONE": "time",
		"BOOLEAN": "truth", "VARCHAR": "text", "BIGINT[]": "text", "DECIMAL(18,3)[]": "text", "STRUCT(a INTEGER)": "text", "ENUM('a', 'b')": "text", "": "text",
	} {
		if got := kindOfColumn(typ); got != want {
			t.Errorf("%s: %s, want %s", typ, got, want)
		}
	}
}
