package main

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	start(t)
	for _, p := range []string{"/finance", "/finance/deep"} {
		must(t, "", "mkdir", p)
	}
	must(t, "", "put", "-", "/finance/q3.sql")
	must(t, "", "put", "-", "/finance/with blank.sql")
	for _, c := range []struct {
		line string
		want []string
	}{
		{"sextant wh", []string{"whoami"}},
		{"sextant user sig", []string{"signout"}},
		{"sextant cat --rev", []string{"--revision"}},
		{"sextant cat /fi", []string{"/finance/"}},
		{"sextant cat -r x /finance/", []string{"/finance/deep/", "/finance/q3.sql "}},
		{"sextant diff /finance/q3.sql /finance/d", []string{"/finance/deep/"}},
		{"sextant share /finance ru", []string{"runner"}},
		{"sextant iam test / documents.r", []string{"documents.read"}},
		{"sextant cat /nowhere/", nil},
		{"sextant completion f", []string{"fish"}},
	} {
		t.Setenv("COMP_LINE", c.line)
		t.Setenv("COMP_POINT", strconv.Itoa(len(c.line)))
		out := must(t, "")
		var got []string
		for line := range strings.Lines(out) {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
	t.Setenv("COMP_LINE", "")
	for shell, check := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "-n"}} {
		script := must(t, "", "completion", shell)
		if !strings.Contains(script, "COMP_LINE") && !strings.Contains(script, "complete -o nospace -C '/") {
			t.Errorf("%s: %s", shell, script)
		}
		if _, err := exec.LookPath(check[0]); err != nil {
			continue // that shell is not here; bash is
		}
		cmd := exec.Command(check[0], check[1:]...)
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", shell, err, out)
		}
	}
	if _, _, code := sextant(t, "", "completion", "csh"); code != 2 {
		t.Errorf("an unknown shell: %d", code)
	}
}
