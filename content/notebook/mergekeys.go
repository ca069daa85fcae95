package notebook

// object merges objects key by key, and objects within them likewise. The result is never nil.
func (m *merger) object(field ConflictField, path string, base, ours, theirs Object) Object {
	out := Object{}
	union := Object{}
	for _, o := range []Object{base, ours, theirs} {
		for key := range o {
			union[key] = ""
		}
	}
	for key := range sorted(union) {
		b, o, t := base[key], ours[key], theirs[key]
		v, conflict := pick(b, o, t)
		if conflict {
			at := key
			if path != "" {
				at = path + "." + key
			}
			v = m.value(field, at, b, o, t)
		}
		if v != "" {
			out[key] = v
		}
	}
	return out
}

// value merges a key that both sides changed differently.
func (m *merger) value(field ConflictField, path string, base, ours, theirs Value) Value {
	o, t := ours.Object(), theirs.Object()
	if o != nil && t != nil {
		// A base that is no object counts as an empty one.
		return objectValue(m.object(field, path, base.Object(), o, t))
	}
	m.conflict(Conflict{Field: field, Key: path, Base: string(base), Ours: string(ours), Theirs: string(theirs)})
	if ours == "" {
		return theirs
	}
	return ours
}
