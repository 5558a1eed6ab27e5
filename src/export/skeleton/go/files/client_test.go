package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// calling makes a client of a server that answers what the test says; its waits are
// written down and never waited for.
func calling(t *testing.T, it dependency, settings callSettings, handler http.HandlerFunc) (*client, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	settings.url = server.URL
	settings.name = it.name
	c := newClient(it, settings)
	waits := &[]time.Duration{}
	c.wait = func(_ context.Context, duration time.Duration) error {
		*waits = append(*waits, duration)
		return nil
	}
	return c, waits
}

func answering(status int, count *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		count.Add(1)
		w.WriteHeader(status)
	}
}

func TestRepeatsOnlyWhatDoesNoHarmTwice(t *testing.T) {
	for _, it := range []struct {
		dependency dependency
		method     string
		status     int
		sent       int32
	}{
		{dependency{}, http.MethodGet, 503, 3},
		{dependency{}, http.MethodPost, 503, 1},
		{dependency{mayRepeat: true}, http.MethodPost, 503, 3},
		{dependency{neverRepeat: true}, http.MethodGet, 503, 1},
		{dependency{}, http.MethodGet, 404, 1},
		{dependency{}, http.MethodGet, 200, 1},
	} {
		var sent atomic.Int32
		c, _ := calling(t, it.dependency, callSettings{retries: 2}, answering(it.status, &sent))
		_, err := c.call(t.Context(), it.method, "/", nil)
		if sent.Load() != it.sent || (err != nil) != (it.status >= 500) {
			t.Errorf("%+v: sent %d times, %v", it, sent.Load(), err)
		}
	}
}

func TestWaitsLongerEachTimeUpToALimit(t *testing.T) {
	var sent atomic.Int32
	settings := callSettings{retries: 4, backoff: 100 * time.Millisecond, maxBackoff: 300 * time.Millisecond, noJitter: true}
	c, waits := calling(t, dependency{}, settings, answering(500, &sent))
	_, _ = c.call(t.Context(), http.MethodGet, "/", nil)
	want := []time.Duration{100, 200, 300, 300}
	if len(*waits) != len(want) {
		t.Fatal(*waits)
	}
	for at, it := range *waits {
		if it != want[at]*time.Millisecond {
			t.Fatal(*waits)
		}
	}
	c.settings.noJitter = false
	for range 100 {
		if pause := c.pause(1); pause < 0 || pause > 200*time.Millisecond {
			t.Fatal(pause)
		}
	}
}

func TestGivesUpAfterItsTime(t *testing.T) {
	settings := callSettings{timeout: time.Millisecond, breaker: &breakerSettings{consecutive: 1, openFor: time.Hour, trials: 1}}
	c, _ := calling(t, dependency{}, settings, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if _, err := c.call(t.Context(), http.MethodGet, "/", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	is(t, c.breaker, open)
}

func TestStopsCallingWhatFailsAndFallsBack(t *testing.T) {
	var sent atomic.Int32
	settings := callSettings{retries: 1, breaker: &breakerSettings{consecutive: 2, openFor: time.Hour, trials: 1}}
	it := dependency{name: "other", hasFallback: true, fallback: "an old answer"}
	c, _ := calling(t, it, settings, answering(500, &sent))
	for range 3 {
		found, err := c.call(t.Context(), http.MethodGet, "/", nil)
		if err != nil || string(found.body) != `{"fallback":"an old answer"}` {
			t.Fatal(found, err)
		}
	}
	is(t, c.breaker, open)
	if sent.Load() != 2 {
		t.Fatalf("sent %d times", sent.Load())
	}
}

func TestARefusalAndACallerWhoLeavesAreNoFailures(t *testing.T) {
	var sent atomic.Int32
	settings := callSettings{breaker: &breakerSettings{consecutive: 1, openFor: time.Hour, trials: 1}}
	c, _ := calling(t, dependency{}, settings, answering(404, &sent))
	if found, err := c.call(t.Context(), http.MethodGet, "/", nil); err != nil || found.status != 404 {
		t.Fatal(found, err)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.call(left, http.MethodGet, "/", nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	is(t, c.breaker, closed)
	if got := c.breaker.report().Counts["ignored"]; got != 2 {
		t.Fatalf("%d ignored", got)
	}
}

func TestNoMoreCallsAtOnceThanAllowed(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	c, _ := calling(t, dependency{}, callSettings{bulkhead: 1}, func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	})
	done := make(chan error)
	go func() {
		_, err := c.call(t.Context(), http.MethodGet, "/", nil)
		done <- err
	}()
	<-entered
	if _, err := c.call(t.Context(), http.MethodGet, "/", nil); !errors.Is(err, errBusy) {
		t.Fatal(err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestReadsItsNumbersFromTheEnvironment(t *testing.T) {
	variables := map[string]string{
		"A_URL": "http://a:1/", "A_2_TIMEOUT_MS": "750", "A_2_RETRIES": "2", "A_2_RETRY_BACKOFF_MS": "40",
		"A_2_BREAKER_FAILURE_RATE": "12.5", "A_2_BREAKER_WINDOW_CALLS": "8", "A_2_BREAKER_NAME": "odd",
	}
	of := environment(func(name string) string { return variables[name] })
	got, err := of.calls(dependency{name: "a", prefix: "A_2", address: "A_URL"})
	if err != nil {
		t.Fatal(err)
	}
	if got.url != "http://a:1" || got.timeout != 750*time.Millisecond || got.retries != 2 || got.name != "odd" {
		t.Fatalf("%+v", got)
	}
	want := breakerSettings{failureRate: 12.5, windowCalls: 8, minimumCalls: 8, openFor: 30 * time.Second, trials: 3}
	if *got.breaker != want {
		t.Fatalf("%+v", *got.breaker)
	}
	if other, err := of.calls(dependency{name: "a", prefix: "A"}); err != nil || other.breaker != nil {
		t.Fatal("a breaker that nobody drew", err)
	}
}

func TestNamesWhatCannotBeUsed(t *testing.T) {
	for _, it := range [][2]string{
		{"A_URL", ""}, {"A_URL", "a:1"}, {"A_TIMEOUT_MS", "0"}, {"A_TIMEOUT_MS", "-1"}, {"A_TIMEOUT_MS", "1s"},
		{"A_BULKHEAD", "0"}, {"A_RETRIES", "-1"}, {"A_RETRY_JITTER", "yes"}, {"A_BREAKER_FAILURE_RATE", "101"},
		{"A_BREAKER_FAILURE_RATE", "half"}, {"A_BREAKER_OPEN_MS", "soon"},
	} {
		variables := map[string]string{"A_URL": "http://a:1", it[0]: it[1]}
		of := environment(func(name string) string { return variables[name] })
		_, err := of.calls(dependency{name: "a", prefix: "A", address: "A_URL", isHard: true})
		if err == nil || !strings.Contains(err.Error(), it[0]) {
			t.Errorf("%s=%s: %v", it[0], it[1], err)
		}
	}
}

func TestRefusesTwoBreakersOfOneName(t *testing.T) {
	all := []dependency{{name: "a", prefix: "A", address: "A_URL"}, {name: "b", prefix: "B", address: "A_URL"}}
	variables := map[string]string{"A_BREAKER_OPEN_MS": "1", "B_BREAKER_OPEN_MS": "1"}
	of := environment(func(name string) string { return variables[name] })
	if _, err := callersOf(all, slog.Default(), of); err != nil {
		t.Fatal(err)
	}
	variables["B_BREAKER_NAME"] = "a"
	if _, err := callersOf(all, slog.Default(), of); err == nil {
		t.Fatal("two breakers of one name")
	}
}
