package query

import (
	"errors"
	"math"
	"slices"

	"sextant/content"
)

// IndexText implements content.SearchTx.
func (t *tx) IndexText(id content.ResourceID, text content.SearchText) error {
	if err := t.exec("DELETE FROM search_docs WHERE resource_id = $1", id); err != nil {
		return err
	}
	var seq int64
	if err := t.into("SELECT COALESCE(MAX(seq), 0) + 1 FROM search_docs", nil, &seq); err != nil {
		return err
	}
	return t.indexText(seq, id, text)
}

func (t *tx) indexText(seq int64, id content.ResourceID, text content.SearchText) error {
	text = text.Bound()
	title := append(append(content.Words(text.Name), content.Words(text.Tags)...), content.Words(text.Description)...)
	body := append(content.Words(text.Source), content.Words(text.Outputs)...)
	if err := t.learn(title); err != nil {
		return err
	}
	return t.wrap(t.store.dialect.Search.Index(t.ctx, t.tx, seq, id, text, title, body))
}

// learn notes words for SimilarTerms, nearly all of which are known already.
func (t *tx) learn(words []string) error {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !content.Guessable(w) })
	if len(words) == 0 {
		return nil
	}
	var unknown []string
	err := t.each(func(row func(...any) error) error {
		var w string
		err := row(&w)
		unknown = append(unknown, w)
		return err
	}, "SELECT e.value FROM ("+t.elements("$1")+") e WHERE NOT EXISTS (SELECT 1 FROM search_terms s WHERE s.term = e.value)", list(words))
	if err != nil {
		return err
	}
	slices.Sort(unknown)
	for _, w := range slices.Compact(unknown) {
		if err := t.exec("INSERT INTO search_terms (term) VALUES ($1)", w); err != nil {
			return err
		}
		err := t.exec("INSERT INTO search_trigrams (trigram, term) SELECT e.value, $2 FROM ("+t.elements("$1")+") e", list(content.Trigrams(w)), w)
		if err != nil {
			return err
		}
	}
	return nil
}

// SimilarTerms implements content.SearchTx.
func (t *tx) SimilarTerms(trigrams []string, limit int) ([]string, error) {
	var out []string
	err := t.each(func(row func(...any) error) error {
		var w string
		var n int64
		err := row(&w, &n)
		out = append(out, w)
		return err
	}, "SELECT term, count(*) AS n FROM search_trigrams WHERE "+t.inList("trigram", "$1")+" GROUP BY term ORDER BY n DESC, term LIMIT $2",
		list(trigrams), limit)
	return out, err
}

// IndexedText implements content.SearchTx.
func (t *tx) IndexedText(id content.ResourceID) (content.SearchText, error) {
	var s content.SearchText
	err := t.into("SELECT name, tags, description, source, outputs FROM search_docs WHERE resource_id = $1", []any{id},
		&s.Name, &s.Tags, &s.Description, &s.Source, &s.Outputs)
	if errors.Is(err, content.ErrNotFound) {
		return content.SearchText{}, nil
	}
	return s, err
}

// MatchText implements content.SearchTx.
func (t *tx) MatchText(terms []content.Term, scope content.SearchScope, filter content.Filter, within []content.ResourceID,
	before int64, limit int) ([]content.Match, error) {
	if len(terms) == 0 || within != nil && len(within) == 0 {
		return nil, nil
	}
	if before == 0 {
		before = math.MaxInt64
	}
	var a arguments
	from, where, order := t.store.dialect.Search.Match(terms, scope, a.add)
	where += " AND " + order + " < " + a.add(before) + " AND" + notHidden
	conditions, err := t.conditions(filter, &a)
	if err != nil {
		return nil, err
	}
	if within != nil {
		place := a.add(list(within))
		where += " AND " + t.in(t.store.dialect.Filter+order, `SELECT ds.seq FROM resources rs JOIN search_docs ds ON ds.resource_id = rs.id
			WHERE `+t.in("rs.parent_id", t.below(place))+` UNION SELECT ds.seq FROM search_docs ds WHERE `+t.inList("ds.resource_id", place))
	}
	var out []content.Match
	err = t.each(func(row func(...any) error) error {
		var m content.Match
		var chain string
		err := row(&m.ID, &chain, &m.Seq)
		m.Chain = splitChain(chain)
		out = append(out, m)
		return err
	}, "SELECT r.id, f.chain, d.seq FROM "+from+` JOIN resources r ON r.id = d.resource_id JOIN folders f ON f.id = r.parent_id
		WHERE `+where+conditions+" ORDER BY "+order+" DESC LIMIT "+a.add(limit), a.values...)
	return out, err
}
