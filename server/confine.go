package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sextant/content/iam"
	"sextant/sessions"
	"sextant/sessions/sandbox"
)

// system is what every program may read: its libraries, and what says how to name hosts, times and people.
var system = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives",
	"/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/ssl",
	"/etc/pki", "/etc/ca-certificates", "/etc/mime.types", "/etc/os-release", "/etc/debian_version", "/etc/redhat-release", "/etc/system-release", "/etc/lsb-release", "/etc/fonts", "/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/gai.conf",
	"/etc/services", "/etc/protocols", "/run/systemd/resolve", "/var/cache/fontconfig", "/sys/devices/system/cpu", "/sys/fs/cgroup",
	"/sys/kernel/mm/transparent_hugepage", "/dev/urandom", "/dev/random"}

// processes is what may be read of the machine and of the process itself. Not all of /proc: there the environment of other
// processes of the same user can be read, and with it their secrets.
var processes = []string{"/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/loadavg", "/proc/version", "/proc/filesystems",
	"/proc/sys", "/proc/vmstat", "/proc/diskstats"}

// devices may also be written.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts"}

// confine says what a kernel's process may touch: what programs need, its own files, and what is added. argv is its command
// where that is not the kernelspec's. uid is the session's own, or 0. shared lets it use shared memory.
func confine(k sessions.Kernelspec, argv []string, uid int, network, shared bool, writable ...string) sandbox.Spec {
	s := sandbox.Spec{ReadOnly: slices.Concat(system, programFiles(k.Dir, k.Argv), programFiles("", argv)), ReadWrite: append(append([]string{}, devices...), writable...),
		Network: network, OpenFiles: 4096, FileSize: 64 << 30}
	if uid != 0 {
		s.UID, s.ReadOnly = uid, append(s.ReadOnly, "/proc")
	} else {
		s.ReadOnly, s.ListOnly = append(s.ReadOnly, processes...), []string{"/proc"}
	}
	if shared {
		// Python's multiprocessing and others keep their locks there.
		s.ReadWrite = append(s.ReadWrite, "/dev/shm")
	}
	return s
}

// programFiles are the directories that a kernel's program was installed in: its prefix, that of the Python which a virtual
// environment is made of, and its kernelspec.
func programFiles(dir string, argv []string) []string {
	var out []string
	if dir != "" {
		out = append(out, dir)
	}
	if len(argv) == 0 {
		return out
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return out
	}
	if program, err = filepath.Abs(program); err != nil {
		return out
	}
	add := func(program string) {
		prefix := filepath.Dir(filepath.Dir(program))
		if filepath.Base(filepath.Dir(program)) != "bin" || prefix == "/" {
			out = append(out, filepath.Dir(program))
			return
		}
		out = append(out, prefix)
		if home := pythonHome(filepath.Join(prefix, "pyvenv.cfg")); home != "" {
			out = append(out, filepath.Dir(home))
		}
	}
	add(program)
	if real, err := filepath.EvalSymlinks(program); err == nil && real != program {
		add(real)
	}
	return out
}

// pythonHome is where the Python of a virtual environment is, by its pyvenv.cfg; empty where there is none.
func pythonHome(config string) string {
	f, err := os.Open(config)
	if err != nil {
		return ""
	}
	defer f.Close() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok && strings.TrimSpace(name) == "home" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// uids gives each user a uid of their own out of a range, the same each time. It keeps them in a file.
type uids struct {
	file        string
	first, last int

	mu    sync.Mutex
	given map[iam.Member]int
}

// newUIDs is for a range as "200000-265535".
func newUIDs(file, uidRange string) (*uids, error) {
	from, to, ok := strings.Cut(uidRange, "-")
	first, err := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if !ok || err != nil || err2 != nil || first < 1000 || last < first || last > 1<<31-2 {
		return nil, fmt.Errorf("session-uids: %q is no range of uids over 1000, such as 200000-265535", uidRange)
	}
	if os.Geteuid() != 0 {
		return nil, errors.New("session-uids: only root can run sessions as other users")
	}
	u := &uids{file: file, first: first, last: last, given: map[iam.Member]int{}}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &u.given)
	}
	if err != nil {
		return nil, fmt.Errorf("uids of users: %w", err)
	}
	return u, nil
}

// of gives a user's uid; a new one is on disk before it is used.
func (u *uids) of(user iam.Member) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if uid, ok := u.given[user]; ok {
		return uid, nil
	}
	taken := make(map[int]bool, len(u.given))
	for _, uid := range u.given {
		taken[uid] = true
	}
	for uid := u.first; uid <= u.last; uid++ {
		if taken[uid] {
			continue
		}
		u.given[user] = uid
		b, err := json.Marshal(u.given)
		if err == nil {
			if err = os.WriteFile(u.file+".new", b, 0o600); err == nil {
				err = os.Rename(u.file+".new", u.file)
			}
		}
		if err != nil {
			delete(u.given, user)
			return 0, fmt.Errorf("uids of users: %w", err)
		}
		return uid, nil
	}
	return 0, fmt.Errorf("session-uids: all of %d to %d are taken", u.first, u.last)
}
