package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// ErrConnectionFile says that a connection file cannot be used; the text says why.
var ErrConnectionFile = errors.New("bad connection file")

// maxConnectionFile bounds what is read of a connection file, in bytes.
const maxConnectionFile = 1 << 20

// ConnectionInfo is the content of a connection file: where a kernel's five sockets are and the key that signs what
// travels over them. The kernel binds, clients connect.
type ConnectionInfo struct {
	// Transport is "tcp" or "ipc".
	Transport string `json:"transport"`
	// IP is an address or host name; with ipc, the prefix of the five socket paths.
	IP string `json:"ip"`
	// The ports; with ipc, the numbers that end the socket paths. Zero asks the binding end to choose.
	ShellPort   int `json:"shell_port"`
	IOPubPort   int `json:"iopub_port"`
	StdinPort   int `json:"stdin_port"`
	ControlPort int `json:"control_port"`
	HBPort      int `json:"hb_port"`
	// Key signs messages; empty switches signatures off.
	Key             string `json:"key"`
	SignatureScheme string `json:"signature_scheme"`
	KernelName      string `json:"kernel_name,omitempty"`
}

// LoadConnection reads and validates a connection file. The error wraps [ErrConnectionFile] or is the file system's.
func LoadConnection(path string) (ConnectionInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return ConnectionInfo{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConnectionFile+1))
	if err != nil {
		return ConnectionInfo{}, err
	}
	return ParseConnection(data)
}

// ParseConnection reads and validates the bytes of a connection file. Unknown keys are ignored, missing transport, ip and
// scheme take Jupyter's defaults. The error wraps [ErrConnectionFile].
func ParseConnection(data []byte) (ConnectionInfo, error) {
	if len(data) > maxConnectionFile {
		return ConnectionInfo{}, fmt.Errorf("%w: larger than %d bytes", ErrConnectionFile, maxConnectionFile)
	}
	var file struct {
		ConnectionInfo
		CurvePublicKey string `json:"curve_publickey"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return ConnectionInfo{}, fmt.Errorf("%w: %v", ErrConnectionFile, err)
	}
	if file.CurvePublicKey != "" {
		// A client that was handed a public key would encrypt; answering in clear text would look like an attack to it.
		return ConnectionInfo{}, fmt.Errorf("%w: it asks for CURVE encryption, which is not supported", ErrConnectionFile)
	}
	info := file.ConnectionInfo
	if info.Transport == "" {
		info.Transport = "tcp"
	}
	if info.IP == "" && info.Transport == "tcp" {
		info.IP = "127.0.0.1"
	}
	if info.SignatureScheme == "" {
		info.SignatureScheme = SchemeHMACSHA256
	}
	return info, info.Validate()
}

// Validate reports the first thing wrong with c. The error wraps [ErrConnectionFile].
func (c ConnectionInfo) Validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrConnectionFile}, args...)...)
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fail("transport %q is neither tcp nor ipc", c.Transport)
	}
	if c.IP == "" {
		return fail("no ip")
	}
	if c.SignatureScheme != "" && c.SignatureScheme != SchemeHMACSHA256 {
		return fail("signature_scheme %q is not %s", c.SignatureScheme, SchemeHMACSHA256)
	}
	used := make(map[int]Channel)
	for _, ch := range [...]Channel{Shell, IOPub, Stdin, Control, Heartbeat} {
		port := c.Port(ch)
		if port < 0 || port > 65535 {
			return fail("%s port %d is out of range", ch, port)
		}
		if other, dup := used[port]; dup && port != 0 {
			return fail("%s and %s have the same port %d", other, ch, port)
		}
		used[port] = ch
	}
	return nil
}

// Port returns the port of a channel; 0 for one that does not exist.
func (c ConnectionInfo) Port(ch Channel) int {
	switch ch {
	case Shell:
		return c.ShellPort
	case IOPub:
		return c.IOPubPort
	case Stdin:
		return c.StdinPort
	case Control:
		return c.ControlPort
	case Heartbeat:
		return c.HBPort
	}
	return 0
}

// SetPort sets the port of a channel.
func (c *ConnectionInfo) SetPort(ch Channel, port int) {
	switch ch {
	case Shell:
		c.ShellPort = port
	case IOPub:
		c.IOPubPort = port
	case Stdin:
		c.StdinPort = port
	case Control:
		c.ControlPort = port
	case Heartbeat:
		c.HBPort = port
	}
}

// Address returns the network ("tcp" or "unix") and the address of a channel, in the terms of package net: "ip:port", or
// the path "{ip}-{port}".
func (c ConnectionInfo) Address(ch Channel) (network, address string) {
	port := strconv.Itoa(c.Port(ch))
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + port
	}
	ip := c.IP
	if ip == "*" {
		ip = "" // ZeroMQ's word for all interfaces
	}
	return "tcp", net.JoinHostPort(ip, port)
}

// Endpoint returns the channel's ZeroMQ endpoint: "tcp://ip:port" or "ipc://{ip}-{port}".
func (c ConnectionInfo) Endpoint(ch Channel) string {
	_, address := c.Address(ch)
	return c.Transport + "://" + address
}

// Write puts c into a file of mode 0600, whole or not at all: a reader sees the old file or the new one. The directory
// must exist.
func (c ConnectionInfo) Write(path string) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	if c.SignatureScheme == "" {
		c.SignatureScheme = SchemeHMACSHA256 // jupyter_client refuses an empty one
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".connection-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
