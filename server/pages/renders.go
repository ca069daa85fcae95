package pages

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/content/notebook"
	"sextant/content/render"
)

// rendered is what is known of a render besides its HTML.
type rendered struct {
	Facts   Facts
	Outline []render.Heading
	Rich    []render.Rich
	Cuts    int
	// HTML is the length of the HTML; behind it stand what interactive outputs are made of, each as JSON of the length
	// that Bundles says; 0: it is too long, or not there.
	HTML    int64
	Bundles []int64
	// bundle gives what one is made of.
	bundle func(render.Rich) notebook.Object
	// hurried tells that another render may show more: it is not kept.
	hurried bool
}

// Facts is what a document tells of how it was made; a field that is not told is zero.
type Facts struct {
	// Ran is when the last cell ended, Took how long all ran.
	Ran  time.Time     `json:",omitzero"`
	Took time.Duration `json:",omitzero"`
	// Kernel is the name of the kernel, Environment that of the environment, as the document writes them.
	Kernel      string `json:",omitempty"`
	Environment string `json:",omitempty"`
	// Parameters are the values it was run with, each as "name = value".
	Parameters []string `json:",omitempty"`
	// Failed tells that an output is an error.
	Failed bool `json:",omitempty"`
}

// renders keeps renders in a directory. One that is being made is read by as many as want it while it grows, so it is made
// once however many ask, and no slow reader holds it up.
type renders struct {
	dir string
	max int64

	mu      sync.Mutex
	size    int64
	growing map[string]*growing
	closed  bool
	making  sync.WaitGroup
	stop    context.CancelFunc
	ctx     context.Context
}

func newRenders(dir string, limit int64) (*renders, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c := &renders{dir: dir, max: limit, growing: map[string]*growing{}}
	c.ctx, c.stop = context.WithCancel(context.Background())
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".new") { // a server that was killed left it
			_ = os.Remove(filepath.Join(dir, e.Name()))
		} else if info, err := e.Info(); err == nil {
			c.size += info.Size()
		}
	}
	return c, nil
}

func (c *renders) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.making.Wait()
}

// growing is a render that is being made.
type growing struct {
	mu   sync.Mutex
	file *os.File
	size int64
	// facts are read once begun is closed, meta and err once done is.
	facts Facts
	meta  rendered
	err   error
	// begun is closed when the facts are known, done when all is; changed at every piece, to be made anew.
	begun, done, changed chan struct{}
	readers              int
}

// Write implements io.Writer, for the maker.
func (g *growing) Write(b []byte) (int, error) {
	n, err := g.file.WriteAt(b, g.size)
	g.mu.Lock()
	g.size += int64(n)
	close(g.changed)
	g.changed = make(chan struct{})
	g.mu.Unlock()
	return n, err
}

// begin tells readers the facts.
func (g *growing) begin(f Facts) {
	g.facts = f
	close(g.begun)
}

// page is a render as a reader gets it. The reader closes it.
type page struct {
	// meta has the facts; the rest only once all has been read.
	meta rendered
	ctx  context.Context
	at   int64
	g    *growing
	file *os.File
	end  int64
}

// Read implements io.Reader.
func (p *page) Read(b []byte) (int, error) {
	for p.g != nil {
		p.g.mu.Lock()
		size, changed := p.g.size, p.g.changed
		p.g.mu.Unlock()
		if p.at < size {
			p.end = size
			break
		}
		select {
		case <-p.g.done:
			if p.g.err != nil {
				return 0, p.g.err
			}
			if p.meta = p.g.meta; p.at == p.g.size {
				return 0, io.EOF
			}
		case <-changed:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	if p.at >= p.end {
		return 0, io.EOF
	}
	n, err := p.file.ReadAt(b[:min(int64(len(b)), p.end-p.at)], p.at)
	p.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// Close lets go of the file.
func (p *page) Close() {
	if p.g == nil {
		_ = p.file.Close()
		return
	}
	p.g.release()
}

func (g *growing) release() {
	g.mu.Lock()
	g.readers--
	last := g.readers == 0
	g.mu.Unlock()
	if last {
		_ = g.file.Close()
	}
}

// keyOf names a render by all that it depends on.
func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{render.Version}, parts...), "\x00")))
	return hex.EncodeToString(sum[:16])
}

// maker writes a render, and calls begin once before the first byte.
type maker func(ctx context.Context, w io.Writer, begin func(Facts)) (rendered, error)

// errStopped is what readers get of a render that the server's end cut off.
var errStopped = errors.New("the server is stopping")

// get opens a render, or has it made. Its facts are there when get returns.
func (c *renders) get(ctx context.Context, key string, makes maker) (*page, error) {
	if p, err := c.open(ctx, key); err == nil {
		return p, nil
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, errStopped
	}
	g, ok := c.growing[key]
	if !ok {
		// It may have been finished since it was looked for.
		if p, err := c.open(ctx, key); err == nil {
			c.mu.Unlock()
			return p, nil
		}
		file, err := os.CreateTemp(c.dir, key+"-*.new")
		if err != nil {
			c.mu.Unlock()
			return nil, err
		}
		g = &growing{file: file, readers: 1, begun: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{})}
		c.growing[key] = g
		c.making.Go(func() { c.make(key, g, makes) })
	}
	g.mu.Lock()
	g.readers++
	g.mu.Unlock()
	c.mu.Unlock()
	select {
	case <-g.begun:
	case <-g.done:
		if g.err != nil {
			g.release()
			return nil, g.err
		}
	case <-ctx.Done():
		g.release()
		return nil, ctx.Err()
	}
	return &page{ctx: ctx, g: g, file: g.file, meta: rendered{Facts: g.facts}}, nil
}

// make makes one render, whoever waits for it.
func (c *renders) make(key string, g *growing, makes maker) {
	defer g.release()
	meta, err := makes(c.ctx, g, g.begin)
	meta.Facts = g.facts
	g.meta, g.err = meta, err
	name := g.file.Name()
	if err != nil || meta.hurried || c.keep(key, g) != nil {
		_ = os.Remove(name)
	}
	c.mu.Lock()
	delete(c.growing, key)
	c.mu.Unlock()
	close(g.done)
}

// keep makes a finished render one to be found. A render that cannot be kept was still made.
func (c *renders) keep(key string, g *growing) error {
	end := g.size
	g.meta.HTML = end
	for i, rich := range g.meta.Rich {
		if g.meta.bundle == nil || i >= maxInteractive {
			break
		}
		text, err := json.Marshal(g.meta.bundle(rich))
		if err != nil || len(text) > maxBundle {
			text = nil
		}
		if _, err := g.file.WriteAt(text, end); err != nil {
			return err
		}
		g.meta.Bundles = append(g.meta.Bundles, int64(len(text)))
		end += int64(len(text))
	}
	g.meta.bundle = nil // it holds the document
	text, err := json.Marshal(g.meta)
	if err != nil {
		return err
	}
	trailer := binary.LittleEndian.AppendUint64(append(text, magic...), uint64(len(text)))
	if _, err := g.file.WriteAt(trailer, end); err != nil {
		return err
	}
	if err := os.Rename(g.file.Name(), filepath.Join(c.dir, key)); err != nil {
		return err
	}
	c.mu.Lock()
	c.size += end + int64(len(trailer))
	over := c.size > c.max
	c.mu.Unlock()
	if over {
		c.evict()
	}
	return nil
}

// magic stands before the length of what is known of a render, at the end of its file.
const magic = "sextant2"

// open opens a render that was kept. One that is damaged is not there.
func (c *renders) open(ctx context.Context, key string) (*page, error) {
	name := filepath.Join(c.dir, key)
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	p, err := readKept(file)
	if err != nil {
		_ = file.Close()
		_ = os.Remove(name)
		return nil, err
	}
	p.ctx = ctx
	if info, err := file.Stat(); err == nil && time.Since(info.ModTime()) > time.Hour {
		now := time.Now()
		_ = os.Chtimes(name, now, now) // those read last are kept longest
	}
	return p, nil
}

var errDamaged = errors.New("damaged render")

func readKept(file *os.File) (*page, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	var tail [16]byte
	end := info.Size() - int64(len(tail))
	if end < 0 {
		return nil, errDamaged
	}
	if _, err := file.ReadAt(tail[:], end); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(tail[8:])
	if string(tail[:8]) != magic || length > uint64(end) {
		return nil, errDamaged
	}
	text := make([]byte, length)
	begin := end - int64(length)
	if _, err := file.ReadAt(text, begin); err != nil {
		return nil, err
	}
	p := &page{file: file}
	if err := json.Unmarshal(text, &p.meta); err != nil {
		return nil, err
	}
	if p.end = p.meta.HTML; p.end < 0 || p.end > begin {
		return nil, errDamaged
	}
	return p, nil
}

// Bounds of interactive outputs that a frame can draw.
const (
	maxInteractive = 500
	maxBundle      = 64 << 20
)

// bundle is what an interactive output of a kept render is made of, with its length.
func (p *page) bundle(index int) (io.Reader, int64, error) {
	if index < 0 || index >= len(p.meta.Bundles) || p.meta.Bundles[index] == 0 {
		return nil, 0, fs.ErrNotExist
	}
	at := p.meta.HTML
	for _, length := range p.meta.Bundles[:index] {
		at += length
	}
	return io.NewSectionReader(p.file, at, p.meta.Bundles[index]), p.meta.Bundles[index], nil
}

// evict removes those that were not read for longest, until a quarter is free.
func (c *renders) evict() {
	type kept struct {
		name string
		info fs.FileInfo
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var all []kept
	size := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !strings.HasSuffix(e.Name(), ".new") {
			all = append(all, kept{e.Name(), info})
			size += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, k := range all {
		if size <= c.max*3/4 {
			break
		}
		if os.Remove(filepath.Join(c.dir, k.name)) == nil {
			size -= k.info.Size()
		}
	}
	c.mu.Lock()
	c.size = size
	c.mu.Unlock()
}
