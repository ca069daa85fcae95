package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
)

// maxStatements bounds the prepared statements that one connection keeps. All of the store's take fewer.
const maxStatements = 256

// preparing makes connections that prepare a statement once and keep it. SQLite parses and plans a statement anew each
// time it is given as text, which for a look-up by key costs more than to run it.
type preparing struct{ driver.Connector }

// Connect implements driver.Connector.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	own, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("sqlite: the driver's connections lack what is used of them"), c.Close())
	}
	return &conn{sqliteConn: own, idle: map[string][]preparedStatement{}}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type preparedStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// conn is a connection with its prepared statements. Like every driver.Conn it is used by one goroutine at a time.
type conn struct {
	sqliteConn
	// idle are the statements that nobody reads rows of, by text: one that is running is not among them, so that the
	// same text can run again while its rows are read.
	idle map[string][]preparedStatement
	kept int
}

func (c *conn) take(ctx context.Context, text string) (preparedStatement, error) {
	if waiting := c.idle[text]; len(waiting) > 0 {
		s := waiting[len(waiting)-1]
		c.idle[text] = waiting[:len(waiting)-1]
		c.kept--
		return s, nil
	}
	s, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	own, ok := s.(preparedStatement)
	if !ok {
		return nil, errors.Join(errors.New("sqlite: the driver's statements lack what is used of them"), s.Close())
	}
	return own, nil
}

// put keeps a statement for the next time. Where the connection has as many as it may, all of those go: a store whose
// statements are more than that has none that recur.
func (c *conn) put(text string, s preparedStatement) error {
	var err error
	if c.kept >= maxStatements {
		err = c.forget()
	}
	c.idle[text] = append(c.idle[text], s)
	c.kept++
	return err
}

func (c *conn) forget() error {
	var faults []error
	for _, statements := range c.idle {
		for _, s := range statements {
			faults = append(faults, s.Close())
		}
	}
	clear(c.idle)
	c.kept = 0
	return errors.Join(faults...)
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, errors.Join(err, c.put(text, s))
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.put(text, s))
	}
	return &rows{Rows: r, c: c, s: s, text: text}, nil
}

// Close implements driver.Conn.
func (c *conn) Close() error { return errors.Join(c.forget(), c.sqliteConn.Close()) }

// rows give their statement back when they are closed.
type rows struct {
	driver.Rows
	c    *conn
	s    preparedStatement
	text string
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	if r.s == nil {
		return nil
	}
	err := r.Rows.Close()
	s := r.s
	r.s = nil
	return errors.Join(err, r.c.put(r.text, s))
}
