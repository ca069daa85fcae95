package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestRequiredFields: what the spec requires is there even when it is empty, and of the right kind.
func TestRequiredFields(t *testing.T) {
	failure := Failure{EName: "E", EValue: "v"}
	for want, content := range map[string]any{
		`{}`: nil,
		`{"status":"ok","execution_count":3,"user_expressions":{},"payload":[]}`:                                           ExecuteReply{ExecutionCount: 3},
		`{"status":"error","execution_count":3,"ename":"E","evalue":"v","traceback":[]}`:                                   ExecuteReply{Status: StatusError, ExecutionCount: 3, Failure: failure},
		`{"status":"aborted","execution_count":0,"ename":"","evalue":"","traceback":[]}`:                                   ExecuteReply{Status: StatusAborted},
		`{"status":"error","ename":"E","evalue":"v","traceback":[]}`:                                                       ErrorReply{Failure: failure},
		`{"ename":"E","evalue":"v","traceback":[]}`:                                                                        failure,
		`{"code":"","silent":false,"store_history":false,"user_expressions":{},"allow_stdin":false,"stop_on_error":false}`: ExecuteRequest{},
		`{"status":"ok","matches":[],"cursor_start":0,"cursor_end":0,"metadata":{}}`:                                       CompleteReply{},
		`{"status":"ok","found":false,"data":{},"metadata":{}}`:                                                            InspectReply{},
		`{"status":"unknown"}`:                IsCompleteReply{},
		`{"indent":"","status":"incomplete"}`: IsCompleteReply{Status: Incomplete},
		`{"status":"complete"}`:               IsCompleteReply{Status: Complete, Indent: "x"},
		`{"status":"ok","history":[]}`:        HistoryReply{},
		`{"status":"ok","history":[[1,2,"a"],[1,3,["b","c"]],[1,4,["d",null]]]}`: HistoryReply{History: []HistoryEntry{{1, 2, "a", nil, false}, {1, 3, "b", ptr("c"), true}, {1, 4, "d", nil, true}}},
		`{"status":"ok","comms":{}}`:               CommInfoReply{},
		`{"status":"ok"}`:                          InterruptReply{},
		`{"status":"ok","restart":true}`:           ShutdownReply{Restart: true},
		`{"status":"ok","subshell_id":[]}`:         ListSubshellReply{},
		`{"data":{},"metadata":{},"transient":{}}`: DisplayData{},
		`{"execution_count":1,"data":{"text/html":"<b>","text/plain":"x"},"metadata":{},"transient":{"display_id":"d"}}`: ExecuteResult{ExecutionCount: 1, Data: MIMEBundle{"text/plain": []byte(`"x"`), "text/html": []byte(`"<b>"`)}, Transient: Transient{"d"}},
		`{"comm_id":"c","data":{}}`:        CommClose{CommID: "c"},
		`{"name":"stdout","text":"<a&b>"}`: Stream{Stdout, "<a&b>"},
		`{"wait":false}`:                   ClearOutput{},
		`{"subscription":""}`:              IOPubWelcome{},
		`{"hist_access_type":"tail","n":1,"output":false,"raw":false}`: map[string]any{"hist_access_type": "tail", "n": 1, "output": false, "raw": false},
	} {
		got, err := Marshal(content)
		if err != nil || string(got) != want {
			t.Errorf("%T: %s, want %s: %v", content, got, want, err)
		}
		// encoding/json alone agrees, but for its escaping.
		if std, err := json.Marshal(content); err != nil || content != nil && !sameJSON(std, got) {
			t.Errorf("%T: %s, want %s: %v", content, std, got, err)
		}
	}
	for _, content := range []any{math.NaN(), DisplayData{Data: MIMEBundle{"a/b": []byte(`NaN`)}}, ExecuteResult{Data: MIMEBundle{"a/b": nil}}, Status{"\xff"}} {
		if got, err := Marshal(content); err == nil && checkValue(got) != nil {
			t.Errorf("%v became %s", content, got)
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func ptr(s string) *string { return &s }

func TestExecuteRequestDefaults(t *testing.T) {
	for text, want := range map[string]ExecuteRequest{
		`{"code":"x"}`: {Code: "x", StoreHistory: true, AllowStdin: true, StopOnError: true},
		`{"code":"x","silent":true,"store_history":true}`:                                                {Code: "x", Silent: true, AllowStdin: true, StopOnError: true},
		`{"code":"x","store_history":false,"allow_stdin":false,"stop_on_error":false,"new_key":{"a":1}}`: {Code: "x"},
	} {
		var got ExecuteRequest
		if err := json.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

func TestRepliesReadBack(t *testing.T) {
	in := ExecuteReply{Status: StatusError, ExecutionCount: 2, Failure: Failure{"E", "v", []string{"t"}}}
	raw, _ := Marshal(in)
	var out ExecuteReply
	if err := json.Unmarshal(raw, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%+v %v", out, err)
	}
	h := HistoryReply{Status: "ok", History: []HistoryEntry{{1, 2, "a", nil, false}, {1, 3, "b", ptr("c"), true}}}
	raw, _ = Marshal(h)
	var back HistoryReply
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(h, back) {
		t.Errorf("%+v %v", back, err)
	}
	for _, bad := range []string{`{}`, `[1]`, `["x",1,"y"]`, `[1,2,3]`} {
		var e HistoryEntry
		if err := json.Unmarshal([]byte(bad), &e); err == nil && strings.HasPrefix(bad, "{") {
			t.Errorf("%s was read as %+v", bad, e)
		}
	}
}
