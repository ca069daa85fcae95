package wire

// A results worker reads a ResultRequest a line from its standard input and writes a ResultAnswer a line for each to its
// standard output, after a line that says ResultReady.

// ResultReady is what a results worker says first.
const ResultReady = "ready"

// ResultRequest is one statement over the stored result, which is called r, its columns c0, c1 and so on. The first request
// says which that is.
type ResultRequest struct {
	// Open is the result's file, and Data one of Parquet that is none, whose columns keep their names; nothing else is in that
	// request.
	Open string `json:"open,omitempty"`
	Data string `json:"data,omitempty"`
	SQL  string `json:"sql,omitempty"`
	// Offset is where a page of the result as it is begins, where there is no SQL.
	Offset int64 `json:"offset,omitempty"`
	// Rows bounds the rows of the answer, or is how many a page has, Chars the characters of each value; 0 is 1,000 and 10,000.
	Rows  int `json:"rows,omitempty"`
	Chars int `json:"chars,omitempty"`
	// Arrow wants the rows as an Arrow IPC stream, ArrowTo all of them written to that file as one. Labels are the names of the
	// columns there.
	Arrow   bool     `json:"arrow,omitempty"`
	ArrowTo string   `json:"arrowTo,omitempty"`
	Labels  []string `json:"labels,omitempty"`
}

// ResultAnswer is what a statement gave.
type ResultAnswer struct {
	Columns []ResultColumn `json:"columns"`
	// Rows are values as the engine writes them; nil is NULL.
	Rows [][]*string `json:"rows"`
	// Arrow has the rows instead, where that was wanted: whole numbers and truth values as they are, all else as text.
	Arrow []byte `json:"arrow,omitempty"`
	// More tells that there are more rows, Cut how many values were cut.
	More bool `json:"more,omitempty"`
	Cut  int  `json:"cut,omitempty"`
	// Error is why there is no answer, as the engine puts it.
	Error string `json:"error,omitempty"`
}

// ResultColumn is a column of an answer.
type ResultColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Numeric columns are set to the right.
	Numeric bool `json:"numeric,omitempty"`
}
