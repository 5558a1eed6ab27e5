package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// bounds of the histogram's buckets, in seconds.
var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// metrics of what was served, written as Prometheus reads them.
type metrics struct {
	mutex     sync.Mutex
	requests  map[string]int
	durations map[string]*histogram
}

type histogram struct {
	buckets []int
	count   int
	sum     float64
}

func newMetrics() *metrics {
	return &metrics{requests: map[string]int{}, durations: map[string]*histogram{}}
}

// served counts a request; route is the pattern, so that paths do not become series.
func (m *metrics) served(method, route string, status int, duration time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	labels := fmt.Sprintf(`method=%s,route=%s`, quoted(method), quoted(route))
	m.requests[fmt.Sprintf(`%s,status="%d"`, labels, status)]++
	of := m.durations[labels]
	if of == nil {
		of = &histogram{buckets: make([]int, len(bounds))}
		m.durations[labels] = of
	}
	seconds := duration.Seconds()
	of.count++
	of.sum += seconds
	for at, bound := range bounds {
		if seconds <= bound {
			of.buckets[at]++
		}
	}
}

func (m *metrics) write(out io.Writer, breakers []breakerReport) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	line := func(format string, values ...any) { _, _ = fmt.Fprintf(out, format+"\n", values...) }
	line("# HELP http_server_requests_total Requests answered.")
	line("# TYPE http_server_requests_total counter")
	for _, labels := range slices.Sorted(maps.Keys(m.requests)) {
		line("http_server_requests_total{%s} %d", labels, m.requests[labels])
	}
	line("# HELP http_server_request_duration_seconds Time to answer a request.")
	line("# TYPE http_server_request_duration_seconds histogram")
	for _, labels := range slices.Sorted(maps.Keys(m.durations)) {
		of := m.durations[labels]
		for at, bound := range bounds {
			line(`http_server_request_duration_seconds_bucket{%s,le="%g"} %d`, labels, bound, of.buckets[at])
		}
		line(`http_server_request_duration_seconds_bucket{%s,le="+Inf"} %d`, labels, of.count)
		line("http_server_request_duration_seconds_sum{%s} %g", labels, of.sum)
		line("http_server_request_duration_seconds_count{%s} %d", labels, of.count)
	}
	line("# HELP circuit_breaker_state 1 for the state a breaker is in.")
	line("# TYPE circuit_breaker_state gauge")
	for _, it := range breakers {
		for _, state := range []string{closed, open, halfOpen} {
			line(`circuit_breaker_state{name=%s,state="%s"} %d`, quoted(it.Name), state, number(it.State == state))
		}
	}
	line("# HELP circuit_breaker_calls_total Calls by what the breaker made of them.")
	line("# TYPE circuit_breaker_calls_total counter")
	for _, it := range breakers {
		for _, outcome := range slices.Sorted(maps.Keys(it.Counts)) {
			line(`circuit_breaker_calls_total{name=%s,outcome="%s"} %d`, quoted(it.Name), outcome, it.Counts[outcome])
		}
	}
}

func quoted(label string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(label) + `"`
}
