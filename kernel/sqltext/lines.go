package sqltext

// lineCounter tells the line of rising offsets, going over the text once. Lines end with \n, \r\n or a lone \r.
type lineCounter struct {
	src  string
	pos  int
	line int
}

// at is the line of offset, counted from 1; offset is not below the one asked before.
func (l *lineCounter) at(offset int) int {
	for l.pos < offset {
		n := newlineLen(l.src, l.pos)
		if n == 0 {
			l.pos++
			continue
		}
		if l.pos+n > offset {
			break
		}
		l.pos += n
		l.line++
	}
	return l.line + 1
}

// newlineLen is the length of the line break at i, or 0.
func newlineLen(src string, i int) int {
	switch {
	case i >= len(src):
		return 0
	case src[i] == '\n':
		return 1
	case src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n':
		return 2
	case src[i] == '\r':
		return 1
	}
	return 0
}
