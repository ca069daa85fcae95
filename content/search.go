package content

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sextant/content/iam"
)

// SearchRequest is one search.
type SearchRequest struct {
	// Query is words, all of which must be there. The last one also finds what begins with it, unless a space follows
	// it: so it can be sent as it is being typed.
	Query  string
	Filter Filter
	Page   PageRequest
}

// Bounds of a search.
const (
	MaxQueryLength = 500
	MaxQueryTerms  = 10
	// searchWindow is how many matches are ranked with each other; the next so many, indexed before them, follow.
	searchWindow = 100
	// searchBudget is how many matches are looked at rather than go by the actor's grants.
	searchBudget = 1500
	// searchStep is how many matches are asked for first, and maxSearchStep at most: each time twice as many.
	searchStep    = 200
	maxSearchStep = 800
)

// Hit is a resource that was found.
type Hit struct {
	Resource
	// Snippets show where, at most one for each field that the words are in.
	Snippets []Snippet
	// Approximate is set where it holds words like those of the query rather than them.
	Approximate bool
}

// Snippet is a stretch of a field's text.
type Snippet struct {
	// Field is "name", "tags", "description", "source" or "outputs".
	Field string
	Text  string
	// Marks are the places of the words in Text, as byte offsets from and to.
	Marks [][2]int
}

// Search finds resources that the actor may read and that hold every word, in their name, tags, description, sources
// or text outputs. Matches by name, tag or description come first; then whole names before beginnings of names before
// the rest, and what changed lately before what is older. Where that finds next to nothing, what holds words that the
// query's may have been meant to be follows, on the same page.
func (s *Service) Search(ctx context.Context, q SearchRequest) (Page[Hit], error) {
	var out Page[Hit]
	err := s.view(ctx, func(a *access) error {
		terms, err := queryTerms(q.Query)
		if err != nil {
			return err
		}
		if err := a.checkFilter(&q.Filter); err != nil {
			return err
		}
		if q.Page.Token != "" {
			opened, err := a.unseal("search page", q.Page.Token)
			if err != nil {
				return err
			}
			q.Page.Token = string(opened)
		}
		first := q.Page.Token == ""
		limit, token, err := q.Page.open("search")
		if err != nil {
			return err
		}
		if len(terms) == 0 {
			return nil
		}
		r, err := a.reach(iam.DocumentsRead)
		if err != nil {
			return err
		}
		search := &searching{a: a, r: r, terms: terms, query: strings.Join(Words(q.Query), " "), filter: q.Filter}
		if out.Next, err = search.page(token, limit); err != nil {
			return err
		}
		for _, p := range search.found {
			hit, err := a.hit(p, terms)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, hit)
		}
		if out.Next != "" {
			// The place counts what others may not see.
			out.Next, err = a.seal("search page", []byte(out.Next))
			return err
		}
		if first && len(out.Items) < min(fewHits, limit) {
			out.Items, err = a.fuzzy(q, terms, out.Items, limit)
		}
		return err
	})
	return out, s.refused(ctx, opSearch, q.Filter.Folder, err)
}

// queryTerms are the words of a query, each once, the last one open at its end.
func queryTerms(query string) ([]Term, error) {
	if len(query) > MaxQueryLength {
		return nil, fmt.Errorf("%w query: longer than %d bytes", ErrInvalid, MaxQueryLength)
	}
	words := Words(query)
	var out []Term
	for i, w := range words {
		prefix := i == len(words)-1 && strings.TrimRight(query, " \t\n") == query
		if j := slices.IndexFunc(out, func(t Term) bool { return t.Word == w }); j >= 0 {
			out[j].Prefix = out[j].Prefix && prefix
			continue
		}
		if out = append(out, Term{Word: w, Prefix: prefix}); len(out) > MaxQueryTerms {
			return nil, fmt.Errorf("%w query: more than %d words", ErrInvalid, MaxQueryTerms)
		}
	}
	return out, nil
}

// The phases of a search: what matches by its title fields, then the rest.
const (
	titlePhase = iota
	bodyPhase
	lastPhase = bodyPhase
)

// searching is one page of one search. Matches come window by window, newest first; a window is ranked in itself, so
// that a page costs no more than its window, however many matches there are.
type searching struct {
	a      *access
	r      *reach
	terms  []Term
	query  string
	filter Filter
	found  []Placed
}

// page collects one page from the token's place on and gives the next one's token.
func (s *searching) page(token pageToken, limit int) (string, error) {
	for {
		// The token's Seq is the place that the window begins below, so that what is indexed meanwhile does not shift it.
		window, end, err := s.window(token.Phase, token.Seq)
		if err != nil {
			return "", err
		}
		for i := min(token.Offset, len(window)); i < len(window); i++ {
			if len(s.found) == limit {
				token.Kind, token.Offset = "search", i
				return token.String(), nil
			}
			s.found = append(s.found, window[i])
		}
		switch {
		case end > 0:
			token = pageToken{Phase: token.Phase, Seq: end}
		case token.Phase < lastPhase:
			token = pageToken{Phase: token.Phase + 1}
		default:
			return "", nil
		}
	}
}

// window gives the next ranked matches of a phase below before, and where the one after begins; 0: nowhere.
func (s *searching) window(phase int, before int64) ([]Placed, int64, error) {
	scope := TitleFields
	if phase == bodyPhase {
		scope = EveryField
	}
	var out []Placed
	var within []ResourceID
	for looked, step := 0, searchStep; ; step = min(2*step, maxSearchStep) {
		found, err := s.a.tx.MatchText(s.terms, scope, s.filter, within, before, step)
		if err != nil {
			return nil, 0, err
		}
		var allowed []Match
		ids := make([]ResourceID, 0, len(found))
		for _, m := range found {
			ok, err := s.r.allowsMatch(m)
			if err != nil {
				return nil, 0, err
			}
			if ok {
				allowed = append(allowed, m)
				ids = append(ids, m.ID)
			}
		}
		placed, err := s.a.tx.Placed(ids)
		if err != nil {
			return nil, 0, err
		}
		for _, m := range allowed {
			before = m.Seq
			p, ok := placed[m.ID]
			if !ok || phase == bodyPhase && s.inTitle(p) {
				continue
			}
			if out = append(out, p); len(out) == searchWindow {
				s.rank(out)
				return out, before, nil
			}
		}
		if len(found) < step {
			s.rank(out)
			return out, 0, nil
		}
		before = found[len(found)-1].Seq
		if looked += len(found); within == nil && hopeless(looked, len(out), searchWindow, searchBudget) {
			// Few of the matches may be read: look only where the actor was given something.
			if within, err = s.r.roots(); err != nil {
				return nil, 0, err
			}
			if within == nil {
				within = []ResourceID{}
			}
		}
	}
}

// inTitle reports whether the title phase has found a match already.
func (s *searching) inTitle(p Placed) bool {
	words := Words(p.Name + "\n" + strings.Join(p.Tags, "\n") + "\n" + p.Description)
	return containsAll(words, s.terms)
}

func containsAll(words []string, terms []Term) bool {
	for _, t := range terms {
		if !slices.ContainsFunc(words, t.matches) {
			return false
		}
	}
	return true
}

func (t Term) matches(word string) bool {
	return word == t.Word || t.Prefix && strings.HasPrefix(word, t.Word) || slices.Contains(t.Or, word)
}

// rank sorts a window, which is newest first, by how well names match.
func (s *searching) rank(window []Placed) {
	score := make(map[ResourceID]int, len(window))
	for _, p := range window {
		words := Words(p.Name)
		name := strings.Join(words, " ")
		switch {
		case name == s.query || strings.HasPrefix(name, s.query+" ") && len(words) == len(s.terms)+1:
			score[p.ID] = 0 // the whole name, perhaps but for an ending such as .ipynb
		case strings.HasPrefix(name, s.query):
			score[p.ID] = 1
		case containsAll(words, s.terms):
			score[p.ID] = 2
		default:
			score[p.ID] = 3
		}
	}
	slices.SortStableFunc(window, func(x, y Placed) int { return cmp.Compare(score[x.ID], score[y.ID]) })
}

// hit shows a match with its snippets.
func (a *access) hit(p Placed, terms []Term) (Hit, error) {
	r, err := a.shown(p)
	if err != nil {
		return Hit{}, err
	}
	text, err := a.tx.IndexedText(p.ID)
	if err != nil {
		return Hit{}, err
	}
	h := Hit{Resource: r}
	for _, field := range []struct{ name, text string }{
		{"name", text.Name}, {"tags", text.Tags}, {"description", text.Description}, {"source", text.Source},
		{"outputs", text.Outputs},
	} {
		if s, ok := snippet(field.text, terms); ok {
			s.Field = field.name
			h.Snippets = append(h.Snippets, s)
		}
	}
	return h, nil
}

// snippetLength is about how long a snippet is, in bytes.
const snippetLength = 160

// snippet cuts out the stretch around the first word of a query in a text, with every such word in it marked.
func snippet(text string, terms []Term) (Snippet, bool) {
	first := -1
	EachWord(text, func(word string, start, _ int) bool {
		if slices.ContainsFunc(terms, func(t Term) bool { return t.matches(word) }) {
			first = start
		}
		return first < 0
	})
	if first < 0 {
		return Snippet{}, false
	}
	from := max(0, first-snippetLength/3)
	// From the line's beginning, or a word's, and to a word's end.
	if line := strings.LastIndexByte(text[from:first], '\n'); line >= 0 {
		from += line + 1
	} else if from > 0 {
		if space := strings.IndexByte(text[from:first], ' '); space >= 0 {
			from += space + 1
		}
	}
	to := min(len(text), from+snippetLength)
	if to < len(text) {
		if space := strings.LastIndexAny(text[first:to], " \n"); space > 0 {
			to = first + space
		}
	}
	s := Snippet{Text: strings.ToValidUTF8(text[from:to], "")}
	EachWord(s.Text, func(word string, start, end int) bool {
		if slices.ContainsFunc(terms, func(t Term) bool { return t.matches(word) }) {
			s.Marks = append(s.Marks, [2]int{start, end})
		}
		return true
	})
	return s, len(s.Marks) > 0
}
