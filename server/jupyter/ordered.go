package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// ordered is a JSON object whose members keep their order: front ends show a schema's properties as they were written.
// Values are ordered objects, arrays of any, strings, json.Number, bool or nil.
type ordered struct{ members []member }

type member struct {
	name  string
	value any
}

// parseOrdered reads one JSON value.
func parseOrdered(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readOrdered(d)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	return v, err
}

func readOrdered(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			v, err := readOrdered(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	o := &ordered{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readOrdered(d)
		if err != nil {
			return nil, err
		}
		o.set(name.(string), v) // names of members are strings
	}
	_, err = d.Token()
	return o, err
}

// orderedOf gives a value of encoding/json the form of parseOrdered's; a map's members are in order of name.
func orderedOf(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return parseOrdered(text)
}

func (o *ordered) get(name string) any {
	if i := o.index(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

func (o *ordered) index(name string) int {
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

func (o *ordered) set(name string, v any) {
	if i := o.index(name); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{name, v})
}

func (o *ordered) remove(name string) {
	o.members = slices.DeleteFunc(o.members, func(m member) bool { return m.name == name })
}

// merge puts what is in from into o, as merge does for maps.
func (o *ordered) merge(from *ordered) {
	for _, m := range from.members {
		inner, isObject := m.value.(*ordered)
		switch {
		case m.value == nil:
			o.remove(m.name)
		case isObject:
			below, ok := o.get(m.name).(*ordered)
			if !ok {
				below = &ordered{}
			}
			below.merge(inner)
			if len(below.members) == 0 {
				o.remove(m.name)
				continue
			}
			o.set(m.name, below)
		default:
			o.set(m.name, m.value)
		}
	}
}

// MarshalJSON implements json.Marshaler.
func (o *ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
