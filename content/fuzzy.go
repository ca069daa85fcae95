package content

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sextant/content/iam"
)

const (
	// fewHits is how few hits have a search look for what its words may have been meant to be.
	fewHits = 3
	// maxMeanings bounds the words that one misspelt word is taken for.
	maxMeanings = 8
	// similarTerms is how many words with the most trigrams in common are compared.
	similarTerms = 200
	// maxFuzzy bounds the hits of such a search.
	maxFuzzy = 20
)

// Trigrams are the runs of three characters of a word, with two blanks before it and one behind, each once.
func Trigrams(word string) []string {
	runes := []rune("  " + word + " ")
	out := make([]string, 0, len(runes))
	for i := range len(runes) - 2 {
		if g := string(runes[i : i+3]); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// Guessable reports whether a misspelt word can be taken for this one: it has three letters or more and no digit. Numbers
// are many, and one is no misspelling of another.
func Guessable(word string) bool {
	return utf8.RuneCountInString(word) >= 3 && !strings.ContainsFunc(word, unicode.IsDigit)
}

// typos is how many letters of a word may be wrong.
func typos(word string) int {
	switch n := utf8.RuneCountInString(word); {
	case n < 4 || !Guessable(word):
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// distance is how many letters must be added, left out, changed or swapped with their neighbour to make a of b; where
// prefix is set, of the beginning of b that takes the fewest.
func distance(a, b string, prefix bool) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	if prefix {
		return slices.Min(last)
	}
	return last[len(y)]
}

// meanings gives the words that a term may have been meant to be, nearest first. They come from all titles: what they
// find is checked as every hit is, and the words themselves are not told.
func (a *access) meanings(t Term) ([]string, error) {
	allowed := typos(t.Word)
	if allowed == 0 {
		return nil, nil
	}
	known, err := a.tx.SimilarTerms(Trigrams(t.Word), similarTerms)
	if err != nil {
		return nil, err
	}
	away := map[string]int{}
	var out []string
	for _, word := range known {
		if d := distance(t.Word, word, t.Prefix); d > 0 && d <= allowed {
			away[word] = d
			out = append(out, word)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(cmp.Compare(away[x], away[y]), strings.Compare(x, y)) })
	return out[:min(len(out), maxMeanings)], nil
}

// fuzzy adds to hits what is found by words that the query's may have been meant to be, up to limit hits in all.
func (a *access) fuzzy(q SearchRequest, terms []Term, hits []Hit, limit int) ([]Hit, error) {
	terms = slices.Clone(terms)
	meant := false
	for i, t := range terms {
		words, err := a.meanings(t)
		if err != nil {
			return nil, err
		}
		terms[i].Or = words
		meant = meant || len(words) > 0
	}
	if !meant {
		return hits, nil
	}
	r, err := a.reach(iam.DocumentsRead)
	if err != nil {
		return nil, err
	}
	search := &searching{a: a, r: r, terms: terms, query: strings.Join(Words(q.Query), " "), filter: q.Filter}
	if _, err := search.page(pageToken{Kind: "search"}, min(limit, maxFuzzy)); err != nil {
		return nil, err
	}
	for _, p := range search.found {
		if len(hits) == limit {
			break
		}
		if slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == p.ID }) {
			continue
		}
		hit, err := a.hit(p, terms)
		if err != nil {
			return nil, err
		}
		hit.Approximate = true
		hits = append(hits, hit)
	}
	return hits, nil
}
