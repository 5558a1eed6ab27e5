package main

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// mostAsked is how much of a request's body is read, in bytes.
const mostAsked = 1 << 20

// api is everything a handler needs.
type api struct {
	callers
	metrics    *metrics
	isDraining atomic.Bool
}

// newAPI fails where a variable cannot be used, or one that is needed is missing.
func newAPI(log *slog.Logger, of environment) (*api, error) {
	all, err := newCallers(log, of)
	if err != nil {
		return nil, err
	}
	return &api{callers: all, metrics: newMetrics()}, nil
}

// handler serves the operations and what watches over them.
func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+exactly(healthPath), func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET "+exactly(readyPath), a.ready)
	mux.HandleFunc("GET "+exactly(breakersPath), func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string][]breakerReport{"breakers": a.breakers()})
	})
	mux.HandleFunc("GET "+exactly(metricsPath), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		a.metrics.write(w, a.breakers())
	})
	a.operations(mux)
	return a.observed(mux)
}

// exactly keeps a pattern that ends with a slash from taking everything below it.
func exactly(path string) string {
	if path[len(path)-1] == '/' {
		return path + "{$}"
	}
	return path
}

// ready says whether to send requests here. An open breaker is told of and no more:
// restarting this service would not heal the other one.
func (a *api) ready(w http.ResponseWriter, _ *http.Request) {
	if a.isDraining.Load() {
		write(w, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		return
	}
	status, checks := "ok", map[string]map[string]string{}
	for _, it := range a.breakers() {
		check := "ok"
		if it.State != closed {
			status, check = "degraded", "degraded"
		}
		checks[it.Name] = map[string]string{"status": check}
	}
	write(w, http.StatusOK, map[string]any{"status": status, "checks": checks})
}

// example asks every dependency, and tells how each answered: put the real work here.
func (a *api) example(w http.ResponseWriter, r *http.Request, operation string) {
	asked, failed := a.ask(r.Context())
	status := http.StatusOK
	if failed {
		status = http.StatusBadGateway
	}
	write(w, status, map[string]any{"operation": operation, "dependencies": asked})
}

// observed gives a request its ids, and writes and counts what came of it.
func (a *api) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		it := idsFrom(r.Header)
		r = r.WithContext(withIDs(r.Context(), it))
		r.Body = http.MaxBytesReader(w, r.Body, mostAsked)
		w.Header().Set("X-Request-ID", it.request)
		watched := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if cause := recover(); cause != nil {
				a.log.ErrorContext(r.Context(), "panic", "error.type", "panic", "error.stack_trace", string(debug.Stack()))
				if !watched.hasStarted {
					write(watched, http.StatusInternalServerError, map[string]string{"error": "internal error"})
				}
			}
			duration := time.Since(started)
			a.metrics.served(knownMethod(r.Method), routeOf(r), watched.status, duration)
			a.log.InfoContext(r.Context(), "request",
				"http.request.method", r.Method, "url.path", r.URL.Path,
				"http.response.status_code", watched.status, "event.duration", duration.Nanoseconds())
		}()
		next.ServeHTTP(watched, r)
	})
}

// routeOf is the path of the pattern that matched.
func routeOf(r *http.Request) string {
	_, route, hasMatched := strings.Cut(r.Pattern, " ")
	if !hasMatched {
		return "unmatched"
	}
	return strings.TrimSuffix(route, "{$}")
}

// knownMethod keeps made-up methods from becoming series.
func knownMethod(method string) string {
	known := append(slices.Clone(repeatedMethods), http.MethodPost, http.MethodPatch)
	if slices.Contains(known, method) {
		return method
	}
	return "other"
}

// recorder remembers the status.
type recorder struct {
	http.ResponseWriter
	status     int
	hasStarted bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.hasStarted {
		r.status, r.hasStarted = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(bytes []byte) (int, error) {
	r.hasStarted = true
	return r.ResponseWriter.Write(bytes)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(asJSON(value))
}
