package agent

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sextant/kernel/wire"
)

func TestValuesAreHiddenAsOutputsHoldThem(t *testing.T) {
	k := newMasker([]string{"hunter22", "päß\"wörd\U0001f600", "a&b=c d", "abc", "", "-----BEGIN-----\nMIIEvQIBADAN\nxyz\n-----END-----", "hunter22-long"})
	for _, c := range []struct{ in, want string }{
		{`{"text":"x hunter22 y"}`, `{"text":"x ••• y"}`},
		{`{"text":"hunter22-long"}`, `{"text":"•••"}`},
		{`{"a":"p\u00e4\u00df\"w\u00f6rd\ud83d\ude00"}`, `{"a":"•••"}`},
		{`{"a":"päß\"wörd😀"}`, `{"a":"•••"}`},
		{`{"text/html":"a&amp;b=c d"}`, `{"text/html":"•••"}`},
		{`{"url":"http://x/?q=a%26b%3Dc+d"}`, `{"url":"http://x/?q=•••"}`},
		{`{"key":"abc is too short to be hidden"}`, `{"key":"abc is too short to be hidden"}`},
		{`{"repr":"'MIIEvQIBADAN\\nxyz'"}`, `{"repr":"'•••\\nxyz'"}`},
		{`{"pem":"-----BEGIN-----\nMIIEvQIBADAN\nxyz\n-----END-----"}`, `{"pem":"•••"}`},
	} {
		got := k.object(json.RawMessage(c.in))
		if string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
		if !json.Valid(got) {
			t.Errorf("%s is no JSON", got)
		}
	}
	if newMasker(nil) != nil || newMasker([]string{"abc"}) != nil {
		t.Error("nothing to hide")
	}
}

// said is a message of a request.
func said(t *testing.T, request, msgType string, content any) *wire.Message {
	t.Helper()
	m, err := wire.NewMessage("kernel", "kernel", msgType, content)
	if err != nil {
		t.Fatal(err)
	}
	m.Channel, m.ParentHeader = wire.IOPub, json.RawMessage(`{"msg_id":"`+request+`"}`)
	return m
}

func TestValuesSplitOverStreamMessagesAreHidden(t *testing.T) {
	type message struct{ request, name, text string } // without a name it is a status
	for _, c := range []struct {
		what string
		in   []message
		want string
	}{
		{"in two pieces", []message{{"1", "stdout", "a hun"}, {"1", "stdout", "ter22 b"}, {"1", "", ""}}, "1.stdout:a |1.stdout:••• b|1.status|"},
		{"letter by letter", []message{{"1", "stdout", "h"}, {"1", "stdout", "u"}, {"1", "stdout", "n"}, {"1", "stdout", "ter2"}, {"1", "stdout", "2!"}, {"1", "", ""}}, "1.stdout:•••!|1.status|"},
		{"only a beginning", []message{{"1", "stdout", "a hun"}, {"1", "", ""}}, "1.stdout:a |1.stdout:hun|1.status|"},
		{"another stream between", []message{{"1", "stdout", "hun"}, {"1", "stderr", "ter22"}, {"1", "", ""}}, "1.stdout:hun|1.stderr:ter22|1.status|"},
		{"another request between", []message{{"1", "stdout", "hun"}, {"2", "stdout", "x"}, {"1", "stdout", "ter22"}, {"1", "", ""}}, "2.stdout:x|1.stdout:•••|1.status|"},
	} {
		k := newMasker([]string{"hunter22"})
		var got strings.Builder
		put := func(m *wire.Message) {
			got.WriteString(m.Parent().MsgID + "." + m.Header.MsgType)
			var s wire.Stream
			if m.Header.MsgType == "stream" && m.Read(&s) == nil {
				got.WriteString(":" + s.Text)
			}
			got.WriteByte('|')
		}
		for _, m := range c.in {
			if m.name == "" {
				k.keep(said(t, m.request, "status", wire.Status{ExecutionState: wire.StateIdle}), put)
			} else {
				k.keep(said(t, m.request, "stream", wire.Stream{Name: m.name, Text: m.text}), put)
			}
		}
		text := strings.ReplaceAll(strings.ReplaceAll(got.String(), ".stream:", ".stdout:"), "2.stdout", "2.stdout")
		want := strings.ReplaceAll(c.want, "stderr", "stdout")
		if text != want {
			t.Errorf("%s: %s, want %s", c.what, text, want)
		}
	}
}

func TestWhatIsHeldBackComesByItself(t *testing.T) {
	k := newMasker([]string{"hunter22"})
	got := make(chan string, 2)
	k.keep(said(t, "1", "stream", wire.Stream{Name: "stdout", Text: "prompt h"}), func(m *wire.Message) {
		var s wire.Stream
		_ = m.Read(&s)
		got <- s.Text
	})
	for _, want := range []string{"prompt ", "h"} {
		select {
		case text := <-got:
			if text != want {
				t.Errorf("%q, want %q", text, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it does not come")
		}
	}
}

func BenchmarkMask(b *testing.B) {
	k := newMasker([]string{"hunter22", "another secret", "a third one"})
	m := wire.Message{Channel: wire.IOPub, Header: wire.Header{MsgType: "display_data"}, Content: json.RawMessage(`{"data":{"text/plain":"` + strings.Repeat("some text ", 10_000) + `"}}`)}
	b.SetBytes(int64(len(m.Content)))
	for b.Loop() {
		k.keep(&m, func(*wire.Message) {})
	}
}
