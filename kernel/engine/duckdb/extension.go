package duckdb

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const extensionSuffix = ".duckdb_extension"

// extensionDirectory lays the extension files found below dirs out as DuckDB wants them
// (<dir>/<version>/<platform>/NAME.duckdb_extension) by symbolic links in the user's cache, and returns that
// directory: DuckDB then finds them for LOAD and loads known ones on first use, with no download. Empty when there
// are none. DuckDB checks each file's signature itself.
//
// A directory of dirs may be one that pip made (duckdb_extension_NAME/extensions/<version>/), a site-packages that
// holds such, one in DuckDB's own layout, or one with the files in it.
func extensionDirectory(version string, dirs []string, log *slog.Logger) string {
	files := map[string]string{}
	for _, dir := range dirs {
		for _, pattern := range []string{
			"*" + extensionSuffix,
			filepath.Join(version, platform(), "*"+extensionSuffix),
			filepath.Join("extensions", version, "*"+extensionSuffix),
			filepath.Join("duckdb_extension_*", "extensions", version, "*"+extensionSuffix),
		} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the only error is a bad pattern
			for _, f := range found {
				name := strings.TrimSuffix(filepath.Base(f), extensionSuffix)
				if _, taken := files[name]; !taken {
					files[name] = f
				}
			}
		}
	}
	if len(files) == 0 {
		return ""
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	root := filepath.Join(cache, "sextant", "extensions", setName(files))
	leaf := filepath.Join(root, version, platform())
	if err := os.MkdirAll(leaf, 0o755); err != nil {
		log.Warn("extensions are not available", "error", err)
		return ""
	}
	for name, target := range files {
		if err := link(target, filepath.Join(leaf, name+extensionSuffix)); err != nil {
			log.Warn("extension is not available", "extension", name, "error", err)
		}
	}
	return root
}

// setName names a set of extension files, so that kernels with different ones do not see each other's.
func setName(files map[string]string) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s\x00%s\x00", name, files[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// link makes name a symbolic link to target, replacing what was there in one step: other kernels may be starting.
func link(target, name string) error {
	target, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	if now, err := os.Readlink(name); err == nil && now == target {
		return nil
	}
	// In the same directory: a sandbox may forbid renaming from one to another.
	fresh := filepath.Join(filepath.Dir(name), ".link-"+rand.Text())
	if err := os.Symlink(target, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, name); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return nil
}

// platform is DuckDB's name of the machine's operating system and processor.
func platform() string {
	goos := runtime.GOOS
	if goos == "darwin" {
		goos = "osx"
	}
	return goos + "_" + runtime.GOARCH
}
