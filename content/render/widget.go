package render

import (
	"fmt"
	"strings"

	"sextant/content/notebook"
)

// widgetStates are the states of the notebook's ipywidgets, as its metadata stores them.
type widgetStates struct {
	states notebook.Object
	read   bool
	source notebook.Value
	left   int
}

const maxWidgets = 500

func (w *widgetStates) model(id string) (name string, state notebook.Object) {
	if !w.read {
		w.read = true
		w.states = w.source.Object()[mimeWidgetState].Object()["state"].Object()
	}
	o := w.states[id].Object()
	name, _ = o["model_name"].Text()
	return name, o["state"].Object()
}

// widget writes a still view of a widget from its stored state; false if the notebook stores none.
func (j *job) widget(view notebook.Value) bool {
	id, _ := view.Object()["model_id"].Text()
	if name, _ := j.widgets.model(id); name == "" {
		return false
	}
	j.widgets.left = maxWidgets
	j.str(`<div class="sx-widget">`)
	j.widgetModel(id, 0)
	j.str("</div>\n")
	return true
}

func (j *job) widgetModel(id string, depth int) {
	name, state := j.widgets.model(id)
	if j.widgets.left--; name == "" || depth > 20 || j.widgets.left < 0 {
		return
	}
	text := func(key string) string { s, _ := state[key].Text(); return s }
	label := func() {
		if d := text("description"); d != "" {
			j.str(`<span class="sx-widget-label">`)
			j.text(clip(d, 300))
			j.str("</span> ")
		}
	}
	j.str("<div>")
	defer j.str("</div>")
	switch name {
	case "HBoxModel", "VBoxModel", "BoxModel", "GridBoxModel", "AccordionModel", "TabModel", "StackModel":
		class := "sx-vbox"
		if name == "HBoxModel" {
			class = "sx-hbox"
		}
		j.str(`<div class="` + class + `">`)
		for _, child := range state["children"].Array() {
			ref, _ := child.Text()
			j.widgetModel(strings.TrimPrefix(ref, "IPY_MODEL_"), depth+1)
		}
		j.str("</div>")
	case "HTMLModel", "HTMLMathModel":
		label()
		body, _ := j.sanitize(clip(text("value"), j.limits.HTML), false)
		j.styles.flush(j.w)
		j.str(`<div class="sx-html">` + body + "</div>")
	case "OutputModel":
		c := notebook.Cell{}
		for _, v := range state["outputs"].Array() {
			if out, err := notebook.NewOutput([]byte(v)); err == nil {
				c.Outputs = append(c.Outputs, out)
			}
		}
		for _, out := range c.Outputs[:min(len(c.Outputs), 50)] {
			fields := out.JSON().Object()
			switch out.Type() {
			case notebook.Stream:
				s, _ := fields["text"].Text()
				j.preText(s)
			case notebook.ErrorOutput:
				j.failure(fields)
			default:
				data := fields["data"].Object()
				if html, ok := data["text/html"].Text(); !ok || !j.stillHTML(html) {
					j.simple(data, fields["metadata"].Object(), "Picture")
				}
			}
		}
	case "FloatProgressModel", "IntProgressModel":
		label()
		v, lo, hi := number(state["value"]), number(state["min"]), number(state["max"])
		if state["max"] == "" {
			hi = 100
		}
		if hi > lo {
			j.str(fmt.Sprintf(`<progress max="100" value="%.0f"></progress> `, 100*min(1, max(0, (v-lo)/(hi-lo)))))
		}
	case "ImageModel", "LayoutModel", "DescriptionStyleModel", "ProgressStyleModel", "SliderStyleModel", "ButtonStyleModel":
	default:
		label()
		value := text("value")
		if value == "" && state["value"] != "" && state["value"][0] != '"' {
			value = string(state["value"])
		}
		if options := state["_options_labels"].Array(); len(options) > 0 {
			if i := int(number(state["index"])); state["index"] != "" && state["index"] != "null" && i >= 0 && i < len(options) {
				value, _ = options[i].Text()
			}
		}
		if value != "" && value != "null" {
			j.str(`<span class="sx-widget-value">`)
			j.text(clip(value, 2_000))
			j.str("</span> ")
		} else if text("description") == "" {
			j.str(`<span class="sx-quiet">`)
			j.text(clip(strings.TrimSuffix(name, "Model"), 100))
			j.str("</span> ")
		}
	}
}

func number(v notebook.Value) float64 {
	var n float64
	_, _ = fmt.Sscanf(string(v), "%g", &n)
	return n
}
