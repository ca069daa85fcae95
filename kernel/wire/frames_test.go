package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var accept = flag.Bool("accept", false, "write golden files anew")

// golden compares text with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *accept {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nwant\n%s", name, got, want)
	}
}

// sample is a message with everything in it, including a header key this package does not know.
func sample(buffers ...[]byte) *Message {
	return &Message{
		Identities: [][]byte{[]byte("client")},
		Channel:    Shell,
		Header:     Header{MsgID: "m1", Session: "s1", Username: "ana", Date: "2026-11-24T10:00:00.000001Z", MsgType: "execute_request", Version: "5.5", SubshellID: "sub"},
		RawHeader: json.RawMessage(`{"msg_id":"m1","session":"s1","username":"ana","date":"2026-11-24T10:00:00.000001Z",` +
			`"msg_type":"execute_request","version":"5.5","subshell_id":"sub","extra":[1]}`),
		ParentHeader: json.RawMessage(`{}`),
		Metadata:     json.RawMessage(`{"cellId":"c"}`),
		Content:      json.RawMessage(`{"code":"SELECT 'é' <> \"x\""}`),
		Buffers:      buffers,
	}
}

func TestGoldenFrames(t *testing.T) {
	signer, err := NewSigner("", "secret")
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Message{"plain": sample(), "buffers": sample([]byte("one"), nil, []byte{0, 0xff})} {
		parts, err := Encode(m, signer)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, p := range parts {
			fmt.Fprintf(&text, "%q\n", p)
		}
		golden(t, "zmq_"+name+".txt", text.String())
		v1, err := EncodeWebsocketV1(m)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "websocket_v1_"+name+".hex", hex.Dump(v1))
		old, isBinary, err := EncodeWebsocketDefault(m)
		if err != nil || isBinary != (len(m.Buffers) > 0) {
			t.Fatal(isBinary, err)
		}
		golden(t, "websocket_default_"+name+".hex", hex.Dump(old))

		// And back, each to the same message.
		fresh, _ := NewSigner("", "secret")
		got, err := Decode(parts, fresh)
		if err != nil {
			t.Fatal(err)
		}
		got.Channel = m.Channel
		same(t, "zmq", got, m, true)
		if got, err = DecodeWebsocketV1(v1); err != nil {
			t.Fatal(err)
		}
		same(t, "v1", got, m, false)
		if got, err = DecodeWebsocketDefault(old, isBinary); err != nil {
			t.Fatal(err)
		}
		same(t, "default", got, m, false)
	}
}

func same(t *testing.T, what string, got, want *Message, identities bool) {
	t.Helper()
	w := *want
	if !identities {
		w.Identities = nil
	}
	norm := func(m *Message) string {
		return fmt.Sprintf("%q %s %+v %s %s %s %s %q", m.Identities, m.Channel, m.Header, m.RawHeader, m.ParentHeader, m.Metadata, m.Content, m.Buffers)
	}
	if norm(got) != norm(&w) {
		t.Errorf("%s: %s\nwant %s", what, norm(got), norm(&w))
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := func() [][]byte {
		s, _ := NewSigner("", "secret")
		parts, err := Encode(sample(), s)
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	resign := func(i int, part string) [][]byte { // index from the signature
		s, _ := NewSigner("", "secret")
		p := good()
		p[2+i] = []byte(part)
		p[2] = s.Sign(p[3], p[4], p[5], p[6])
		return p
	}
	cases := map[string]struct {
		parts [][]byte
		want  error
	}{
		"nothing":           {nil, ErrMalformed},
		"no delimiter":      {good()[2:], ErrMalformed},
		"too few parts":     {good()[:5], ErrMalformed},
		"no signature":      {func() [][]byte { p := good(); p[2] = nil; return p }(), ErrSignature},
		"signature not hex": {func() [][]byte { p := good(); p[2] = bytes.Repeat([]byte("z"), 64); return p }(), ErrSignature},
		"changed content":   {func() [][]byte { p := good(); p[6] = []byte(`{"code":"DROP"}`); return p }(), ErrSignature},
		"moved bytes":       {func() [][]byte { p := good(); p[5], p[6] = append(p[5], p[6]...), nil; return p }(), ErrMalformed},
		"not UTF-8":         {resign(4, "{\"code\":\"\xff\"}"), ErrMalformed},
		"NaN":               {resign(4, `{"x":NaN}`), ErrMalformed},
		"an array":          {resign(4, `[]`), ErrMalformed},
		"empty":             {resign(3, ``), ErrMalformed},
		"no msg_id":         {resign(1, `{"msg_type":"x"}`), ErrMalformed},
		"no msg_type":       {resign(1, `{"msg_id":"x"}`), ErrMalformed},
		"numeric msg_id":    {resign(1, `{"msg_id":1,"msg_type":"x"}`), ErrMalformed},
		"many identities":   {append(bytes.Split(bytes.Repeat([]byte("x"), 40), nil), good()...), ErrMalformed},
		"many buffers":      {append(good(), make([][]byte, MaxBuffers+1)...), ErrMalformed},
	}
	for name, c := range cases {
		s, _ := NewSigner("", "secret")
		if _, err := Decode(c.parts, s); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReplay(t *testing.T) {
	s, _ := NewSigner("", "secret")
	parts, _ := Encode(sample(), s)
	if _, err := Decode(parts, s); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(parts, s); !errors.Is(err, ErrReplay) {
		t.Error(err)
	}
	// The memory is bounded: 65 536 others push it out.
	for i := range replayMemory {
		body := fmt.Appendf(nil, "%d", i)
		if err := s.Verify(s.Sign(body), body); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.seen) != replayMemory || len(s.ring) != replayMemory {
		t.Errorf("%d and %d digests are kept", len(s.seen), len(s.ring))
	}
	if _, err := Decode(parts, s); err != nil {
		t.Error(err)
	}
}

func TestNoKey(t *testing.T) {
	s, _ := NewSigner("hmac-sha256", "")
	parts, _ := Encode(sample(), s)
	if len(parts[2]) != 0 {
		t.Errorf("signature %q", parts[2])
	}
	for range 2 {
		if _, err := Decode(parts, s); err != nil {
			t.Error(err)
		}
	}
	if _, err := NewSigner("hmac-md5", "x"); err == nil {
		t.Error("another scheme was accepted")
	}
}

// TestKnownSignature is checked against Python: hmac.new(b"key", b'{"a":1}{}{}{}', "sha256").hexdigest().
func TestKnownSignature(t *testing.T) {
	s, _ := NewSigner("", "key")
	got := string(s.Sign([]byte(`{"a":1}`), []byte(`{}`), []byte(`{}`), []byte(`{}`)))
	if want := "f1128388193e4dd1aa760827bd756a1b40b627676b5efe22c0e8297919bfa218"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestReplyRepeatsTheHeader(t *testing.T) {
	req := sample()
	rep, err := NewReply("k", "kernel", req, "execute_reply", ExecuteReply{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(rep.ParentHeader, req.RawHeader) || !reflect.DeepEqual(rep.Identities, req.Identities) || rep.Channel != Shell {
		t.Errorf("%+v", rep)
	}
	if rep.Parent().SubshellID != "sub" {
		t.Error("the parent's subshell is lost")
	}
}

func TestWebsocketRefuses(t *testing.T) {
	good, _ := EncodeWebsocketV1(sample([]byte("b")))
	for i := range good { // every truncation, and every byte changed in the head
		if _, err := DecodeWebsocketV1(good[:i]); !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	old, isBinary, _ := EncodeWebsocketDefault(sample([]byte("b")))
	for i := range len(old) - 1 { // cutting into the last buffer only shortens it
		if _, err := DecodeWebsocketDefault(old[:i], isBinary); !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, text := range []string{``, `[]`, `{}`, `{"header":null}`, `{"header":{"msg_id":"a","msg_type":"b"},"channel":"hb"}`, `{"header":{"msg_id":"a","msg_type":"b"},"channel":1}`} {
		if _, err := DecodeWebsocketDefault([]byte(text), false); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
	m, err := DecodeWebsocketDefault([]byte(`{"header":{"msg_id":"a","msg_type":"b"},"parent_header":null,"buffers":[]}`), false)
	if err != nil || m.Channel != Shell || string(m.ParentHeader) != "{}" || string(m.Content) != "{}" {
		t.Errorf("%+v %v", m, err)
	}
}

func FuzzDecode(f *testing.F) {
	s, _ := NewSigner("", "secret")
	for _, m := range []*Message{sample(), sample([]byte("x"), nil)} {
		parts, _ := Encode(m, s)
		f.Add(bytes.Join(parts, []byte{0}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		parts := bytes.Split(b, []byte{0})
		keyed, _ := NewSigner("", "secret")
		Decode(parts, keyed)
		open, _ := NewSigner("", "")
		m, err := Decode(parts, open)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		again, err := Encode(m, open)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range again {
			if m.Header.MsgID != "" && i != len(m.Identities)+1 && !bytes.Equal(p, parts[i]) { // the signature differs
				t.Fatalf("part %d %q became %q", i, parts[i], p)
			}
		}
	})
}

func FuzzWebsocketV1(f *testing.F) {
	for _, m := range []*Message{sample(), sample([]byte("x"), nil)} {
		b, _ := EncodeWebsocketV1(m)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeWebsocketV1(b)
		if err != nil {
			return
		}
		again, err := EncodeWebsocketV1(m)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := DecodeWebsocketV1(again)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "again", m2, m, false)
	})
}

func FuzzWebsocketDefault(f *testing.F) {
	for _, m := range []*Message{sample(), sample([]byte("x"), nil)} {
		b, isBinary, _ := EncodeWebsocketDefault(m)
		f.Add(b, isBinary)
	}
	f.Fuzz(func(t *testing.T, b []byte, isBinary bool) {
		m, err := DecodeWebsocketDefault(b, isBinary)
		if err != nil {
			return
		}
		again, isBinary, err := EncodeWebsocketDefault(m)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := DecodeWebsocketDefault(again, isBinary)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "again", m2, m, false)
	})
}
