package zmq

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sextant/kernel/wire"
)

// python returns an interpreter with pyzmq, jupyter_client and ipykernel.
func python(t testing.TB) string {
	t.Helper()
	path := os.Getenv("SEXTANT_TEST_PYTHON")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("SEXTANT_TEST_PYTHON is not set")
		}
		t.Skip("SEXTANT_TEST_PYTHON is not set")
	}
	return path
}

// runPython runs one case of testdata/client.py against s.
func runPython(t testing.TB, s *Server, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kernel.json")
	if err := s.Info().Write(file); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, python(t), filepath.Join("testdata", "client.py"), file, name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestLibzmqClient(t *testing.T) {
	python(t)
	for _, name := range []string{"cells", "many", "welcome", "heartbeat", "forged", "stdin"} {
		for how, where := range map[string]func(*testing.T) wire.ConnectionInfo{"tcp": overTCP, "ipc": overIPC} {
			t.Run(name+"/"+how, func(t *testing.T) {
				noLeaks(t)
				s, _ := listenWith(t, where(t), Options{})
				servePython(t, s)
				runPython(t, s, name)
			})
		}
	}
}

// servePython is serveEcho with a few cells of its own.
func servePython(t testing.TB, s *Server) {
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		go func() {
			for {
				m, err := s.Receive(context.Background(), ch)
				if err != nil {
					return
				}
				var req wire.ExecuteRequest
				if m.Header.MsgType == "execute_request" {
					if err := m.Read(&req); err != nil {
						t.Error(err)
					}
				}
				pythonCell(t, s, m, req.Code)
			}
		}()
	}
}

var bigText = func() json.RawMessage {
	return json.RawMessage(`"` + string(bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)) + `"`)
}()

func pythonCell(t testing.TB, s *Server, m *wire.Message, code string) {
	say := func(msgType string, content any) {
		out, err := wire.NewOutput(s.Session(), "kernel", m, msgType, content)
		if err == nil {
			err = s.Publish(out)
		}
		if err != nil {
			t.Log(err)
		}
	}
	say("status", wire.Status{ExecutionState: wire.StateBusy})
	defer say("status", wire.Status{ExecutionState: wire.StateIdle})
	rep := wire.ExecuteReply{}
	var content any = &rep
	replyType := "execute_reply"
	switch {
	case m.Header.MsgType == "kernel_info_request":
		replyType, content = "kernel_info_reply", wire.KernelInfoReply{ProtocolVersion: wire.ProtocolVersion, Implementation: "echo"}
	case code == "flood":
		for range 20000 {
			say("stream", wire.Stream{Name: wire.Stdout, Text: "a line of text\n"})
		}
	case code == "big":
		say("execute_result", wire.ExecuteResult{Data: wire.MIMEBundle{"text/plain": bigText}})
	case code == "input":
		ask, err := wire.NewReply(s.Session(), "kernel", m, "input_request", wire.InputRequest{Prompt: "who? "})
		if err != nil {
			t.Error(err)
			return
		}
		ask.Channel = wire.Stdin
		if err := s.Send(ask); err != nil {
			t.Error(err)
			return
		}
		m, err := s.Receive(context.Background(), wire.Stdin)
		if err != nil {
			t.Error(err)
			return
		}
		var in wire.InputReply
		if err := m.Read(&in); err != nil {
			t.Error(err)
		}
		got, _ := json.Marshal(in.Value)
		rep.UserExpressions = map[string]json.RawMessage{"got": got}
	default:
		say("execute_result", wire.ExecuteResult{Data: wire.MIMEBundle{"text/plain": json.RawMessage(`"echo"`)}})
	}
	out, err := wire.NewReply(s.Session(), "kernel", m, replyType, content)
	if err == nil {
		err = s.Send(out)
	}
	if err != nil {
		t.Log(err)
	}
}

// TestSpeedAgainstPython prints what a Python client measures; it fails only when messages are lost.
func TestSpeedAgainstPython(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	s, _ := listenWith(t, overTCP(t), Options{})
	servePython(t, s)
	t.Logf("\n%s", runPython(t, s, "speed"))
}
