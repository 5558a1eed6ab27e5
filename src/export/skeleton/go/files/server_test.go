package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func testAPI(t *testing.T) (*api, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	a, err := newAPI(newLogger(log, "test"), func(name string) string {
		if strings.HasSuffix(name, "_URL") {
			return "http://127.0.0.1:1"
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, log
}

func get(a *api, path string, header http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for name, values := range header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	response := httptest.NewRecorder()
	a.handler().ServeHTTP(response, request)
	return response
}

func TestAnswersThoseWhoWatchOverIt(t *testing.T) {
	a, _ := testAPI(t)
	for path, part := range map[string]string{
		healthPath:   `{"status":"ok"}`,
		readyPath:    `"status":"ok"`,
		breakersPath: `{"breakers":[]}`,
		metricsPath:  "# TYPE circuit_breaker_state gauge",
	} {
		if got := get(a, path, nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), part) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestTellsOfItsBreakers(t *testing.T) {
	a, _ := testAPI(t)
	c := newClient(dependency{name: "other"}, callSettings{name: `o"ther`, breaker: &breakerSettings{consecutive: 1, openFor: time.Hour, trials: 1}})
	a.clients = []*client{c}
	call(t, c.breaker, failure)
	if body := get(a, breakersPath, nil).Body.String(); !strings.Contains(body, `"name":"o\"ther","state":"open"`) {
		t.Error(body)
	}
	if body := get(a, readyPath, nil).Body.String(); !strings.Contains(body, `"status":"degraded"}`) {
		t.Error(body)
	}
	page := get(a, metricsPath, nil).Body.String()
	for _, line := range []string{
		`circuit_breaker_state{name="o\"ther",state="closed"} 0`,
		`circuit_breaker_state{name="o\"ther",state="open"} 1`,
		`circuit_breaker_calls_total{name="o\"ther",outcome="failure"} 1`,
		`http_server_requests_total{method="GET",route="` + readyPath + `",status="200"} 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("%s is not in\n%s", line, page)
		}
	}
}

func TestIsNotReadyWhileItStops(t *testing.T) {
	a, _ := testAPI(t)
	a.isDraining.Store(true)
	if got := get(a, readyPath, nil); got.Code != http.StatusServiceUnavailable {
		t.Fatal(got.Code)
	}
}

func TestTakesOnlyUsableIDsAndWritesThemDown(t *testing.T) {
	a, log := testAPI(t)
	trace := strings.Repeat("ab", 16)
	sent := http.Header{"X-Request-Id": {"order-4711"}, "Traceparent": {"00-" + trace + "-00f067aa0ba902b7-01"}}
	if got := get(a, healthPath, sent).Header().Get("X-Request-ID"); got != "order-4711" {
		t.Fatal(got)
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"log.level": "info", "message": "request", "service.name": "test", "trace.id": trace,
		"http.request.id": "order-4711", "http.request.method": "GET", "url.path": healthPath,
		"http.response.status_code": 200.0,
	} {
		if line[name] != want {
			t.Errorf("%s is %v", name, line[name])
		}
	}
	if _, err := time.Parse(time.RFC3339Nano, line["@timestamp"].(string)); err != nil {
		t.Error(err)
	}
	odd := http.Header{"X-Request-Id": {"a b\"c{}<>"}}
	if got := get(a, healthPath, odd).Header().Get("X-Request-ID"); !usableID.MatchString(got) {
		t.Error(got)
	}
}

func TestPassesItsIDsOn(t *testing.T) {
	var received http.Header
	c, _ := calling(t, dependency{}, callSettings{}, func(_ http.ResponseWriter, r *http.Request) { received = r.Header })
	it := idsFrom(http.Header{"X-Request-Id": {"order-4711"}})
	if _, err := c.call(withIDs(t.Context(), it), http.MethodGet, "/", nil); err != nil {
		t.Fatal(err)
	}
	if received.Get("X-Request-ID") != "order-4711" || received.Get("traceparent") != it.parent {
		t.Fatal(received)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	a, log := testAPI(t)
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	response := httptest.NewRecorder()
	a.observed(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })).ServeHTTP(response, request)
	if response.Code != http.StatusInternalServerError || !strings.Contains(log.String(), `"log.level":"error"`) {
		t.Fatal(response.Code, log)
	}
}
