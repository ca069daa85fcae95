package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/posener/complete"
	"github.com/willabides/kongplete"

	"sextant/content/iam"
	"sextant/server/api"
	"sextant/server/client"
)

// completionCommand prints what a shell needs to complete command lines.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// scripts have the shell ask the program itself, by the variable that bash sets for it.
var scripts = map[string]string{
	"bash": "complete -o nospace -C %[1]s sextant\n",
	"zsh":  "autoload -U +X bashcompinit && bashcompinit\ncomplete -o nospace -C %[1]s sextant\n",
	"fish": `function __complete_sextant
    set -lx COMP_LINE (commandline -cp)
    test -z (commandline -ct); and set COMP_LINE "$COMP_LINE "
    %[1]s
end
complete -f -c sextant -a "(__complete_sextant)"
`,
}

// Run prints the script: source <(sextant completion bash).
func (c *completionCommand) Run(t *terminal) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, scripts[c.Shell], "'"+strings.ReplaceAll(program, "'", `'\''`)+"'")
	return err
}

// predictors complete arguments by the names in their tags.
func predictors(t *terminal) kongplete.Option {
	roles := []string{}
	for _, r := range iam.BuiltinRoles() {
		roles = append(roles, string(r.Name))
	}
	permissions := []string{}
	for _, p := range iam.Permissions() {
		permissions = append(permissions, string(p))
	}
	return kongplete.WithPredictors(map[string]complete.Predictor{"file": complete.PredictFiles("*"), "dir": complete.PredictDirs("*"),
		"role": complete.PredictSet(roles...), "permission": complete.PredictSet(permissions...), "remote": complete.PredictFunc(func(a complete.Args) []string { return remotePaths(t, a.Last) })})
}

// completionPatience is how long somebody who pressed Tab waits for the server.
const completionPatience = 2 * time.Second

// remotePaths gives what is in the folder that a path is being typed in; nothing where the server cannot be asked. Names
// that a shell would have to quote are left out: not every shell does.
func remotePaths(t *terminal, typed string) []string {
	ctx, cancel := context.WithTimeout(t.ctx, completionPatience)
	defer cancel()
	f := remoteFlags{Server: os.Getenv("SEXTANT_SERVER"), Token: os.Getenv("SEXTANT_TOKEN"), TokenFile: os.Getenv("SEXTANT_TOKEN_FILE")}
	if f.Server == "" {
		f.Server = defaultServer
	}
	c, err := f.open()
	if err != nil {
		return nil
	}
	dir := "/"
	if i := strings.LastIndexByte(typed, '/'); i > 0 {
		dir = typed[:i]
	}
	folder, err := c.Resolve(ctx, dir)
	if err != nil || folder.Type != "folder" {
		return nil
	}
	var page api.Page[api.Resource]
	query := url.Values{"pageSize": {"1000"}, "fields": {"name,type"}}
	if c.Call(ctx, client.Request{Method: "GET", Path: client.Path("resources", folder.ID, "children"), Query: query}, &page) != nil {
		return nil
	}
	var out []string
	for _, r := range page.Items {
		if strings.ContainsAny(r.Name, " \t\"'\\$`&|;<>()[]{}*?!~#=%^") {
			continue
		}
		p := path.Join(dir, r.Name)
		if r.Type == "folder" {
			out = append(out, p+"/")
		} else {
			out = append(out, p+" ")
		}
	}
	return out
}
