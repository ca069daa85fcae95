// Command load sends the same HTTP request again and again and prints how long the answers took, as one line of JSON.
// Whoever measures a server reads the server's own figures before and after: what sending costs is not among them.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// counter is replaced in the body and the URL by a number of the same length that no other request of the run has;
// worker in the URL by the number of the connection that sends, and ident by that connection's id, or with -each by the
// next id in turn for every request.
const (
	counter = "@@COUNT@@"
	worker  = "@@WORKER@@"
	ident   = "@@ID@@"
)

// order is what to send, and how.
type order struct {
	method, url string
	header      http.Header
	before      []byte // the body up to the counter, or all of it
	after       []byte
	counted     bool
	first       int64
	workers     int
	requests    int
	ids         []string
	each        bool
}

// result is what load prints. Times are in milliseconds.
type result struct {
	Requests int     `json:"requests"`
	Seconds  float64 `json:"seconds"`
	Bytes    int64   `json:"bytes"` // of the answers
	P50      float64 `json:"p50"`
	P95      float64 `json:"p95"`
	P99      float64 `json:"p99"`
}

type headers http.Header

func (h headers) String() string { return "" }

// Set implements flag.Value.
func (h headers) Set(s string) error {
	name, value, ok := strings.Cut(s, ":")
	if !ok {
		return fmt.Errorf("want Name: value")
	}
	http.Header(h).Add(name, strings.TrimSpace(value))
	return nil
}

func main() {
	o := order{header: http.Header{}}
	flag.StringVar(&o.method, "method", http.MethodGet, "HTTP method")
	flag.StringVar(&o.url, "url", "", "address; "+worker+" becomes the connection's number")
	flag.Var(headers(o.header), "header", "'Name: value', as often as needed")
	body := flag.String("body", "", "file with the body; "+counter+" becomes a number")
	ids := flag.String("ids", "", "ids, separated by commas, of which each connection takes one for "+ident+" in the address")
	flag.BoolVar(&o.each, "each", false, "each request takes the next id")
	flag.Int64Var(&o.first, "first", 1, "the first number")
	flag.IntVar(&o.workers, "concurrency", 1, "connections that send at the same time")
	flag.IntVar(&o.requests, "requests", 100, "requests altogether")
	flag.Parse()
	o.ids = strings.Split(*ids, ",")
	if err := run(o, *body); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(o order, file string) error {
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		o.before, o.after, o.counted = bytes.Cut(text, []byte(counter))
	}
	r, err := o.send()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// send sends everything; the first failure ends it.
func (o order) send() (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.workers, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var next, received atomic.Int64
	took := make([][]float64, o.workers)
	failed := make([]error, o.workers)
	var stop atomic.Bool
	var all sync.WaitGroup
	began := time.Now()
	for w := range o.workers {
		all.Go(func() {
			url := strings.ReplaceAll(o.url, worker, strconv.Itoa(w))
			if !o.each {
				url = strings.ReplaceAll(url, ident, o.ids[w%len(o.ids)])
			}
			for !stop.Load() {
				n := next.Add(1)
				if n > int64(o.requests) {
					return
				}
				start := time.Now()
				size, err := o.one(client, strings.ReplaceAll(url, ident, o.ids[int(n-1)%len(o.ids)]), o.first+n-1)
				if err != nil {
					failed[w] = err
					stop.Store(true)
					return
				}
				received.Add(size)
				took[w] = append(took[w], float64(time.Since(start).Microseconds())/1000)
			}
		})
	}
	all.Wait()
	r := result{Seconds: time.Since(began).Seconds(), Bytes: received.Load()}
	for _, err := range failed {
		if err != nil {
			return r, err
		}
	}
	times := slices.Concat(took...)
	slices.Sort(times)
	at := func(percent int) float64 { return times[min(len(times)-1, len(times)*percent/100)] }
	r.Requests, r.P50, r.P95, r.P99 = len(times), at(50), at(95), at(99)
	return r, nil
}

// one sends one request and reads its answer to the end.
func (o order) one(client *http.Client, url string, number int64) (int64, error) {
	var body io.Reader
	size := int64(len(o.before))
	if o.before != nil {
		body = bytes.NewReader(o.before)
	}
	if o.counted {
		text := fmt.Sprintf("%0*d", len(counter), number)
		body = io.MultiReader(body, strings.NewReader(text), bytes.NewReader(o.after))
		size += int64(len(text) + len(o.after))
	}
	request, err := http.NewRequest(o.method, strings.ReplaceAll(url, counter, fmt.Sprintf("%0*d", len(counter), number)), body)
	if err != nil {
		return 0, err
	}
	request.Header = o.header.Clone()
	request.ContentLength = size
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() // read to its end, so nothing can fail
	if answer.StatusCode/100 != 2 && answer.StatusCode != http.StatusNotModified {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 300)) // what can be read of it
		return 0, fmt.Errorf("%s %s: %s: %s", o.method, url, answer.Status, text)
	}
	return io.Copy(io.Discard, answer.Body)
}
