package wire

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// jupyterFile is what jupyter_client 8 writes.
const jupyterFile = `{"shell_port": 52125, "iopub_port": 52126, "stdin_port": 52127, "control_port": 52128, "hb_port": 52129,
  "ip": "127.0.0.1", "key": "c1f0fb41-6f0c8ea5d3e1", "transport": "tcp", "signature_scheme": "hmac-sha256", "kernel_name": "sql",
  "jupyter_session": "/a b.ipynb"}`

func TestConnectionFile(t *testing.T) {
	info, err := ParseConnection([]byte(jupyterFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Endpoint(Control); got != "tcp://127.0.0.1:52128" {
		t.Error(got)
	}
	path := filepath.Join(t.TempDir(), "kernel.json")
	if err := info.Write(path); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Error(st.Mode(), err)
	}
	if again, err := LoadConnection(path); err != nil || again != info {
		t.Errorf("%+v, want %+v: %v", again, info, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
	if _, err := LoadConnection(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	info.Transport, info.IP = "ipc", "/run/k/kernel"
	if got := info.Endpoint(Heartbeat); got != "ipc:///run/k/kernel-52129" {
		t.Error(got)
	}
	if network, address := info.Address(Shell); network != "unix" || address != "/run/k/kernel-52125" {
		t.Error(network, address)
	}
	v6 := ConnectionInfo{Transport: "tcp", IP: "::1", ShellPort: 1}
	if _, address := v6.Address(Shell); address != "[::1]:1" {
		t.Error(address)
	}
}

func TestBadConnectionFiles(t *testing.T) {
	for name, change := range map[string][2]string{
		"no JSON":        {`"tcp"`, `tcp`},
		"transport":      {`"tcp"`, `"udp"`},
		"port too large": {"52125", "70000"},
		"negative port":  {"52125", "-1"},
		"port a word":    {"52125", `"x"`},
		"same port":      {"52126", "52125"},
		"scheme":         {"hmac-sha256", "hmac-md5"},
		"encryption":     {`"kernel_name"`, `"curve_publickey":"x","kernel_name"`},
	} {
		if _, err := ParseConnection([]byte(strings.Replace(jupyterFile, change[0], change[1], 1))); !errors.Is(err, ErrConnectionFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseConnection([]byte(`{"key":"` + strings.Repeat("x", maxConnectionFile) + `"}`)); !errors.Is(err, ErrConnectionFile) {
		t.Error(err)
	}
	if err := (ConnectionInfo{}).Write(filepath.Join(t.TempDir(), "x")); !errors.Is(err, ErrConnectionFile) {
		t.Error(err)
	}
}

func FuzzConnectionFile(f *testing.F) {
	f.Add([]byte(jupyterFile))
	f.Add([]byte(`{"transport":"ipc","ip":"k"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := ParseConnection(b)
		if err != nil {
			if !errors.Is(err, ErrConnectionFile) {
				t.Fatal(err)
			}
			return
		}
		if err := info.Validate(); err != nil {
			t.Fatal(err)
		}
		info.Endpoint(Shell)
	})
}
