package server

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"sextant/content/iam"
	"sextant/server/auth"
	"sextant/server/web"
	"sextant/sessions"
)

// Config is everything that can be configured. Each field is a flag of `sextant serve`, an environment variable and a key
// of the configuration file, by the names in its tags; a flag wins over the environment, and that over the file.
type Config struct {
	Data    string `name:"data" env:"SEXTANT_DATA" placeholder:"DIR" help:"Directory of the database, the content and the log-in data (default: sextant in XDG_DATA_HOME)."`
	Listen  string `name:"listen" env:"SEXTANT_LISTEN" placeholder:"ADDRESS" help:"Address to listen on; port 0 takes a free one (default: 127.0.0.1:8888, or the next port that is free)."`
	BaseURL string `name:"base-url" env:"SEXTANT_BASE_URL" default:"/" help:"Path below which the server answers, such as /sextant/."`
	// PublicURL is needed where the server cannot see what people call it.
	PublicURL string `name:"public-url" env:"SEXTANT_PUBLIC_URL" placeholder:"URL" help:"Where people reach the server, with its base path; default: what their requests say."`

	Database string `name:"database" env:"SEXTANT_DATABASE_URL" placeholder:"URL" secret:"url" help:"Database as sqlite:///file or postgres://user@host/name (default: a file in the data directory)."`
	Blobs    string `name:"blobs" env:"SEXTANT_BLOBS" placeholder:"URL" secret:"url" help:"Content as file:///dir, s3://, gs:// or azblob:// (default: in the data directory)."`

	Admin      string `name:"admin" env:"SEXTANT_ADMIN" default:"admin@localhost" help:"Address of the first administrator."`
	AdminToken string `name:"admin-token" env:"SEXTANT_ADMIN_TOKEN" placeholder:"TOKEN" secret:"all" help:"Token of the first administrator, for automation; 16 characters or more. Better set by environment than by flag."`
	// SignInLink is "auto" where a link is printed as long as there is no other way to sign in.
	SignInLink string `name:"sign-in-link" env:"SEXTANT_SIGN_IN_LINK" enum:"auto,always,never" default:"auto" help:"Print a link that signs the first administrator in once: auto, always or never."`
	Passwords  bool   `name:"passwords" env:"SEXTANT_PASSWORDS" default:"true" negatable:"" help:"Let people sign in by password."`
	// InviteDomains is content.Options'.
	InviteDomains []string      `name:"invite-domains" env:"SEXTANT_INVITE_DOMAINS" placeholder:"DOMAIN" help:"Let whoever shares something invite people of these domains who have no account, by a link, such as partner.org; * is any (default: only administrators add people)."`
	Session       time.Duration `name:"session" env:"SEXTANT_SESSION" default:"720h" help:"How long a sign-in lasts."`

	OIDCIssuer       string   `name:"oidc-issuer" env:"SEXTANT_OIDC_ISSUER" placeholder:"URL" help:"Sign in by this OpenID Connect provider; the file can name several, as [[oidc]]."`
	OIDCClientID     string   `name:"oidc-client-id" env:"SEXTANT_OIDC_CLIENT_ID" placeholder:"ID" help:"The server's client id there."`
	OIDCClientSecret string   `name:"oidc-client-secret" env:"SEXTANT_OIDC_CLIENT_SECRET" placeholder:"SECRET" secret:"all" help:"Its secret."`
	OIDCGroupsClaim  string   `name:"oidc-groups-claim" env:"SEXTANT_OIDC_GROUPS_CLAIM" placeholder:"NAME" help:"The claim that lists a user's groups."`
	OIDCDomains      []string `name:"oidc-domains" env:"SEXTANT_OIDC_DOMAINS" placeholder:"DOMAIN" help:"Let in only addresses of these domains."`

	TLSCert        string   `name:"tls-cert" env:"SEXTANT_TLS_CERT" placeholder:"FILE" help:"Certificate, with its chain; read anew when it changes."`
	TLSKey         string   `name:"tls-key" env:"SEXTANT_TLS_KEY" placeholder:"FILE" help:"The certificate's key."`
	TrustedProxies []string `name:"trusted-proxies" env:"SEXTANT_TRUSTED_PROXIES" placeholder:"NETWORK" help:"Networks of proxies whose X-Forwarded- headers are believed."`
	TrustedOrigins []string `name:"trusted-origins" env:"SEXTANT_TRUSTED_ORIGINS" placeholder:"ORIGIN" help:"Other sites whose pages may send requests, such as https://lab.x.org."`
	OpenMetrics    bool     `name:"open-metrics" env:"SEXTANT_OPEN_METRICS" help:"Serve /metrics to everybody, not only to administrators."`

	MaxSize   int64 `name:"max-size" env:"SEXTANT_MAX_SIZE" default:"1073741824" help:"Most bytes of a document."`
	TrashDays int   `name:"trash-days" env:"SEXTANT_TRASH_DAYS" default:"30" help:"Days that the trash keeps."`
	AuditDays int   `name:"audit-days" env:"SEXTANT_AUDIT_DAYS" default:"0" help:"Days that the audit log keeps; 0 is for ever."`
	Samples   bool  `name:"samples" env:"SEXTANT_SAMPLES" default:"true" negatable:"" help:"Begin a new server with a folder of samples."`

	JupyterRoot string `name:"jupyter-root" env:"SEXTANT_JUPYTER_ROOT" placeholder:"FOLDER" help:"Folder that Jupyter clients see as their root, such as /home/{user}, where {user} is who signed in; default: everything that one may see."`
	LabDir      string `name:"lab-dir" env:"SEXTANT_LAB_DIR" placeholder:"DIR" help:"JupyterLab's application directory, such as PREFIX/share/jupyter/lab; default: looked for as Jupyter does."`
	HiddenFiles bool   `name:"hidden-files" env:"SEXTANT_HIDDEN_FILES" help:"Let Jupyter clients see files whose names begin with a dot."`

	Sessions           bool          `name:"sessions" env:"SEXTANT_SESSIONS" default:"true" negatable:"" help:"Run kernels for people."`
	SessionDir         string        `name:"session-dir" env:"SEXTANT_SESSION_DIR" placeholder:"DIR" help:"Directory of the sessions that run, with a short name (default: below XDG_RUNTIME_DIR or the directory of temporary files)."`
	SessionIdle        time.Duration `name:"session-idle" env:"SEXTANT_SESSION_IDLE" default:"1h" help:"End a session that was not used for so long; 0 is never."`
	SessionLife        time.Duration `name:"session-life" env:"SEXTANT_SESSION_LIFE" default:"0" help:"End a session after so long, whatever it does; 0 is never."`
	SessionOrphan      time.Duration `name:"session-orphan" env:"SEXTANT_SESSION_ORPHAN" default:"1h" help:"How long an idle session waits for a server that has gone; one that runs a cell waits 24 times as long."`
	SessionMemory      int64         `name:"session-memory" env:"SEXTANT_SESSION_MEMORY" default:"0" help:"Most bytes of memory of a session's process; 0 sets no limit."`
	SessionNetwork     bool          `name:"session-network" env:"SEXTANT_SESSION_NETWORK" default:"true" negatable:"" help:"Let kernels other than the SQL kernel use the network."`
	SessionUIDs        string        `name:"session-uids" env:"SEXTANT_SESSION_UIDS" placeholder:"FROM-TO" help:"Where the server runs as root: run each user's sessions under a uid of their own out of this range."`
	ScratchDir         string        `name:"scratch-dir" env:"SEXTANT_SCRATCH_DIR" placeholder:"DIR" help:"Directory of what sessions leave for the next, such as scratch databases (default: in the data directory, or beside it with uids of their own)."`
	DefaultEnvironment string        `name:"default-environment" env:"SEXTANT_DEFAULT_ENVIRONMENT" placeholder:"PATH" help:"Environment of who names none, by its path, such as /environments/standard (default: the SQL kernel with the sample data)."`
	SourceDirs         []string      `name:"source-dirs" env:"SEXTANT_SOURCE_DIRS" placeholder:"DIR" help:"Directories of this machine that data sources may be in, beside the sample data. Whoever may make a data source can read what is there."`
	SecretsKeyFile     string        `name:"secrets-key-file" env:"SEXTANT_SECRETS_KEY_FILE" placeholder:"FILE" help:"File of the key that seals secrets, 32 bytes or 64 hexadecimal digits (default: made in the data directory). Back it up apart from the database."`
	Packages           bool          `name:"packages" env:"SEXTANT_PACKAGES" default:"true" negatable:"" help:"Install the Python packages that environments ask for."`
	PackageIndex       string        `name:"package-index" env:"SEXTANT_PACKAGE_INDEX" placeholder:"URL" secret:"url" help:"Package index to install from (default: pip's own)."`
	PackageTime        time.Duration `name:"package-time" env:"SEXTANT_PACKAGE_TIME" default:"20m" help:"How long installing one environment's packages may take."`
	PackageSize        int64         `name:"package-size" env:"SEXTANT_PACKAGE_SIZE" default:"8589934592" help:"Most bytes of one environment's packages."`
	PackageSpace       int64         `name:"package-space" env:"SEXTANT_PACKAGE_SPACE" default:"53687091200" help:"Most bytes of the packages of all environments; those used longest ago are removed first."`
	UserSessions       int           `name:"user-sessions" env:"SEXTANT_USER_SESSIONS" default:"50" help:"Most sessions of one user."`
	ResultRows         int64         `name:"result-rows" env:"SEXTANT_RESULT_ROWS" default:"1000000" help:"Most rows of a SQL cell's result that are stored beside its document, which runs to its end or so far; 0 stores none."`
	JobResultRows      int64         `name:"job-result-rows" env:"SEXTANT_JOB_RESULT_ROWS" default:"10000000" help:"Most rows of a job's result that are stored."`
	ResultDays         int           `name:"result-days" env:"SEXTANT_RESULT_DAYS" default:"30" help:"How long stored results are kept."`
	ExecutionPrice     string        `name:"execution-price" env:"SEXTANT_EXECUTION_PRICE" placeholder:"PRICE" help:"What an hour of execution costs, such as EUR 0.50: shown beside run times, sessions and usage (default: nothing is shown)."`
	UserJobs           int           `name:"user-jobs" env:"SEXTANT_USER_JOBS" default:"4" help:"Most jobs of one user that run at a time; others wait."`
	MaxJobs            int           `name:"max-jobs" env:"SEXTANT_MAX_JOBS" default:"16" help:"Most jobs of all users that run at a time."`
	MaxSessions        int           `name:"max-sessions" env:"SEXTANT_MAX_SESSIONS" default:"500" help:"Most sessions of all users."`

	LogFormat string `name:"log-format" env:"SEXTANT_LOG_FORMAT" enum:"text,json" default:"text" help:"text or json."`
	LogLevel  string `name:"log-level" env:"SEXTANT_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`

	// NextPorts is set where nobody named an address: then a port that is taken gives way to the next.
	NextPorts bool `kong:"-"`
	// Providers are the file's [[oidc]] tables.
	Providers []auth.Provider `kong:"-"`
	// Quotas are its [[quota]] tables.
	Quotas []Quota `kong:"-"`
}

// defaultListen is where a server is that nobody named an address for.
const defaultListen = "127.0.0.1:8888"

// Complete fills in what follows from the rest and the surroundings, and checks everything. It opens nothing.
func (c *Config) Complete() error {
	if c.Data == "" {
		dir, err := DefaultData()
		if err != nil {
			return err
		}
		c.Data = dir
	}
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	inData := func(scheme, name string) string {
		return (&url.URL{Scheme: scheme, Path: filepath.ToSlash(filepath.Join(c.Data, name))}).String()
	}
	if c.Database == "" {
		c.Database = inData("sqlite", "sextant.db")
	}
	if c.Blobs == "" {
		c.Blobs = inData("file", "blobs")
	}
	if c.Listen == "" {
		c.Listen, c.NextPorts = defaultListen, true
	}
	c.BaseURL = "/" + strings.Trim(c.BaseURL, "/") + "/"
	if c.ScratchDir == "" {
		c.ScratchDir = filepath.Join(c.Data, "scratch")
		if c.SessionUIDs != "" { // others may not pass through the data directory
			c.ScratchDir = c.Data + "-scratch"
		}
	}
	if c.SecretsKeyFile == "" {
		c.SecretsKeyFile = filepath.Join(c.Data, "secrets.key")
	}
	if c.BaseURL == "//" {
		c.BaseURL = "/"
	}
	// It may be given as in addresses, with %40 for @.
	if u, err := url.Parse(c.BaseURL); err == nil && u.RawQuery == "" && u.Fragment == "" && u.Host == "" && strings.Count(u.Path, "/") == strings.Count(c.BaseURL, "/") {
		c.BaseURL = u.Path
	}
	if c.OIDCIssuer != "" {
		c.Providers = append([]auth.Provider{{Name: "oidc", Title: "single sign-on", Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID,
			ClientSecret: c.OIDCClientSecret, GroupsClaim: c.OIDCGroupsClaim, Domains: c.OIDCDomains}}, c.Providers...)
		c.OIDCIssuer = "" // it is among the providers now
	}
	return c.check()
}

func (c *Config) check() error {
	var faults []error
	fault := func(key, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		fault("listen", "%v", err)
	}
	if u, err := url.Parse(c.escapedBase()); err != nil || u.Path != c.BaseURL || strings.Contains(c.BaseURL, "//") || strings.ContainsAny(c.BaseURL, "?#\\%") {
		fault("base-url", "%q is no path", c.BaseURL)
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		fault("public-url", "want an http or https address")
	}
	if _, err := iam.ParseMember("user:" + c.Admin); err != nil {
		fault("admin", "%v", err)
	}
	if c.AdminToken != "" && len(c.AdminToken) < auth.MinAdminToken {
		fault("admin-token", "shorter than %d characters", auth.MinAdminToken)
	}
	for i, d := range c.InviteDomains {
		d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		c.InviteDomains[i] = d
		if _, err := iam.ParseMember("domain:" + d); err != nil {
			fault("invite-domains", "%q: want what follows the @ of addresses, such as partner.org, or *", d)
		}
		if slices.Contains(c.providerDomains(), d) {
			fault("invite-domains", "people of %s sign in by a provider, and need no invitation", d)
		}
	}
	if len(c.InviteDomains) > 0 && !c.Passwords {
		fault("invite-domains", "who is invited comes back by a password, and passwords are off")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fault("tls-cert", "a certificate needs a key, and a key a certificate")
	}
	if _, err := c.proxies(); err != nil {
		fault("trusted-proxies", "%v", err)
	}
	for _, d := range c.SourceDirs {
		if !filepath.IsAbs(d) || filepath.Clean(d) == "/" {
			fault("source-dirs", "%q: want the full path of a directory, not the root", d)
		}
	}
	if c.DefaultEnvironment != "" && !strings.HasPrefix(c.DefaultEnvironment, "/") {
		fault("default-environment", "%q: want a path from the root, such as /environments/standard", c.DefaultEnvironment)
	}
	if c.PackageTime < 0 || c.PackageSize < 0 || c.PackageSpace < 0 {
		fault("package-time, package-size, package-space", "want positive numbers")
	}
	if _, err := sessions.ParsePrice(c.ExecutionPrice); err != nil {
		fault("execution-price", "%v", err)
	}
	c.Quotas = slices.Clone(c.Quotas)
	for i, q := range c.Quotas {
		var err error
		if c.Quotas[i], err = q.check(); err != nil {
			fault("quota", "%v", err)
		}
	}
	for i := range c.Providers {
		p := &c.Providers[i]
		if err := p.Check(); err != nil {
			faults = append(faults, err)
		}
		// An address is who somebody is, whichever provider vouches for it.
		if len(p.Domains) == 0 && (len(c.Providers) > 1 || p.TrustEmail) {
			fault("oidc", "provider %s: name the domains whose addresses it may vouch for", p.Name)
		}
	}
	if c.MaxSize <= 0 || c.TrashDays <= 0 || c.AuditDays < 0 || c.Session <= 0 {
		fault("max-size, trash-days, audit-days, session", "want positive numbers")
	}
	return errors.Join(faults...)
}

// providerDomains are those of the addresses that providers vouch for.
func (c *Config) providerDomains() []string {
	var out []string
	for _, p := range c.Providers {
		for _, d := range p.Domains {
			out = append(out, strings.ToLower(d))
		}
	}
	return out
}

// sessionDir is where the sessions of the server with that data directory are: the same each time, since a server that starts
// again looks for them there; and another one for a data directory that was made anew.
func (c *Config) sessionDir() (string, error) {
	if c.SessionDir != "" {
		return c.SessionDir, nil
	}
	id, err := c.instance()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(id))
	name := "sextant-" + hex.EncodeToString(sum[:5])
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && len(dir) < 25 {
		return filepath.Join(dir, name), nil
	}
	dir := os.TempDir()
	if len(dir) > 25 { // the names of sockets are short
		dir = "/tmp"
	}
	return filepath.Join(dir, fmt.Sprintf("%s-%d", name, os.Getuid())), nil
}

// instance names the server with that data directory, whatever its machine is called.
func (c *Config) instance() (string, error) {
	file := filepath.Join(c.Data, "instance")
	id, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		id = []byte(rand.Text())
		err = os.WriteFile(file, id, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("instance: %w", err)
	}
	return string(id), nil
}

// escapedBase is the base path as it stands in addresses.
func (c *Config) escapedBase() string { return (&url.URL{Path: c.BaseURL}).EscapedPath() }

func (c *Config) proxies() (web.Proxies, error) {
	var out web.Proxies
	for _, s := range c.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, single := netip.ParseAddr(s)
			if single != nil {
				return nil, fmt.Errorf("%q is neither a network nor an address", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// member is the first administrator.
func (c *Config) member() iam.Member {
	m, _ := iam.ParseMember("user:" + c.Admin) // checked
	return m
}

// DefaultData is where data is kept where nothing else is said: sextant in XDG_DATA_HOME.
func DefaultData() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sextant"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data directory: %w; name one with --data", err)
	}
	return filepath.Join(home, ".local", "share", "sextant"), nil
}

// Lines lists the configuration, one "name = value" a line, without secrets.
func (c *Config) Lines() []string {
	var out []string
	v := reflect.ValueOf(*c)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("name")
		if name == "" {
			continue
		}
		value := v.Field(i).Interface()
		if s, ok := value.(string); ok && s != "" {
			switch field.Tag.Get("secret") {
			case "all":
				value = "(set)"
			case "url":
				if u, err := url.Parse(s); err == nil {
					value = redacted(u)
				} else {
					value = "(set)"
				}
			}
		}
		out = append(out, fmt.Sprintf("%s = %v", name, value))
	}
	for _, p := range c.Providers {
		secret := ""
		if p.ClientSecret != "" {
			secret = "(set)"
		}
		out = append(out, fmt.Sprintf("oidc.%s = issuer %s, client-id %s, client-secret %s, groups-claim %q, domains %v", p.Name, p.Issuer,
			p.ClientID, secret, p.GroupsClaim, p.Domains))
	}
	for _, q := range c.Quotas {
		out = append(out, fmt.Sprintf("quota = member %s, each %t, sessions %d, memory %d, cpu-hours %g", q.Member, q.Each, q.Sessions, q.Memory, q.CPUHours))
	}
	return out
}

// Example is a configuration file with every key, its default and what it says, all commented out.
func Example() string {
	var b strings.Builder
	b.WriteString("# Sextant's configuration. A flag wins over the environment, and that over this file.\n")
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("name")
		if name == "" {
			continue
		}
		value := field.Tag.Get("default")
		switch field.Type.Kind() {
		case reflect.String:
			value = fmt.Sprintf("%q", value)
		case reflect.Slice:
			value = "[]"
		case reflect.Bool:
			if value == "" {
				value = "false"
			}
		default:
			if field.Type == reflect.TypeFor[time.Duration]() {
				value = fmt.Sprintf("%q", value)
			}
		}
		fmt.Fprintf(&b, "\n# %s\n# Flag --%s, environment %s.\n# %s = %s\n", field.Tag.Get("help"), name, field.Tag.Get("env"), name, value)
	}
	b.WriteString(`
# Providers of OpenID Connect to sign in by; as many as there are. Register PUBLIC-URL/signin/oidc/NAME/callback there.
# [[oidc]]
# name = "corp"
# title = "Corporate account"
# issuer = "https://id.example.org"
# client-id = "sextant"
# client-secret = ""
# scopes = ["openid", "email", "profile"]
# The claim that lists groups: "finance" is group:finance, or group:finance@GROUPS-DOMAIN.
# groups-claim = "groups"
# groups-domain = "example.org"
# Let in only addresses of these domains.
# domains = ["example.org"]
# Take addresses that the provider does not call verified.
# trust-email = false

# What the sessions of a group take together, or with each = true those of everybody in it; as many as there are. Who is over one cannot start
# another session: for sessions and memory they wait in turn, half a minute at most; where the day's (UTC) processor time is over they are told so.
# [[quota]]
# member = "group:interns@example.org"  # or user:…, domain:…, allAuthenticatedUsers
# each = false
# sessions = 20
# memory = 34359738368  # bytes
# cpu-hours = 100  # a day
`)
	return b.String()
}

// redacted is a URL without its password, and without the values of parameters: some drivers take secrets there.
func redacted(u *url.URL) string {
	clone := *u
	query := clone.Query()
	for name := range query {
		query.Set(name, "xxxxx")
	}
	clone.RawQuery = query.Encode()
	return clone.Redacted()
}

// Logger makes the log that the configuration asks for, on standard error.
func (c *Config) Logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, o))
}
