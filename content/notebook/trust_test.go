package notebook_test

import (
	"strings"
	"testing"

	"sextant/content/notebook"
)

func TestTrust(t *testing.T) {
	const frame = `{"cells":[%],"metadata":{},"nbformat":4,"nbformat_minor":5}`
	code := func(id, metadata, outputs string) string {
		return `{"cell_type":"code","execution_count":null,"id":"` + id + `","metadata":{` + metadata + `},"outputs":[` + outputs + `],"source":""}`
	}
	const (
		stream  = `{"name":"stdout","output_type":"stream","text":"x"}`
		display = `{"data":{"text/html":"<b>"},"metadata":{},"output_type":"display_data"}`
		failure = `{"ename":"E","evalue":"v","output_type":"error","traceback":[]}`
	)
	for name, c := range map[string]struct {
		cells string
		want  bool
	}{
		"none":                      {"", true},
		"no output":                 {code("a", "", ""), true},
		"text":                      {code("a", "", stream+","+failure), true},
		"a display":                 {code("a", "", display), false},
		"a trusted display":         {code("a", `"trusted":true`, display), true},
		"a display marked as not":   {code("a", `"trusted":false`, display), false},
		"a mark that is no truth":   {code("a", `"trusted":"true"`, display), false},
		"one of two":                {code("a", `"trusted":true`, display) + "," + code("b", "", display), false},
		"a trusted markdown counts": {`{"cell_type":"markdown","id":"a","metadata":{"trusted":true},"source":""}`, true},
	} {
		nb, _, err := notebook.Read([]byte(strings.Replace(frame, "%", c.cells, 1)))
		if err != nil {
			t.Fatal(name, err)
		}
		if got := notebook.Trusted(nb); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		var file strings.Builder
		if err := notebook.Write(&file, nb); err != nil || strings.Contains(file.String(), "trusted") {
			t.Errorf("%s: a file holds the mark: %v %s", name, err, file.String())
		}
	}
	nb, _, err := notebook.Read([]byte(strings.Replace(frame, "%", code("a", `"b":1,"trusted":true,"z":2`, display)+`,{"cell_type":"markdown","id":"m","metadata":{},"source":""}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := notebook.WriteJSONTrusted(&b, nb, false); err != nil || !strings.Contains(b.String(), `"metadata":{"b":1,"trusted":false,"z":2}`) ||
		strings.Count(b.String(), "trusted") != 1 {
		t.Error(err, b.String())
	}
	b.Reset()
	if err := notebook.WriteJSONTrusted(&b, nb, true); err != nil || !strings.Contains(b.String(), `"trusted":true`) {
		t.Error(err, b.String())
	}
}
