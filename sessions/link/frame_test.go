package link

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestFramesTravel(t *testing.T) {
	large := bytes.Repeat([]byte("x"), eager+12345)
	var b []byte
	b = AppendFrame(b, KindHello, []byte(`{"token":"t"}`))
	b = AppendMessage(b, 7, []byte("frame"))
	b = AppendMessage(b, 8, large)
	b = AppendFrame(b, KindAnswer)
	var written bytes.Buffer
	if err := WriteMessage(&written, 7, []byte("frame")); err != nil || !bytes.Equal(written.Bytes(), AppendMessage(nil, 7, []byte("frame"))) {
		t.Errorf("WriteMessage: %x, %v", written.Bytes(), err)
	}
	r := bytes.NewReader(b)
	for i, want := range []struct {
		kind    Kind
		payload string
	}{{KindHello, `{"token":"t"}`}, {KindMessage, "\x00\x00\x00\x00\x00\x00\x00\x07frame"}, {KindMessage, "\x00\x00\x00\x00\x00\x00\x00\x08" + string(large)}, {KindAnswer, ""}} {
		kind, payload, err := ReadFrame(r, MaxFrame)
		if err != nil || kind != want.kind || string(payload) != want.payload {
			t.Errorf("frame %d: kind %d, %d bytes, %v", i, kind, len(payload), err)
		}
	}
	if _, _, err := ReadFrame(r, MaxFrame); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestBadFramesAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"too long":      {"\xff\xff\xff\xff\x03", ErrProtocol},
		"no kind":       {"\x00\x00\x00\x00\x03", ErrProtocol},
		"cut in a head": {"\x00\x00", io.ErrUnexpectedEOF},
		"cut off":       {"\x00\x00\x00\x05\x03abc", io.ErrUnexpectedEOF},
		"nothing comes": {"\x00\x00\x00\x05\x03", io.ErrUnexpectedEOF},
	} {
		if _, _, err := ReadFrame(bytes.NewReader([]byte(c.in)), 1000); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(AppendMessage(nil, 1, []byte("x")))
	f.Add([]byte("\x00\xff\xff\xff\x03abc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			kind, payload, err := ReadFrame(r, 1<<20)
			if err != nil {
				return
			}
			if len(payload) > len(b) {
				t.Fatal("more came out than went in")
			}
			switch kind {
			case KindMessage:
				_, _, _ = SplitMessage(payload)
			case KindReplay:
				_, _, _, _ = splitReplay(payload)
			}
		}
	})
}
