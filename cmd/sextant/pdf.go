package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// browsers are the programs that print, by the names under which systems have them.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome"}

// installed are where macOS has them.
var installed = []string{"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"}

var errNoBrowser = errors.New("a PDF is printed by a browser, and there is none: install Chromium or Chrome, or name one by --browser or SEXTANT_BROWSER")

func findBrowser(wanted string) (string, error) {
	if wanted != "" {
		return exec.LookPath(wanted)
	}
	names := browsers
	if runtime.GOOS == "darwin" {
		names = append(names, installed...)
	}
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", errNoBrowser
}

// printTime bounds the printing of one document.
const printTime = 5 * time.Minute

// printPDF has a browser print the page that write writes. The browser has a profile of its own that goes with it, and
// reaches no network; the page needs none, and its policy lets no script run.
func printPDF(ctx context.Context, browser string, w io.Writer, write func(io.Writer) error) (err error) {
	program, err := findBrowser(browser)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sextant-print-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	page, printed := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := writeFile(page, write); err != nil {
		return err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(page)}
	args := []string{"--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync",
		"--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--no-pdf-header-footer", "--generate-pdf-document-outline", "--print-to-pdf=" + printed, address.String()}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // it refuses to start else
	}
	ctx, cancel := context.WithTimeout(ctx, printTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	// Its helpers end with it, and let go of the profile.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	failed := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // those that are left
	}
	f, err := os.Open(printed)
	if err != nil || failed != nil {
		if ctx.Err() != nil {
			failed = ctx.Err()
		}
		return fmt.Errorf("%s printed nothing: %w%s", program, errors.Join(failed, err), lastLine(said.String()))
	}
	defer func() { _ = f.Close() }() // it was only read
	_, err = io.Copy(w, f)
	return err
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return "; it said: " + last
	}
	return ""
}
