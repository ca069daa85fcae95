package server

import (
	"path/filepath"
	"slices"

	"sextant/content/environment"
	"sextant/server/jupyter"
	"sextant/sessions"
	"sextant/sessions/results"
	"sextant/sessions/sandbox"
)

// Bounds of a results worker.
const (
	resultsMemory  = "512MB"
	resultsProcess = 1536 << 20 // of the whole process
	resultsTemp    = "4GB"
)

// openResults is ready to read stored results, where there is a SQL kernel for it.
func (a *App) openResults(paths jupyter.Paths) error {
	all := paths.Kernelspecs()
	at := slices.IndexFunc(all, func(k sessions.Kernelspec) bool { return k.Name == environment.SQLKernel })
	if at < 0 || len(all[at].Argv) == 0 {
		a.log.Info("stored results can be downloaded, but not looked into: the SQL kernel is not installed")
		return nil
	}
	spec := all[at]
	uid := 0
	if a.plans.uids != nil {
		var err error
		if uid, err = a.plans.uids.of("results"); err != nil { // no user's name: theirs have a colon
			return err
		}
	}
	pool, err := results.New(results.Options{Program: []string{spec.Argv[0], "results", "--memory", resultsMemory, "--max-temp", resultsTemp},
		Env: []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}, Dir: filepath.Join(a.config.ScratchDir, "results"), UID: uid, Log: a.log,
		Confine: func(dir string) sandbox.Spec {
			s := confine(spec, nil, uid, false, false, dir)
			s.Memory, s.FileSize, s.Nice = resultsProcess, 8<<30, 5
			return s
		}})
	if err != nil {
		return err
	}
	a.results, a.reader = pool, &results.Reader{Service: a.service, Pool: pool}
	return nil
}
