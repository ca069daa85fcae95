package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"sextant/content/iam"
	"sextant/server/api"
	"sextant/server/client"
)

type attachCommand struct {
	remoteFlags
	Days int `default:"30" help:"Days until the token ends."`
}

// attachRights is all that a token for kernels is good for: to run in environments, with their data sources.
var attachRights = []string{string(iam.ResourcesGet), string(iam.EnvironmentsUse), string(iam.DataSourcesUse)}

// Run prints the command that has JupyterLab on this machine use the server's kernels.
func (c *attachCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a computer"
	}
	if c.Days < 1 || c.Days > 3650 {
		return fmt.Errorf("--days: want 1 to 3650")
	}
	body := map[string]any{"name": "attach " + host, "permissions": attachRights, "expires": time.Now().AddDate(0, 0, c.Days).UTC().Format(time.RFC3339)}
	var made api.NewToken
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: "tokens", Body: body}, &made); err != nil {
		return err
	}
	if c.JSON {
		return c.printer(t).add(map[string]string{"url": server.Address(), "token": made.Secret, "id": made.ID})
	}
	// In the environment, where other users of the machine do not see the token.
	fmt.Fprintf(t.out, "JUPYTER_GATEWAY_AUTH_TOKEN=%s jupyter lab --gateway-url=%s\n", made.Secret, server.Address())
	fmt.Fprintf(t.errOut, "The token is for running kernels alone, and ends in %d days; sextant token revoke %s ends it now.\n", c.Days, made.ID)
	return nil
}
