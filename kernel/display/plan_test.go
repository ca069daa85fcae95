package display

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	golden(t, "plan", 1, func(t *testing.T, section map[string]string) []output {
		p, err := ParsePlan([]byte(section["input"]))
		if err != nil {
			return []output{{"error", err.Error()}}
		}
		html := p.html()
		checkHTML(t, strings.Replace(html, planStyle, "", 1))
		html = strings.Replace(html, tableStyle+planStyle, "<style/>", 1)
		return []output{{"text", p.Text()}, {"html", strings.ReplaceAll(html, hidden, "hidden")}}
	})
}

func FuzzParsePlan(f *testing.F) {
	f.Add([]byte(`[{"name":"A","children":[],"extra_info":{"Estimated Cardinality":"1"}}]`))
	f.Add([]byte(`{"latency":1e300,"children":[{"operator_name":"<b>","operator_timing":-1,"operator_cardinality":1e30,"extra_info":{"x":["\u202e"]},"children":[]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePlan(text)
		if err != nil {
			if !errors.Is(err, ErrPlan) {
				t.Error(err)
			}
			return
		}
		b := p.Bundle()
		checkHTML(t, strings.ReplaceAll(b.Data[MIMEHTML].(string), planStyle, ""))
		if _, err := json.Marshal(b); err != nil {
			t.Error(err)
		}
	})
}

func TestDeepPlanIsAnError(t *testing.T) {
	text := strings.Repeat(`{"name":"A","children":[`, 2000) + strings.Repeat(`]}`, 2000)
	if _, err := ParsePlan([]byte(text)); !errors.Is(err, ErrPlan) {
		t.Error(err)
	}
}
