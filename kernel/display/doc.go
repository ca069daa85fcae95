// Package display turns what a statement gave into a Jupyter MIME bundle that is bounded in rows and bytes.
//
// Everything here is pure: Arrow batches, numbers and durations go in, text comes out. The kernel feeds it.
//
//   - Formatter writes one value as DuckDB's CAST(x AS VARCHAR) writes it.
//   - Table collects a result's first rows and gives text/html and text/plain.
//   - Status is the one line for a statement that gives no rows, Progress the one for a statement that still runs.
//   - Chart gives a Vega-Lite specification, Plan the tree of EXPLAIN.
//
// Nothing here gives HTML with script, and every name and value in the HTML is escaped. The HTML reads well when a
// sanitizer has dropped its style element, as JupyterLab does in a notebook that is not trusted.
package display

// The MIME types used as keys of a Bundle's Data.
const (
	MIMEText = "text/plain"
	MIMEHTML = "text/html"
	// MIMEVegaLite is what JupyterLab 4 renders by itself.
	MIMEVegaLite = "application/vnd.vegalite.v5+json"
)

// Bundle is the content of one display_data, execute_result or update_display_data message: both maps are never nil
// and hold only what encoding/json can write.
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}
