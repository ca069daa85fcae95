package display

import (
	"encoding/json"
	"math"
	"slices"
)

// aggregate gives nil for no values, as SQL does, but 0 for their count.
func aggregate(how string, values []float64) any {
	if how == "count" {
		return float64(len(values))
	}
	if len(values) == 0 {
		return nil
	}
	switch how {
	case "min":
		return slices.Min(values)
	case "max":
		return slices.Max(values)
	case "median":
		sorted := slices.Sorted(slices.Values(values))
		n := len(sorted)
		return (sorted[(n-1)/2] + sorted[n/2]) / 2
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if how == "mean" {
		return sum / float64(len(values))
	}
	return sum
}

// binWidth is about the wanted number of bins' width, rounded up to 1, 2 or 5 times a power of ten.
func binWidth(low, high float64, bins int) float64 {
	raw := (high - low) / float64(bins)
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1
	}
	size := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, by := range []float64{1, 2, 5} {
		if raw <= by*size {
			return by * size
		}
	}
	return 10 * size
}

// bin counts the collected values of x as histogramQuery does.
func (c *Chart) bin() []map[string]any {
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range c.rows {
		if v, ok := row["x"].(float64); ok {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	step := binWidth(low, high, c.spec.Bins)
	counts, points := map[string]float64{}, []map[string]any{}
	for _, row := range c.rows {
		v, ok := row["x"].(float64)
		if !ok {
			continue
		}
		start := math.Floor(v/step) * step
		point := map[string]any{"x": start, "x2": start + step}
		for _, k := range []string{"color", "facet"} {
			if v, ok := row[k]; ok {
				point[k] = v
			}
		}
		key, _ := json.Marshal(point)
		if counts[string(key)]++; counts[string(key)] == 1 {
			points = append(points, point)
		}
	}
	for _, point := range points {
		key, _ := json.Marshal(point)
		point["y"] = counts[string(key)]
	}
	slices.SortStableFunc(points, func(a, b map[string]any) int {
		return compareFloats(a["x"].(float64), b["x"].(float64))
	})
	return points
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
