package sqltext

// Nearest gives the candidate that word was most likely meant to be, or "": at most one edit for every three letters, but
// one of a shorter word, an edit being a letter changed, added, left out or swapped with its neighbour. Case does not matter; the first of
// equals wins. It compares at most 64 runes of each.
func Nearest(word string, candidates []string) string {
	w := foldRunes(word)
	best, limit := "", max(1, len(w)/3)
	if len(w) == 0 {
		return ""
	}
	for _, c := range candidates {
		if d := editDistance(w, foldRunes(c), limit); d <= limit {
			best, limit = c, d-1
		}
		if limit < 0 {
			break
		}
	}
	return best
}

func foldRunes(s string) []rune {
	r := []rune(lower(s))
	return r[:min(len(r), 64)]
}

// editDistance gives up with limit+1 as soon as the distance is above limit.
func editDistance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var rows [3][65]int
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range b {
		prev[j+1] = j + 1
	}
	for i := range a {
		cur[0] = i + 1
		least := cur[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			cur[j+1] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
