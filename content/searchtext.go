package content

// SearchText is what the index knows of a resource: at most MaxIndexedText bytes a field are indexed.
type SearchText struct {
	Name, Tags, Description string
	// Source is what people wrote, Outputs the text that runs left.
	Source, Outputs string
}

// MaxIndexedText bounds each field of a SearchText.
const MaxIndexedText = 256 << 10

// SearchScope says which fields are searched.
type SearchScope int

// The scopes.
const (
	EveryField  SearchScope = iota
	TitleFields             // name, tags and description
)

// Term is one word to find, as Words gives them.
type Term struct {
	Word   string
	Prefix bool // also words that begin with it
	// Or are other words that do as well.
	Or []string
}

// Match is a resource that was found: as much of it as deciding about it takes.
type Match struct {
	ID ResourceID
	// Chain is the folders from the root down to its own.
	Chain []ResourceID
	// Seq is its place in the order of indexing.
	Seq int64
}
