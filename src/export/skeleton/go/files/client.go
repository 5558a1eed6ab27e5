package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// mostBytes of an answer are read.
const mostBytes = 1 << 20

var (
	errBusy         = errors.New("too many calls under way")
	errNoAddress    = errors.New("its address is not set")
	repeatedMethods = []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete}
)

// answer of another service; 4xx too, which the caller has to judge.
type answer struct {
	status int
	body   []byte
}

// fallback answers in place of a service that failed.
type fallback func(ctx context.Context, cause error) (*answer, error)

// client calls one service: within a time, again where that does no harm, not while it
// keeps failing, not too often at once.
type client struct {
	dependency
	settings callSettings
	breaker  *breaker      // nil: there is none
	slots    chan struct{} // nil: no limit
	instead  fallback      // nil: a failure is passed on
	http     *http.Client
	wait     func(context.Context, time.Duration) error
}

func newClient(it dependency, settings callSettings) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	c := &client{
		dependency: it,
		settings:   settings,
		wait:       wait,
		http: &http.Client{
			Transport: transport,
			// Another service's redirect is an answer, not an order.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if settings.breaker != nil {
		c.breaker = newBreaker(settings.name, *settings.breaker, time.Now)
	}
	if settings.bulkhead > 0 {
		c.slots = make(chan struct{}, settings.bulkhead)
	}
	if it.hasFallback {
		c.instead = func(context.Context, error) (*answer, error) {
			// Put the real one here.
			return &answer{status: http.StatusOK, body: asJSON(map[string]string{"fallback": it.fallback})}, nil
		}
	}
	return c
}

// call asks the service; ctx carries the ids of the request that it is done for.
func (c *client) call(ctx context.Context, method, path string, body []byte) (*answer, error) {
	found, err := c.attempts(ctx, method, path, body)
	if err == nil || ctx.Err() != nil || c.instead == nil {
		return found, err
	}
	return c.instead(ctx, err)
}

func (c *client) attempts(ctx context.Context, method, path string, body []byte) (*answer, error) {
	retries := 0
	if c.mayRepeat || !c.neverRepeat && slices.Contains(repeatedMethods, method) {
		retries = c.settings.retries
	}
	for attempt := 0; ; attempt++ {
		found, err := c.attempt(ctx, method, path, body)
		isRefused := errors.Is(err, errOpen) || errors.Is(err, errBusy) || errors.Is(err, errNoAddress)
		if err == nil || isRefused || ctx.Err() != nil || attempt >= retries {
			return found, err
		}
		if err := c.wait(ctx, c.pause(attempt)); err != nil {
			return nil, err
		}
	}
}

// pause before the next attempt: doubled each time, capped, anything up to that.
func (c *client) pause(attempt int) time.Duration {
	longest := c.settings.backoff
	for range min(attempt, 32) {
		longest *= 2
		if c.settings.maxBackoff > 0 && longest >= c.settings.maxBackoff {
			break
		}
	}
	if c.settings.maxBackoff > 0 {
		longest = min(longest, c.settings.maxBackoff)
	}
	if c.settings.noJitter || longest <= 0 {
		return longest
	}
	return rand.N(longest + 1)
}

func (c *client) attempt(ctx context.Context, method, path string, body []byte) (*answer, error) {
	if c.settings.url == "" {
		return nil, fmt.Errorf("%s: %w", c.name, errNoAddress)
	}
	if c.slots != nil {
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		default:
			return nil, fmt.Errorf("%s: %w", c.name, errBusy)
		}
	}
	if c.breaker == nil {
		return c.send(ctx, method, path, body)
	}
	permit, err := c.breaker.acquire()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	// A panic on the way counts as a failure.
	result := failure
	defer func() { c.breaker.done(permit, result) }()
	found, err := c.send(ctx, method, path, body)
	switch {
	case err == nil && found.status < 400:
		result = success
	case err == nil || ctx.Err() != nil:
		result = ignored
	}
	return found, err
}

// send tries once. 5xx is an error, 4xx an answer.
func (c *client) send(ctx context.Context, method, path string, body []byte) (*answer, error) {
	if c.settings.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.settings.timeout)
		defer cancel()
	}
	request, err := http.NewRequestWithContext(ctx, method, c.settings.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	idsOf(ctx).passOn(request.Header)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	if response.StatusCode >= 500 {
		return nil, fmt.Errorf("%s answered %d", c.name, response.StatusCode)
	}
	return &answer{status: response.StatusCode, body: content}, nil
}

func wait(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
