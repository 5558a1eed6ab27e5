package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// dependency is a service that this one calls over HTTP.
type dependency struct {
	name string
	// prefix starts the names of its variables.
	prefix string
	// address is the variable that holds its URL.
	address string
	// method and path are what the examples ask it.
	method, path string
	// mayRepeat says that doing it twice is the same as once, whatever the method;
	// neverRepeat that it is not.
	mayRepeat, neverRepeat bool
	// isHard says that an example fails without it.
	isHard bool
	// hasFallback says that there is an answer to fall back on, described by fallback.
	hasFallback bool
	fallback    string
}

// callSettings are the numbers of the calls to one dependency; zero means: no limit.
type callSettings struct {
	url        string
	timeout    time.Duration
	retries    int
	backoff    time.Duration
	maxBackoff time.Duration
	noJitter   bool
	bulkhead   int
	breaker    *breakerSettings
	name       string
}

// environment says what a variable is set to; what is not set is empty.
type environment func(name string) string

// settings reads variables, and keeps what is wrong with them.
type settings struct {
	of     environment
	faults []error
}

func (s *settings) refuse(format string, values ...any) {
	s.faults = append(s.faults, fmt.Errorf(format, values...))
}

func (s *settings) text(name string) string {
	return strings.TrimSpace(s.of(name))
}

// whole is zero where nothing is set.
func (s *settings) whole(name string) int {
	text := s.text(name)
	if text == "" {
		return 0
	}
	value, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		s.refuse("%s must be a whole number, not %q", name, text)
	}
	return int(value)
}

// positive is a limit: with none of it left, every call would fail.
func (s *settings) positive(name string) int {
	value := s.whole(name)
	if value == 0 && s.text(name) != "" {
		s.refuse("%s must be 1 or more, not %q; leave it out for no such limit", name, s.text(name))
	}
	return value
}

func (s *settings) duration(name string) time.Duration {
	return time.Duration(s.whole(name)) * time.Millisecond
}

func (s *settings) percent(name string) float64 {
	text := s.text(name)
	if text == "" {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= 0 && value <= 100) {
		s.refuse("%s must be a percentage, not %q", name, text)
		return 0
	}
	return value
}

func (s *settings) flag(name string, otherwise bool) bool {
	switch text := s.text(name); text {
	case "":
		return otherwise
	case "true", "false":
		return text == "true"
	default:
		s.refuse("%s must be true or false, not %q", name, text)
		return otherwise
	}
}

func (s *settings) url(it dependency) string {
	url := s.text(it.address)
	switch {
	case url == "" && it.isHard:
		s.refuse("%s is not set, and nothing works without %s", it.address, it.name)
	case url != "" && !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://"):
		s.refuse("%s must start with http:// or https://", it.address)
	}
	return strings.TrimRight(url, "/")
}

// calls are the numbers of a dependency; the error names every variable that cannot be used.
func (e environment) calls(it dependency) (callSettings, error) {
	s := &settings{of: e}
	of := func(name string) string { return it.prefix + "_" + name }
	found := callSettings{
		url:        s.url(it),
		timeout:    time.Duration(s.positive(of("TIMEOUT_MS"))) * time.Millisecond,
		retries:    s.whole(of("RETRIES")),
		backoff:    s.duration(of("RETRY_BACKOFF_MS")),
		maxBackoff: s.duration(of("RETRY_MAX_BACKOFF_MS")),
		noJitter:   !s.flag(of("RETRY_JITTER"), true),
		bulkhead:   s.positive(of("BULKHEAD")),
		breaker:    s.breaker(it.prefix + "_BREAKER_"),
		name:       cmp.Or(s.text(of("BREAKER_NAME")), it.name),
	}
	return found, errors.Join(s.faults...)
}

// breaker is nil where no variable says that there is one.
func (s *settings) breaker(prefix string) *breakerSettings {
	numbers := []string{
		"FAILURE_RATE", "CONSECUTIVE_FAILURES", "WINDOW_CALLS", "WINDOW_MS", "MINIMUM_CALLS",
		"SLOW_CALL_MS", "SLOW_CALL_RATE", "OPEN_MS", "HALF_OPEN_CALLS", "NAME",
	}
	isSaid := false
	for _, it := range numbers {
		isSaid = isSaid || s.text(prefix+it) != ""
	}
	if !isSaid {
		return nil
	}
	rules := &breakerSettings{
		failureRate:  s.percent(prefix + "FAILURE_RATE"),
		consecutive:  s.whole(prefix + "CONSECUTIVE_FAILURES"),
		windowCalls:  s.whole(prefix + "WINDOW_CALLS"),
		window:       s.duration(prefix + "WINDOW_MS"),
		minimumCalls: cmp.Or(s.whole(prefix+"MINIMUM_CALLS"), 10),
		slowCall:     s.duration(prefix + "SLOW_CALL_MS"),
		slowRate:     s.percent(prefix + "SLOW_CALL_RATE"),
		openFor:      cmp.Or(s.duration(prefix+"OPEN_MS"), 30*time.Second),
		trials:       cmp.Or(s.whole(prefix+"HALF_OPEN_CALLS"), 3),
	}
	if rules.slowCall > 0 {
		rules.slowRate = cmp.Or(rules.slowRate, 100)
	} else {
		rules.slowRate = 0
	}
	if rules.consecutive == 0 && rules.slowRate == 0 {
		rules.failureRate = cmp.Or(rules.failureRate, 50)
	}
	if rules.window == 0 {
		rules.windowCalls = cmp.Or(rules.windowCalls, 20)
	}
	if rules.windowCalls > 0 {
		// A window that never fills would never open.
		rules.minimumCalls = min(rules.minimumCalls, rules.windowCalls)
	}
	return rules
}

// text is a variable of the process, or what stands in for it.
func text(name, otherwise string) string {
	return cmp.Or(os.Getenv(name), otherwise)
}
