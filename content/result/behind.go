package result

import (
	"fmt"
	"time"
)

// Behind are the conditions that a group's value stands for; nil is NULL. It reports false where the value is none that a
// part of a time has.
func (g Group) Behind(value *string) ([]Condition, bool) {
	if value == nil {
		return []Condition{{Column: g.Column, Op: Null}}, true
	}
	if g.Part == Whole {
		return []Condition{{Column: g.Column, Op: Equal, Values: []string{*value}}}, true
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04:05-07"} {
		at, err := time.Parse(layout, *value)
		if err != nil {
			continue
		}
		var end time.Time
		switch g.Part {
		case Year:
			end = at.AddDate(1, 0, 0)
		case Quarter:
			end = at.AddDate(0, 3, 0)
		case Month:
			end = at.AddDate(0, 1, 0)
		case Week:
			end = at.AddDate(0, 0, 7)
		case Day:
			end = at.AddDate(0, 0, 1)
		case Hour:
			end = at.Add(time.Hour)
			if layout == time.DateOnly {
				layout = time.DateTime
			}
		}
		return []Condition{{g.Column, GreaterEqual, []string{*value}}, {g.Column, Less, []string{end.Format(layout)}}}, true
	}
	return nil, false
}

// Short is a value that a part of a time has, as people write it: 2024, 2024 Q1, 2024-03. What is no such value stays.
func (p Part) Short(value string) string {
	if len(value) < len(time.DateOnly) {
		return value
	}
	at, err := time.Parse(time.DateOnly, value[:len(time.DateOnly)])
	if err != nil {
		return value
	}
	switch p {
	case Year:
		return at.Format("2006")
	case Quarter:
		return fmt.Sprintf("%d Q%d", at.Year(), (int(at.Month())+2)/3)
	case Month:
		return at.Format("2006-01")
	case Week, Day:
		return value[:len(time.DateOnly)]
	case Hour:
		return value[:min(len(value), len("2006-01-02 15:04"))]
	}
	return value
}
