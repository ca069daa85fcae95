package notebook

import "slices"

// align says, for each cell of b, which cell of a it is; -1 for a new one. Cells are the same by id; what is left over
// by equal content, and then by similar content, for tools that drop or renew ids.
func align(a, b []Cell) []int {
	of := make([]int, len(b))
	byID := make(map[string]int, len(a))
	for i := len(a) - 1; i >= 0; i-- {
		byID[a[i].ID] = i
	}
	used := make([]bool, len(a))
	for j, c := range b {
		i, ok := byID[c.ID]
		if of[j] = -1; ok && !used[i] {
			of[j], used[i] = i, true
		}
	}
	free := func() (inA, inB []int) {
		for i := range a {
			if !used[i] {
				inA = append(inA, i)
			}
		}
		for j := range b {
			if of[j] < 0 {
				inB = append(inB, j)
			}
		}
		return inA, inB
	}
	inA, inB := free()
	if len(inA) == 0 || len(inB) == 0 {
		return of
	}
	type content struct {
		kind   CellType
		source string
	}
	equal := map[content][]int{}
	for _, i := range inA {
		key := content{a[i].Type, a[i].Source}
		equal[key] = append(equal[key], i)
	}
	for _, j := range inB {
		key := content{b[j].Type, b[j].Source}
		if list := equal[key]; len(list) > 0 {
			of[j], used[list[0]] = list[0], true
			equal[key] = list[1:]
		}
	}
	inA, inB = free()
	alignSimilar(a, b, of, used, inA, inB)
	return of
}

const (
	// similar is the share of words from which two cells count as one that was edited.
	similar = 0.6
	// nearby bounds the look-out for a similar cell, in leftover cells to either side, so that two notebooks that
	// share nothing are compared in linear time.
	nearby = 10
	// bagText bounds the source that is compared, in bytes.
	bagText = 4 << 10
)

func alignSimilar(a, b []Cell, of []int, used []bool, inA, inB []int) {
	bags := make([]map[string]int, len(inA))
	for n, j := range inB {
		bag := wordBag(b[j].Source)
		best, bestScore := -1, similar
		for m := max(0, n-nearby); m < min(len(inA), n+nearby+1); m++ {
			i := inA[m]
			if used[i] || a[i].Type != b[j].Type {
				continue
			}
			if bags[m] == nil {
				bags[m] = wordBag(a[i].Source)
			}
			if score := likeness(bags[m], bag); score > bestScore || score == bestScore && best < 0 {
				best, bestScore = i, score
			}
		}
		if best >= 0 {
			of[j], used[best] = best, true
		}
	}
}

// wordBag counts the words of a source, blanks aside.
func wordBag(source string) map[string]int {
	bag := map[string]int{}
	for _, w := range words(prefix(source, bagText)) {
		if w != " " && w != "\n" {
			bag[w]++
			bag[""]++
		}
	}
	return bag
}

// likeness is twice the words in common over the words of both (Dice's coefficient); 0 if either has none.
func likeness(a, b map[string]int) float64 {
	if a[""] == 0 || b[""] == 0 {
		return 0
	}
	common := 0
	for w, n := range a {
		if w != "" {
			common += min(n, b[w])
		}
	}
	return 2 * float64(common) / float64(a[""]+b[""])
}

// inOrder marks the largest set of places whose values increase: of cells that changed order, those that count as
// having stayed. Negative values are none.
func inOrder(values []int) []bool {
	var tails []int // place of the smallest last value of an increasing run of each length
	before := make([]int, len(values))
	for place, v := range values {
		if v < 0 {
			continue
		}
		n, _ := slices.BinarySearchFunc(tails, v, func(tail, v int) int { return values[tail] - v })
		if before[place] = -1; n > 0 {
			before[place] = tails[n-1]
		}
		tails = append(tails[:n], append([]int{place}, tails[min(n+1, len(tails)):]...)...)
	}
	stay := make([]bool, len(values))
	if len(tails) > 0 {
		for place := tails[len(tails)-1]; place >= 0; place = before[place] {
			stay[place] = true
		}
	}
	return stay
}
