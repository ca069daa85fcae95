package query

import (
	"context"
	"errors"
	"fmt"
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
	title, body := wordsOf(text)
	if err := t.learn(title); err != nil {
		return err
	}
	return t.wrap(t.store.dialect.Search.Index(t.ctx, t.tx, seq, id, text, marked(title), body))
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

// wordsOf gives the words of titles, and all words.
func wordsOf(text content.SearchText) (title, body []string) {
	title = append(append(content.Words(text.Name), content.Words(text.Tags)...), content.Words(text.Description)...)
	body = append(append(title[:len(title):len(title)], content.Words(text.Source)...), content.Words(text.Outputs)...)
	return title, body
}

// Reindex sets the words of every document anew from what was indexed, for a migration.
func Reindex(ctx context.Context, tx Conn, s Search) error {
	if err := s.Clear(ctx, tx); err != nil {
		return fmt.Errorf("store: reindex: %w", err)
	}
	const step = 500
	for after := int64(0); ; {
		type row struct {
			seq  int64
			text content.SearchText
		}
		var found []row
		rows, err := tx.QueryContext(ctx, "SELECT seq, name, tags, description, source, outputs FROM search_docs WHERE seq > $1 ORDER BY seq LIMIT $2", after, step)
		if err != nil {
			return fmt.Errorf("store: reindex: %w", err)
		}
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.seq, &r.text.Name, &r.text.Tags, &r.text.Description, &r.text.Source, &r.text.Outputs); err != nil {
				return errors.Join(err, rows.Close())
			}
			found = append(found, r)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("store: reindex: %w", err)
		}
		for _, r := range found {
			title, body := wordsOf(r.text)
			if err := s.Words(ctx, tx, r.seq, marked(title), body); err != nil {
				return fmt.Errorf("store: reindex %d: %w", r.seq, err)
			}
			after = r.seq
		}
		if len(found) < step {
			return nil
		}
	}
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

// MatchText implements content.SearchTx. Where the database finds matches in no order, it is asked about the newest
// documents first: words that most documents hold have enough matches there, and those that few hold are quickly found
// among all.
func (t *tx) MatchText(terms []content.Term, scope content.SearchScope, filter content.Filter, within []content.ResourceID,
	before int64, limit int) ([]content.Match, error) {
	if len(terms) == 0 || within != nil && len(within) == 0 {
		return nil, nil
	}
	if before == 0 {
		before = math.MaxInt64
	}
	if scope == content.TitleFields {
		in := terms
		terms = make([]content.Term, len(in))
		for i, term := range in {
			terms[i] = content.Term{Word: TitleMark + term.Word, Prefix: term.Prefix, Or: marked(term.Or)}
		}
	}
	reaches := t.store.dialect.Search.Reaches()
	if len(reaches) > 0 && within == nil {
		var newest int64
		if err := t.into("SELECT COALESCE(MAX(seq), 0) FROM search_docs WHERE seq < $1", []any{before}, &newest); err != nil {
			return nil, err
		}
		for _, reach := range reaches {
			if newest < reach {
				break
			}
			out, err := t.match(terms, filter, nil, newest-reach, newest+1, limit)
			if err != nil || len(out) == limit {
				return out, err
			}
		}
	}
	return t.match(terms, filter, within, 0, before, limit)
}

// match finds matches from from up to, but not at, before. A from of 0 looks everywhere below.
func (t *tx) match(terms []content.Term, filter content.Filter, within []content.ResourceID, from, before int64, limit int) ([]content.Match, error) {
	var a arguments
	to := before
	if from == 0 {
		to = 0
	}
	tables, where, order := t.store.dialect.Search.Match(terms, from, to, a.add)
	where += " AND " + order + " < " + a.add(before)
	if from > 0 {
		where += " AND " + order + " >= " + a.add(from)
	}
	if t.store.dialect.Fence && within == nil {
		// Found and sorted before anything else is looked at: the planner, who knows nothing of the words, might go
		// through all documents from the newest on, or look up the place of every match.
		tables = "(SELECT d.seq, d.resource_id FROM " + tables + " WHERE " + where + " ORDER BY " + order + " DESC OFFSET 0) d"
		where = "true"
	}
	where += " AND" + notHidden
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
	}, "SELECT r.id, f.chain, d.seq FROM "+tables+` JOIN resources r ON r.id = d.resource_id JOIN folders f ON f.id = r.parent_id
		WHERE `+where+conditions+" ORDER BY "+order+" DESC LIMIT "+a.add(limit), a.values...)
	return out, err
}
