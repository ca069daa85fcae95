package render

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"time"
)

// Config is what all renders of a [Renderer] share.
type Config struct {
	// Cache keeps drawn charts and set formulas; nil keeps the last few in memory.
	Cache Cache
	// Engines is how many charts and how many formulas may be worked on at once; each engine takes some tens of megabytes
	// while it is used. 0 is 2.
	Engines int
	// ChartTime and MathTime are how long drawing one chart and setting one formula may take: 10 and 5 s.
	ChartTime, MathTime time.Duration
}

// Renderer renders documents. It may be used by many goroutines at once.
type Renderer struct {
	cache  Cache
	charts *enginePool
	maths  *enginePool
	jobs   sync.Pool

	chartTime, mathTime time.Duration
}

// New makes a renderer. Nothing is started before it is needed; Close ends what was.
func New(c Config) *Renderer {
	if c.Cache == nil {
		c.Cache = newMemory(16 << 20)
	}
	if c.Engines <= 0 {
		c.Engines = 2
	}
	if c.ChartTime <= 0 {
		c.ChartTime = 10 * time.Second
	}
	if c.MathTime <= 0 {
		c.MathTime = 5 * time.Second
	}
	return &Renderer{
		chartTime: c.ChartTime, mathTime: c.MathTime,
		cache:  c.Cache,
		charts: newEnginePool(c.Engines, chartSource, 384<<20),
		maths:  newEnginePool(c.Engines, mathSource, 96<<20),
	}
}

// Close ends the engines. No render may run or follow.
func (r *Renderer) Close() {
	r.charts.close()
	r.maths.close()
}

// job is one render. It writes to w and remembers what the summary needs.
type job struct {
	r       *Renderer
	ctx     context.Context
	o       Options
	limits  Limits
	w       *bufio.Writer
	count   *counter
	sum     Summary
	md      *markdown
	styles  styles
	ids     map[string]int
	cell    int
	lang    string
	end     time.Time
	math    int
	charts  int
	widgets widgetStates
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) WriteString(s string) (int, error) {
	n, err := io.WriteString(c.w, s)
	c.n += int64(n)
	return n, err
}

func (r *Renderer) newJob(ctx context.Context, w io.Writer, o Options) *job {
	c := &counter{w: w}
	limits := o.Limits.in(o.All)
	j := &job{r: r, ctx: ctx, o: o, limits: limits, count: c, w: bufio.NewWriterSize(c, 16<<10), cell: -1, ids: map[string]int{}, end: time.Now().Add(limits.Time)}
	j.styles.nonce, j.styles.part = o.Nonce, o.Part
	j.md, _ = r.jobs.Get().(*markdown)
	if j.md == nil {
		j.md = newMarkdown()
	}
	j.md.job = j
	return j
}

// finish writes what is buffered and gives the summary.
func (j *job) finish(err error) (*Summary, error) {
	if flushed := j.w.Flush(); err == nil {
		err = flushed
	}
	j.md.job = nil
	j.r.jobs.Put(j.md)
	j.sum.Bytes = j.count.n
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return &j.sum, nil
}

// written is how much HTML there is so far.
func (j *job) written() int64 { return j.count.n + int64(j.w.Buffered()) }

// full says whether no more outputs are to be written, and why.
func (j *job) full() string {
	if j.written() > j.limits.Bytes {
		return fmt.Sprintf("the page has reached %s", size(j.limits.Bytes))
	}
	if time.Now().After(j.end) {
		j.sum.Hurried = true
		return fmt.Sprintf("the page has taken %v to make", j.limits.Time)
	}
	return ""
}

const (
	maxHeadings = 1_000
	maxRich     = 10_000
	maxCuts     = 1_000
)

// cut writes a note about what is not shown, and remembers it.
func (j *job) cut(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(j.sum.Cuts) < maxCuts {
		j.sum.Cuts = append(j.sum.Cuts, Cut{Cell: j.cell, Text: text})
	}
	j.str(`<p class="sx-note" role="note"><span class="sx-note-mark" aria-hidden="true">✂</span> `)
	j.text(text)
	if j.o.AllURL != "" && !j.o.All {
		j.str(` <a href="`)
		j.text(j.o.AllURL)
		j.str(`">Show all</a>`)
	}
	j.str("</p>\n")
}

// note writes a remark that is no cut.
func (j *job) note(text string) {
	j.str(`<p class="sx-note" role="note">`)
	j.text(text)
	j.str("</p>\n")
}

// str writes markup of ours.
func (j *job) str(s string) { _, _ = j.w.WriteString(s) }

// text writes what is not markup.
func (j *job) text(s string) { writeText(j.w, s) }

// key names an input for the cache.
func key(kind string, parts ...string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s", kind, Version)
	for _, p := range parts {
		fmt.Fprintf(h, " %d ", len(p))
		_, _ = io.WriteString(h, p)
	}
	return kind + "-" + hex.EncodeToString(h.Sum(nil)[:20])
}

// memory is the cache of a renderer that was given none: it forgets all when it is full.
type memory struct {
	mu    sync.Mutex
	m     map[string][]byte
	bytes int
	max   int
}

func newMemory(limit int) *memory { return &memory{m: map[string][]byte{}, max: limit} }

func (m *memory) Get(key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[key]
	return v, ok
}

func (m *memory) Put(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(value) > m.max/4 {
		return
	}
	if m.bytes+len(value) > m.max {
		clear(m.m)
		m.bytes = 0
	}
	m.m[key] = value
	m.bytes += len(value) + len(key)
}
