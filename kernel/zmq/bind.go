package zmq

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"sextant/kernel/wire"
)

// bindPatience is how long a port that is in use is tried again.
const bindPatience = time.Second

// bind listens on one channel's address and writes a port it had to choose into info. Addresses of TCP sockets in
// TIME_WAIT are reused (Go sets SO_REUSEADDR), so a restarted kernel gets its ports back at once.
func bind(ctx context.Context, info *wire.ConnectionInfo, ch wire.Channel) (net.Listener, error) {
	var lc net.ListenConfig
	if info.Transport == "ipc" {
		return bindIPC(ctx, info, ch)
	}
	network, address := info.Address(ch)
	l, err := lc.Listen(ctx, network, address)
	// Jupyter chooses ports by taking and letting go of them, so that for a moment somebody else's may be one of them.
	for end := time.Now().Add(bindPatience); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(bindPatience / 20):
		}
		l, err = lc.Listen(ctx, network, address)
	}
	if err != nil {
		return nil, bindError(info, ch, err)
	}
	info.SetPort(ch, l.Addr().(*net.TCPAddr).Port)
	return l, nil
}

// bindIPC makes the socket file, for its owner only, in a directory that is made 0700 if it is not there. A file left by a
// process that is gone is replaced; one that somebody still serves is an error.
func bindIPC(ctx context.Context, info *wire.ConnectionInfo, ch wire.Channel) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(info.IP+"-"), 0o700); err != nil {
		return nil, bindError(info, ch, err)
	}
	chosen := info.Port(ch) == 0
	for n := 1; ; n++ {
		if chosen {
			info.SetPort(ch, 0)
			if taken(*info, n) {
				continue
			}
			info.SetPort(ch, n)
		}
		_, path := info.Address(ch)
		err := removeStale(path)
		if err == nil {
			lc := net.ListenConfig{Control: ownerOnly}
			var l net.Listener
			if l, err = lc.Listen(ctx, "unix", path); err == nil {
				if err := os.Chmod(path, 0o600); err != nil {
					l.Close()
					return nil, bindError(info, ch, err)
				}
				return l, nil
			}
		}
		if chosen && n < 65535-len(serverRoles) && (errors.Is(err, ErrInUse) || errors.Is(err, syscall.EADDRINUSE)) {
			continue
		}
		return nil, bindError(info, ch, err)
	}
}

// taken says that one of the channels has that number.
func taken(info wire.ConnectionInfo, n int) bool {
	for _, r := range serverRoles {
		if info.Port(r.channel) == n {
			return true
		}
	}
	return false
}

// removeStale removes a socket that nobody serves. The error wraps [ErrInUse] if somebody does, or if the file is no
// socket at all.
func removeStale(path string) error {
	stat, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if stat.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%w: %s is not a socket", ErrInUse, path)
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

func bindError(info *wire.ConnectionInfo, ch wire.Channel, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: %v", ErrInUse, err)
	}
	return fmt.Errorf("bind %s to %s: %w", ch, info.Endpoint(ch), err)
}
