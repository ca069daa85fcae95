// Command sextant is the server and its command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/willabides/kongplete"
	"sextant/sessions/agent"
)

// version is set when the program is built.
var version = "dev"

// cli is every command.
type cli struct {
	Version kong.VersionFlag `help:"Print the version."`

	Serve  serveCommand  `cmd:"" help:"Run the server."`
	Config configCommand `cmd:"" help:"Look at the server's configuration."`

	Render renderCommand `cmd:"" help:"Make one HTML or PDF file of a notebook, script or other document, without a server."`

	Completion completionCommand `cmd:"" help:"Print a script that has a shell complete command lines."`

	Ls        lsCommand              `cmd:"" group:"Documents" help:"List a folder."`
	Cat       catCommand             `cmd:"" group:"Documents" help:"Print a document."`
	Put       putCommand             `cmd:"" group:"Documents" help:"Save a file as a document."`
	Mkdir     mkdirCommand           `cmd:"" group:"Documents" help:"Make a folder."`
	Mv        mvCommand              `cmd:"" group:"Documents" help:"Move or rename."`
	Cp        cpCommand              `cmd:"" group:"Documents" help:"Copy a document or folder."`
	Rm        rmCommand              `cmd:"" group:"Documents" help:"Put into the trash."`
	Log       logCommand             `cmd:"" group:"Documents" help:"List a document's revisions."`
	Diff      diffCommand            `cmd:"" group:"Documents" help:"Compare revisions or documents."`
	Merge     mergeCommand           `cmd:"" group:"Documents" help:"Merge a file with the newest revision."`
	Revert    restoreRevisionCommand `cmd:"" group:"Documents" help:"Save an old revision as the newest."`
	Search    searchCommand          `cmd:"" group:"Documents" help:"Find documents by words."`
	Changes   changesCommand         `cmd:"" group:"Documents" help:"Follow what happens, until interrupted."`
	Find      findCommand            `cmd:"" group:"Documents" help:"List documents wherever they are."`
	Describe  describeCommand        `cmd:"" group:"Documents" help:"Describe or tag, or print what is known."`
	Name      nameCommand            `cmd:"" group:"Documents" help:"Make a revision a checkpoint."`
	Mark      markCommand            `cmd:"" group:"Documents" help:"Star or pin."`
	Retention retentionCommand       `cmd:"" group:"Documents" help:"Say which old revisions below a folder are kept."`
	Trash     trashCommand           `cmd:"" group:"Documents" help:"What is in the trash."`
	Export    exportCommand          `cmd:"" group:"Documents" help:"Write a folder as plain files."`
	Import    importCommand          `cmd:"" group:"Documents" help:"Save a directory of files as documents."`
	Usage     usageCommand           `cmd:"" group:"Running" help:"Report what sessions used, by day."`
	Run       runCommand             `cmd:"" group:"Running" help:"Execute a notebook, a script or a statement on the server, and print what it gives."`
	Jobs      jobsCommand            `cmd:"" group:"Running" help:"Jobs: list, show, follow, cancel, get the notebook."`
	Result    resultCommand          `cmd:"" group:"Running" help:"Stored results: list, get, snapshots."`
	Sessions  sessionsCommand        `cmd:"" group:"Running" help:"Sessions: list, show, warm, stop."`
	Env       envCommand             `cmd:"" group:"Kernels and data" help:"Environments: what kernels run in."`
	Source    sourceCommand          `cmd:"" group:"Kernels and data" help:"Data sources."`
	Secret    secretCommand          `cmd:"" group:"Kernels and data" help:"Passwords and keys for environments and data sources."`
	Attach    attachCommand          `cmd:"" group:"Kernels and data" help:"Print the command that has a JupyterLab elsewhere use this server's kernels."`
	Share     shareCommand           `cmd:"" group:"People and rights" help:"Give somebody a role, or take it away."`
	Link      linkCommand            `cmd:"" group:"People and rights" help:"Links that open a document to whoever has them."`
	Iam       iamCommand             `cmd:"" group:"People and rights" help:"Policies: get, set, test, explain."`
	Whoami    whoamiCommand          `cmd:"" group:"People and rights" help:"Tell who one is."`
	User      userCommand            `cmd:"" group:"People and rights" help:"Users and service accounts."`
	Group     groupCommand           `cmd:"" group:"People and rights" help:"Groups."`
	Role      roleCommand            `cmd:"" group:"People and rights" help:"Roles."`
	Token     tokenCommand           `cmd:"" group:"People and rights" help:"Personal access tokens."`
	Audit     auditCommand           `cmd:"" group:"People and rights" help:"The audit log."`
	Backup    backupCommand          `cmd:"" group:"This machine" help:"Write everything to an archive; the server may run."`
	Restore   restoreCommand         `cmd:"" group:"This machine" help:"Read a backup into an empty data directory."`
	Fsck      fsckCommand            `cmd:"" group:"This machine" help:"Look for damage and name it."`
}

// terminal is what commands read and write.
type terminal struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	errOut io.Writer
}

func main() {
	// The processes of a session are this program too.
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	t := &terminal{ctx: ctx, in: os.Stdin, out: os.Stdout, errOut: os.Stderr}
	code := run(t, os.Args[1:])
	stop()
	os.Exit(code)
}

// exit carries kong's wish to end early, after --help or --version, out of its callback.
type exit int

// run runs one command line and gives the program's exit code: 0, 1 for a failure, 2 for a command line that is wrong.
func run(t *terminal, args []string) (code int) {
	defer func() {
		if e := recover(); e != nil {
			wanted, ok := e.(exit)
			if !ok {
				panic(e)
			}
			code = int(wanted)
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("sextant"), kong.Description("A data exploration workbench."),
		kong.Vars{"version": version, "server": defaultServer}, kong.UsageOnError(), kong.Writers(t.out, t.errOut),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { panic(exit(code)) }), kong.Bind(t))
	if err != nil {
		fmt.Fprintln(t.errOut, "sextant:", err)
		return 1
	}
	if os.Getenv("COMP_LINE") != "" { // a shell asks how the line could go on
		kongplete.Complete(parser, predictors(t))
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(t.errOut, "sextant:", err)
		var wrong *kong.ParseError
		if errors.As(err, &wrong) {
			fmt.Fprintln(t.errOut, "Try sextant --help.")
		}
		return 2
	}
	if err := parsed.Run(t); err != nil {
		fmt.Fprintln(t.errOut, "sextant:", err)
		return 1
	}
	return 0
}
