package kernel

import (
	"encoding/json"
	"reflect"
	"testing"

	"sextant/kernel/wire"
)

func TestDisplayContentIsWhatItHolds(t *testing.T) {
	for name, b := range map[string]Bundle{
		"empty": {},
		"texts": {Texts: map[string]string{"text/plain": "a\"b\n", "text/html": "<b>é</b>}"}},
		"data":  {Data: wire.MIMEBundle{"application/json": json.RawMessage(`{"a":{}}`)}},
		"all": {
			Texts:    map[string]string{"text/plain": "}", "text/html": ""},
			Data:     wire.MIMEBundle{"application/json": json.RawMessage(`{}`), "x": json.RawMessage(`[1]`)},
			Metadata: map[string]json.RawMessage{"sextant": json.RawMessage(`{"rows":1}`)},
		},
	} {
		var got struct {
			ExecutionCount int            `json:"execution_count"`
			Data           map[string]any `json:"data"`
			Metadata       map[string]any `json:"metadata"`
			Transient      map[string]any `json:"transient"`
		}
		raw := displayContent(b, "id", 7)
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, raw)
		}
		want := map[string]any{}
		for mime, text := range b.Texts {
			want[mime] = text
		}
		for mime, value := range b.Data {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				t.Fatal(err)
			}
			want[mime] = v
		}
		if !reflect.DeepEqual(got.Data, want) || len(got.Metadata) != len(b.Metadata) || got.ExecutionCount != 7 || got.Transient["display_id"] != "id" {
			t.Errorf("%s: %s", name, raw)
		}
	}
}
