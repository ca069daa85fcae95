package api_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

// notebookOf is a notebook of about n bytes, most of them one output.
func notebookOf(n int, source string) string {
	return fmt.Sprintf(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,`+
		`"source":%q,"outputs":[{"output_type":"stream","name":"stdout","text":%q}]}]}`, source, strings.Repeat("0123456789abcde\n", n/17))
}

// BenchmarkHTTP reads and saves notebooks over HTTP, authorised by a token, with everything durable.
func BenchmarkHTTP(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"10kB", 10 << 10}, {"1MB", 1 << 20}} {
		s := servertest.Start(b, func(c *server.Config) { c.LogLevel = "error" })
		made := s.Want(http.StatusCreated, admin, "POST", "v1/resources/root/documents?name=a.ipynb", notebookOf(size.bytes, "start"))
		id := made.JSON(b)["id"].(string)
		send := func(method, body string) error {
			var r io.Reader
			if body != "" {
				r = strings.NewReader(body)
			}
			request, err := http.NewRequestWithContext(b.Context(), method, s.URL+"v1/resources/"+id+"/content", r)
			if err != nil {
				return err
			}
			request.Header.Set("Authorization", "token "+admin)
			request.Header.Set("If-Match", "*")
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s %w", answer.Status, err)
			}
			return nil
		}
		var n atomic.Int64
		b.Run("read/"+size.name, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := send("GET", ""); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run("save/"+size.name, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := send("PUT", notebookOf(size.bytes, fmt.Sprint(n.Add(1)))); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
