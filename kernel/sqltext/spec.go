package sqltext

// MagicSpec describes a magic for completion and help.
type MagicSpec struct {
	Name string
	// Signature is how to write it: "%chart bar x=… y=…".
	Signature string
	Summary   string
	Args      []MagicArg
}

// ArgKind says what an argument's value names.
type ArgKind int

const (
	ArgText ArgKind = iota
	ArgTable
	ArgFile
	ArgType
	ArgSetting
	ArgMagic
)

// MagicArg is one argument that a magic takes.
type MagicArg struct {
	// Name is that of key=value, or of --key where Flag is set. An argument without a name stands alone.
	Name    string
	Flag    bool
	Kind    ArgKind
	Values  []string // offered as values, in this order
	Summary string
}
