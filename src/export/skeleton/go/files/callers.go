package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// callers are the clients of every dependency.
type callers struct {
	log     *slog.Logger
	clients []*client
}

// newCallers fails where a variable cannot be used, or one that is needed is missing.
func newCallers(log *slog.Logger, of environment) (callers, error) {
	return callersOf(dependencies, log, of)
}

func callersOf(all []dependency, log *slog.Logger, of environment) (callers, error) {
	c := callers{log: log}
	names := map[string]bool{}
	for _, it := range all {
		found, err := of.calls(it)
		if err != nil {
			return c, err
		}
		// Two breakers of one name would be one in the metrics, where neither could be read.
		if found.breaker != nil && names[found.name] {
			return c, fmt.Errorf("two breakers are called %q: set another %s_BREAKER_NAME", found.name, it.prefix)
		}
		names[found.name] = names[found.name] || found.breaker != nil
		c.clients = append(c.clients, newClient(it, found))
	}
	return c, nil
}

func (c *callers) breakers() []breakerReport {
	reports := []breakerReport{}
	for _, it := range c.clients {
		if it.breaker != nil {
			reports = append(reports, it.breaker.report())
		}
	}
	return reports
}

// ask calls every dependency once; the second result says whether one that is needed failed.
func (c *callers) ask(ctx context.Context) (map[string]any, bool) {
	asked, hasFailed := map[string]any{}, false
	for _, it := range c.clients {
		var body []byte
		if it.method == http.MethodPost || it.method == http.MethodPut || it.method == http.MethodPatch {
			body = []byte("{}")
		}
		found, err := it.call(ctx, it.method, it.path, body)
		if err != nil {
			c.log.WarnContext(ctx, "call failed", "error.type", typeOf(err), "error.message", err.Error())
			asked[it.name] = typeOf(err)
			hasFailed = hasFailed || it.isHard
			continue
		}
		asked[it.name] = found.status
	}
	return asked, hasFailed
}

func typeOf(err error) string {
	switch {
	case errors.Is(err, errOpen):
		return "circuit_open"
	case errors.Is(err, errBusy):
		return "bulkhead_full"
	case errors.Is(err, errNoAddress):
		return "no_address"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	default:
		return "call_failed"
	}
}

func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return []byte("null")
	}
	return text
}
