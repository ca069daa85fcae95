package render

import (
	"time"
)

// Limits bound one render. A field that is zero stands for the default; what [Options].All lifts says so.
type Limits struct {
	// Cells is how many cells of a notebook are shown: 5,000; all of them with All.
	Cells int
	// Bytes is how much HTML is written before outputs are left out: 64 MiB; 1 GiB with All.
	Bytes int64
	// Text is how many bytes of one text output are shown, its beginning and its end: 256 KiB; 64 MiB with All.
	Text int
	// HTML is how many bytes of one HTML output are shown: 1 MiB; 32 MiB with All.
	HTML int
	// Image is the length in bytes of the longest picture shown: 16 MiB, with or without All.
	Image int
	// Markdown is how many bytes of one piece of Markdown are shown: 256 KiB; 1 MiB with All.
	Markdown int
	// Code is how many bytes of one cell's code are coloured; more is shown plain: 256 KiB.
	Code int
	// Rows is how many rows of a table of values (CSV) are shown: 1,000; 100,000 with All.
	Rows int
	// Nodes is how many values of one JSON tree are shown: 2,000; 100,000 with All.
	Nodes int
	// Outputs is how many outputs of one cell are shown: 200; all with All.
	Outputs int
	// Time is how long a render may take before the rest is left out: 20 s; five minutes with All.
	Time time.Duration
	// Math is how many formulas are set, Charts how many are drawn: 5,000 and 200. The rest stay text.
	Math, Charts int
}

const unbounded = int(^uint(0) >> 1)

// in gives the limits with the defaults filled in.
func (l Limits) in(all bool) Limits {
	pick := func(v *int, usual, lifted int) {
		if *v == 0 {
			*v = usual
			if all {
				*v = lifted
			}
		}
	}
	pick(&l.Cells, 5_000, unbounded)
	pick(&l.Text, 256<<10, 64<<20)
	pick(&l.HTML, 1<<20, 32<<20)
	pick(&l.Image, 16<<20, 16<<20)
	pick(&l.Markdown, 256<<10, 1<<20)
	pick(&l.Code, 256<<10, 256<<10)
	pick(&l.Rows, 1_000, 100_000)
	pick(&l.Nodes, 2_000, 100_000)
	pick(&l.Outputs, 200, unbounded)
	pick(&l.Math, 5_000, 5_000)
	pick(&l.Charts, 200, 200)
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
		if all {
			l.Bytes = 1 << 30
		}
	}
	if l.Time == 0 {
		l.Time = 20 * time.Second
		if all {
			l.Time = 5 * time.Minute
		}
	}
	return l
}

// Options are the wishes of one render. The zero value is a reader's view.
type Options struct {
	// All shows what the usual limits would cut.
	All bool
	// AllURL is where the notes about cuts lead to, such as "?all=1"; without it they only say so.
	AllURL string
	// Limits bound the render; zero fields stand for the defaults.
	Limits Limits
	// FoldCode folds the code of cells that have outputs: a reader sees results first.
	FoldCode bool
	// Nonce goes into the style elements of the fragment, for the page's Content-Security-Policy.
	Nonce string
	// Part keeps apart the styles of several renders within one page: letters and digits, ending in a letter, another for
	// each. Empty for a page of one.
	Part string
	// Link says where an address that the document refers to leads: a relative link or one of http or https, or any picture that
	// is not a data: address. "" leaves the link or picture out. nil keeps relative links as they are and leaves pictures out. What it
	// gives is checked like any other address.
	Link func(ref string, picture bool) string
	// NoCharts leaves charts undrawn where no picture is stored, for pages that show them otherwise.
	NoCharts bool
}

// TableRows is how many rows of a table these options show at most.
func (o Options) TableRows() int { return o.Limits.in(o.All).Rows }

// Heading is one line of the outline.
type Heading struct {
	// Level is 1 to 6.
	Level int
	// ID is the id of the heading's element, and the fragment that leads to it.
	ID string
	// Text is without markup.
	Text string
}

// Cut says what is not shown.
type Cut struct {
	// Cell counts from 0; -1 is the document itself.
	Cell int
	// Text is the note for people: what is shown, of how much.
	Text string
}

// Summary is what a render found out.
type Summary struct {
	// Title is the first heading of the first level, or "".
	Title string
	// Outline has the headings in order, at most 1,000.
	Outline []Heading
	// Rich has the interactive outputs in order, at most 10,000.
	Rich []Rich
	// Cuts has what is not shown, at most 1,000.
	Cuts []Cut
	// Hurried tells that something was left out or shown otherwise for lack of time: another render may show more.
	Hurried bool
	// Language is that of the document's code, such as python; "" if it has none.
	Language string
	// Kernel is the display name of the notebook's kernel.
	Kernel string
	// Bytes is the length of the HTML written.
	Bytes int64
}

// Cache keeps what was drawn, across renders. Both methods are called by many goroutines at once; a key is a hash that
// names kind, [Version] and input. A value must come back as it was put, or not at all.
type Cache interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}
