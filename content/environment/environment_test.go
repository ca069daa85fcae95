package environment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sextant/content/environment"
)

func TestDefaults(t *testing.T) {
	s, err := environment.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Kernel != "sextant" || s.Engine != "duckdb" || !*s.Shared || s.Network != nil || s.Idle != nil {
		t.Errorf("%+v", s)
	}
	s, err = environment.Parse([]byte(`kernel = "python3"`))
	if err != nil || *s.Shared || s.Engine != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestEverythingAtOnce(t *testing.T) {
	s, err := environment.Parse([]byte(`
kernel = "python3"
init = """
import os  # key = "no key"
[limits] = 3
"""
network = true
idle = "30m"
life = "7d"
execution = "0s"

[limits]
memory = "2GiB"
cpu = "10m"
disk = "500MB"
threads = 2

[parameters]
region = "eu"
days = 30

[variables]
LANG = "de_DE.UTF-8"

[secrets]
API_KEY = "own:api-key"

[packages]
python = "python3.12"
requirements = ["pandas==2.3.1", "bokeh[extra] >=3 ; python_version > '3.9'", "x @ file:///srv/wheels/x.whl"]

[[sources]]
source = "/data/sales"
name = "sales"

[[sources]]
source = "01890000-0000-7000-8000-000000000001"
write = true
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Limits.Memory != 2<<30 || s.Limits.Disk != 500_000_000 || time.Duration(*s.Life) != 7*24*time.Hour || *s.Execution != 0 ||
		s.Parameters["days"] != int64(30) || len(s.Sources) != 2 || !s.Sources[1].Write || len(s.Packages.Requirements) != 3 {
		t.Errorf("%+v", s)
	}
}

func TestFaultsTellLineAndKey(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"kernel = 3", `line 1: kernel: `},
		{"\nkernle = \"x\"", `line 2: kernle: there is no such key`},
		{"[limits]\n\nmemori = \"1GB\"", `line 3: limits.memori: there is no such key`},
		{"[limits]\nmemory = \"1 potato\"", `line 2: limits.memory: "1 potato" is no size`},
		{"[limits]\nmemory = \"63MiB\"", `line 2: limits.memory: want 64 MiB to 64 TiB`},
		{"[limits]\ncpu = \"500ms\"", `line 2: limits.cpu: want 1s to`},
		{"[limits]\nthreads = 1025", `line 2: limits.threads: want 1 to 1024`},
		{"idle = \"9s\"", `line 1: idle: want 10s to`},
		{"idle = \"-1h\"", `line 1: idle: "-1h" is no time span`},
		{"life = \"367d\"", `line 1: life: want`},
		{"kernel = \"../x\"", `line 1: kernel: `},
		{"engine = \"spark9\"", `line 1: engine: there is no engine "spark9"`},
		{"kernel = \"python3\"\nengine = \"duckdb\"", `line 2: engine: only the kernel "sextant" has engines`},
		{"kernel = \"python3\"\nshared = true", `line 2: shared: only`},
		{"[variables]\nPATH = \"/x\"", `line 2: variables.PATH: sessions set`},
		{"[variables]\nLD_PRELOAD = \"/x\"", `line 2: variables.LD_PRELOAD: sessions set`},
		{"[variables]\n\"a b\" = \"/x\"", `line 2: variables.a b: want a name`},
		{"[secrets]\nX = \"p@ss word\"", `line 2: secrets.X: want the name of a secret`},
		{"[variables]\nX = \"1\"\n[secrets]\nX = \"x\"", `line 2: variables.X: it is among the secrets too`},
		{"[parameters]\nx = [1]", `line 2: parameters.x: want a string, a number or a boolean`},
		{"[parameters]\nx = nan", `line 2: parameters.x: want a finite number`},
		{"[packages]\nrequirements = [\"x\"]", `line 1: packages: the SQL kernel has no Python packages`},
		{"kernel = \"python3\"\n[packages]\nrequirements = [\"--index-url http://x\"]", `line 3: packages.requirements: "--index-url http://x" is no requirement`},
		{"kernel = \"python3\"\n[packages]\npython = \"sh -c x\"", `line 3: packages.python: `},
		{"[[sources]]\nname = \"x\"", `line 1: sources.source: want the path`},
		{"[[sources]]\nsource = \"/a\"\nname = \"x\"\n[[sources]]\nsource = \"/b\"\nname = \"X\"", `line 6: sources[1].name: there are two`},
		{"[[sources]]\nsource = \"/a\"\nname = \"a-b\"", `line 3: sources.name: "a-b" cannot be a name in SQL`},
		{"[[sources]]\nsource = \"/a\"\nname = \"Main\"", `line 3: sources.name: "Main" is a name that the engine has`},
		{"kernel = ", `line 1`},
		{"\xff", "not UTF-8"},
		{"init = '" + strings.Repeat("x", environment.MaxInit+1) + "'", `line 1: init: want text of at most 65536 bytes`},
		{strings.Repeat("#", environment.MaxSize+1), "at most 262144 bytes"},
		{many("[variables]\n", "V%d = \"\"\n", environment.MaxNames+1), "variables: there are 101, of at most 100"},
		{many("", "[[sources]]\nsource = \"/x%d\"\n", environment.MaxSources+1), "sources: there are 21, of at most 20"},
	} {
		_, err := environment.Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: %v, want %s", c.text, err, c.want)
		}
	}
}

func many(head, format string, n int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestBoundsAreMet(t *testing.T) {
	for _, text := range []string{
		many("[variables]\n", "V%d = \"\"\n", environment.MaxNames), many("", "[[sources]]\nsource = \"/x%d\"\n", environment.MaxSources),
		"[limits]\nmemory = \"64MiB\"\nthreads = 1024\ncpu = \"1s\"", "idle = \"10s\"\nlife = \"366d\"", "init = '" + strings.Repeat("x", environment.MaxInit) + "'",
	} {
		if _, err := environment.Parse([]byte(text)); err != nil {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestSources(t *testing.T) {
	for _, text := range []string{
		"kind = \"folder\"\npath = \"/srv/data\"", "kind = \"duckdb\"\npath = \"/srv/x.duckdb\"", "kind = \"sqlite\"\npath = \"/srv/x.db\"",
		"kind = \"bucket\"\nurl = \"s3://b/x\"\nregion = \"eu-central-1\"\nkey = \"AK\"\nsecret = \"aws\"",
		"kind = \"postgres\"\nhost = \"db\"\ndatabase = \"d\"\nuser = \"u\"\npassword = \"own:pw\"",
	} {
		s, err := environment.ParseSource([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if s.Kind == environment.Postgres && s.Port != 5432 {
			t.Errorf("port %d", s.Port)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"", "kind: want folder"},
		{"kind = \"csv\"", "line 1: kind: there is no kind"},
		{"kind = \"folder\"", "path: want a full path"},
		{"kind = \"folder\"\npath = \"data\"", "line 2: path: want a full path"},
		{"kind = \"folder\"\npath = \"/a/../etc\"", "line 2: path: want a full path"},
		{"kind = \"folder\"\npath = \"/a\"\npassword = \"x\"", "line 3: password: a source of kind folder has no such key"},
		{"kind = \"bucket\"\nurl = \"https://x/y\"", "line 2: url: there are buckets of"},
		{"kind = \"bucket\"\nurl = \"s3://b\"\nkey = \"x\"", "line 3: key: a key needs"},
		{"kind = \"bucket\"\nurl = \"s3://b/*\"", "line 2: url: want the address"},
		{"kind = \"postgres\"\nhost = \"h\"\nuser = \"u\"", "database: want a name"},
		{"kind = \"postgres\"\nhost = \"h\"\nuser = \"u\"\ndatabase = \"d\"\npassword = \"hunter 2!\"", "line 5: password: want the name of a secret"},
		{"kind = \"postgres\"\nhost = \"h\"\nuser = \"u\"\ndatabase = \"d\"\nport = 70000", "line 5: port: want 1 to 65535"},
		{"kind = \"postgres\"\nhost = \"h\"\nuser = \"u\"\ndatabase = \"d\"\ntls = \"maybe\"", "line 5: tls: want"},
	} {
		_, err := environment.ParseSource([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestNameOf(t *testing.T) {
	for in, want := range map[string]string{"Sales 2024": "sales_2024", "2024": "s_2024", "": "s_", "main": "s_main", "Größe.toml": "gr__e", "a-b": "a_b"} {
		got := environment.NameOf(in)
		if got != want || environment.CheckSourceName(got) != nil {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("kernel = \"python3\"\n[limits]\nmemory = \"2GB\""))
	f.Add([]byte("kind = \"folder\"\npath = \"/x\""))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := environment.Parse(text); err == nil && (s.Kernel == "" || s.Shared == nil) {
			t.Errorf("%+v", s)
		}
		_, _ = environment.ParseSource(text)
	})
}
