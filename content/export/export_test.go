package export_test

import (
	"strings"
	"testing"

	"sextant/content/export"
	"sextant/content/notebook"
)

const source = `{"nbformat":4,"nbformat_minor":5,"metadata":{%},"cells":[
 {"cell_type":"markdown","id":"a","metadata":{},"source":"# Title\n![x](attachment:p.png)","attachments":{"p.png":{"image/png":"QUJD\n"}}},
 {"cell_type":"code","id":"b","metadata":{},"execution_count":3,"source":"select '` + "```" + `'","outputs":[
  {"output_type":"stream","name":"stdout","text":"\u001b[31mred\u001b[0m\nline\n"},
  {"output_type":"execute_result","execution_count":3,"metadata":{},"data":{"text/plain":"plain","text/html":"<b>rich</b>"}},
  {"output_type":"display_data","metadata":{},"data":{"image/svg+xml":"<svg/>"}},
  {"output_type":"error","ename":"E","evalue":"v","traceback":[]}]},
 {"cell_type":"raw","id":"c","metadata":{},"source":"raw"}]}`

func read(t *testing.T, metadata string) *notebook.Notebook {
	t.Helper()
	nb, _, err := notebook.Read([]byte(strings.Replace(source, "%", metadata, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func TestScript(t *testing.T) {
	for metadata, want := range map[string]string{
		`"language_info":{"name":"sql","file_extension":".sql"}`: "-- # Title\n-- ![x](attachment:p.png)\n\n-- In[3]:\n\n\nselect '```'\n\n\n",
		"": "#!/usr/bin/env python\n# coding: utf-8\n\n# # Title\n# ![x](attachment:p.png)\n\n# In[3]:\n\n\nselect '```'\n\n\n",
	} {
		var b strings.Builder
		if err := export.Script(&b, read(t, metadata)); err != nil || b.String() != want {
			t.Errorf("%q: %v\n%q\n%q", metadata, err, b.String(), want)
		}
	}
	for metadata, want := range map[string]string{
		"": ".py", `"language_info":{"name":"sql"}`: ".sql", `"kernelspec":{"name":"x","display_name":"x"}`: ".txt",
		`"language_info":{"name":"q","file_extension":"/../x"}`: ".txt", `"language_info":{"name":"q","file_extension":".q"}`: ".q",
	} {
		if got := export.ScriptExtension(read(t, metadata)); got != want {
			t.Errorf("%q: %s", metadata, got)
		}
	}
}

func TestMarkdown(t *testing.T) {
	want := "# Title\n![x](data:image/png;base64,QUJD)\n\n````sql\nselect '```'\n````\n\n    red\n    line\n\n<b>rich</b>\n\n" +
		"![svg+xml](data:image/svg+xml;base64,PHN2Zy8+)\n\n    E: v\n\nraw\n\n"
	var b strings.Builder
	if err := export.Markdown(&b, read(t, `"language_info":{"name":"sql"}`)); err != nil || b.String() != want {
		t.Errorf("%v\n%q\n%q", err, b.String(), want)
	}
}
