package cell

import (
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"sextant/kernel"
	"sextant/kernel/engine"
	"sextant/kernel/resultfile"
)

// storeRequest is how a client asks for full results to be kept.
type storeRequest struct {
	// Dir is where; ignored where the kernel was started with a directory of its own.
	Dir string `json:"dir"`
	// MaxRows and MaxBytes bound each result; 0 is the kernel's own bound.
	MaxRows  int64 `json:"max_rows"`
	MaxBytes int64 `json:"max_bytes"`
	// Optional keeps a result that cannot be stored from failing the cell; nothing tells of it then.
	Optional bool `json:"optional"`
	// NoSync leaves it to the client to make the files durable.
	NoSync bool `json:"no_sync"`
	// Link is what leads people to a stored result, its reference added: it stands under the table. Empty for none.
	Link string `json:"link"`
}

// maxOptional is how many results of one cell are stored where storing is optional.
const maxOptional = 100

// stored is the storing of one result; its methods do nothing on nil.
type stored struct {
	w    *resultfile.Writer
	ref  string
	cols []engine.Column
	req  *storeRequest
}

// openStore begins a result file, or gives nil where none was asked for.
func (r *run) openStore(res engine.Result) (*stored, error) {
	req := r.meta.Sextant.StoreResult
	if req == nil {
		return nil, nil
	}
	if req.Optional && r.stored >= maxOptional {
		return nil, nil
	}
	r.stored++
	dir := r.opts.ResultDir
	if dir == "" && !r.opts.Locked {
		dir = req.Dir
	}
	if dir == "" && req.Optional {
		return nil, nil
	}
	if dir == "" || !filepath.IsAbs(dir) {
		return nil, &kernel.Failure{Name: "BadRequest", Value: "the request asks to store its result, but no directory for results is set"}
	}
	ref := uuid.Must(uuid.NewV7()).String()
	w, err := resultfile.Create(filepath.Join(dir, ref+".parquet"), res.Schema(), res.Columns(), resultfile.Options{MaxRows: req.MaxRows, MaxBytes: req.MaxBytes, NoSync: req.NoSync})
	if err != nil {
		if req.Optional {
			return nil, nil
		}
		return nil, &kernel.Failure{Name: "StoreError", Value: "the result could not be stored: " + err.Error()}
	}
	return &stored{w: w, ref: ref, cols: res.Columns(), req: req}, nil
}

// write stores a batch; full means that no more is wanted.
func (s *stored) write(batch arrow.RecordBatch) (full bool, err error) {
	if s == nil || s.w == nil {
		return true, nil
	}
	full, err = s.w.Write(batch)
	if err != nil {
		if s.req.Optional {
			s.abort()
			s.w = nil
			return true, nil
		}
		return full, &kernel.Failure{Name: "StoreError", Value: "the result could not be stored: " + err.Error()}
	}
	return full, nil
}

// storedInfo is what the display message says of the stored result.
type storedInfo struct {
	Ref      string         `json:"ref"`
	Path     string         `json:"path"`
	Rows     int64          `json:"rows"`
	Bytes    int64          `json:"bytes"`
	Complete bool           `json:"complete"`
	Schema   []storedColumn `json:"schema"`
	link     string
}

type storedColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func (s *stored) close() (*storedInfo, error) {
	if s == nil || s.w == nil {
		return nil, nil
	}
	info, err := s.w.Close()
	if err != nil {
		if s.req.Optional {
			return nil, nil
		}
		return nil, &kernel.Failure{Name: "StoreError", Value: "the result could not be stored: " + err.Error()}
	}
	out := &storedInfo{Ref: s.ref, Path: info.Path, Rows: info.Rows, Bytes: info.Bytes, Complete: info.Complete}
	if strings.HasPrefix(s.req.Link, "https://") || strings.HasPrefix(s.req.Link, "http://") {
		out.link = s.req.Link + s.ref
	}
	for _, c := range s.cols {
		out.Schema = append(out.Schema, storedColumn{c.Name, c.Type})
	}
	s.w = nil
	return out, nil
}

// abort removes a file that was not closed.
func (s *stored) abort() {
	if s != nil && s.w != nil {
		s.w.Abort()
	}
}

func (i *storedInfo) addTo(metadata map[string]any) {
	if i == nil {
		return
	}
	if m, ok := metadata["sextant"].(map[string]any); ok {
		m["result"] = i
	}
}
