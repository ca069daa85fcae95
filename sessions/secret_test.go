package sessions_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sextant/content/iam"
	"sextant/sessions"
)

// equipped adds to the plans of another planner.
type equipped struct {
	sessions.Planner
	add func(*sessions.Plan)
}

func (e equipped) Plan(ctx context.Context, user iam.Member, environment, kernel string) (sessions.Plan, error) {
	p, err := e.Planner.Plan(ctx, user, environment, kernel)
	e.add(&p)
	return p, err
}

const password = "correct horse \"battery\" stäple"

func TestSecretsReachTheKernelAndNothingElse(t *testing.T) {
	s := newServer(t)
	s.Planner = equipped{s.Planner, func(p *sessions.Plan) { p.Secrets = map[string]string{"DB_PASSWORD": password} }}
	k := s.start(ana, "python")
	if got := run(t, k, "import os; len(os.environ['DB_PASSWORD'])"); !strings.Contains(got, "30") {
		t.Fatalf("the kernel has it not: %q", got)
	}
	hidden := func(when string) {
		t.Helper()
		for _, code := range []string{"print('a', os.environ['DB_PASSWORD'], 'b')", "os.environ['DB_PASSWORD']", "raise Exception(os.environ['DB_PASSWORD'])",
			"import sys, time\nfor c in os.environ['DB_PASSWORD']: print(c, end='', flush=True)", "from IPython.display import HTML; HTML(os.environ['DB_PASSWORD'])",
			"os.system('echo $DB_PASSWORD >&2') and None"} {
			if got := run(t, k, "import os\n"+code); strings.Contains(got, "battery") && !strings.Contains(got, `os.environ`) || strings.Contains(got, "horse") {
				t.Errorf("%s, %s shows %q", when, code, got)
			}
		}
	}
	hidden("at first")
	if err := k.Restart(within(t)); err != nil {
		t.Fatal(err)
	}
	hidden("after a restart of the kernel")
	s.restart()
	k, err := s.Kernel(ana, k.ID())
	if err != nil {
		t.Fatal(err)
	}
	hidden("after a restart of the server")
	if err := k.Restart(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := run(t, k, "import os; len(os.environ['DB_PASSWORD'])"); !strings.Contains(got, "30") {
		t.Errorf("after both: %q", got)
	}
	files := 0
	err = filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		if bytes.Contains(b, []byte("horse")) || bytes.Contains(b, []byte("st\\u00e4ple")) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestInitCodeRunsBeforeTheFirstCellOfEachKernel(t *testing.T) {
	s := newServer(t)
	init, notices := "ready = 'steady'; print('unheard')", []string(nil)
	s.Planner = equipped{s.Planner, func(p *sessions.Plan) { p.Init, p.Notices = init, notices }}
	k := s.start(ana, "python")
	if got := run(t, k, "ready"); got != " 'steady'" && got != "  'steady'" && strings.TrimSpace(got) != "'steady'" {
		t.Errorf("%q", got)
	}
	run(t, k, "del ready")
	if err := k.Restart(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := run(t, k, "ready, In[1:]"); !strings.Contains(got, "steady") || strings.Contains(got, "unheard") {
		t.Errorf("after a restart: %q", got)
	}
	init, notices = "still_here = 1\n1/0", []string{"The data source x is not there."}
	k = s.start(ana, "python")
	got := run(t, k, "still_here + 1")
	if !strings.Contains(got, "init code failed: ZeroDivisionError") || !strings.Contains(got, "data source x") || !strings.Contains(got, "2") {
		t.Errorf("of init code that fails: %q", got)
	}
	if got := run(t, k, "still_here + 1"); strings.Contains(got, "init code") {
		t.Errorf("the second cell too: %q", got)
	}
}
