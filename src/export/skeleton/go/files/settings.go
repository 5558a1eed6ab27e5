package main

import (
	"cmp"
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

// environment reads variables; what is not set, or no number, is zero.
type environment func(name string) string

func (e environment) number(name string) float64 {
	value, err := strconv.ParseFloat(e(name), 64)
	if err != nil || value < 0 {
		return 0
	}
	return value
}

func (e environment) whole(name string) int {
	return int(e.number(name))
}

func (e environment) duration(name string) time.Duration {
	return time.Duration(e.number(name) * float64(time.Millisecond))
}

func (e environment) calls(it dependency) callSettings {
	of := func(name string) string { return it.prefix + "_" + name }
	return callSettings{
		url:        strings.TrimRight(e(it.address), "/"),
		timeout:    e.duration(of("TIMEOUT_MS")),
		retries:    e.whole(of("RETRIES")),
		backoff:    e.duration(of("RETRY_BACKOFF_MS")),
		maxBackoff: e.duration(of("RETRY_MAX_BACKOFF_MS")),
		noJitter:   e(of("RETRY_JITTER")) == "false",
		bulkhead:   e.whole(of("BULKHEAD")),
		breaker:    e.breaker(it.prefix + "_BREAKER_"),
		name:       cmp.Or(e(of("BREAKER_NAME")), it.name),
	}
}

// breaker is nil where no variable says that there is one.
func (e environment) breaker(prefix string) *breakerSettings {
	numbers := []string{
		"FAILURE_RATE", "CONSECUTIVE_FAILURES", "WINDOW_CALLS", "WINDOW_MS", "MINIMUM_CALLS",
		"SLOW_CALL_MS", "SLOW_CALL_RATE", "OPEN_MS", "HALF_OPEN_CALLS", "NAME",
	}
	isSaid := false
	for _, it := range numbers {
		isSaid = isSaid || e(prefix+it) != ""
	}
	if !isSaid {
		return nil
	}
	settings := &breakerSettings{
		failureRate:  e.number(prefix + "FAILURE_RATE"),
		consecutive:  e.whole(prefix + "CONSECUTIVE_FAILURES"),
		windowCalls:  e.whole(prefix + "WINDOW_CALLS"),
		window:       e.duration(prefix + "WINDOW_MS"),
		minimumCalls: cmp.Or(e.whole(prefix+"MINIMUM_CALLS"), 10),
		slowCall:     e.duration(prefix + "SLOW_CALL_MS"),
		slowRate:     e.number(prefix + "SLOW_CALL_RATE"),
		openFor:      cmp.Or(e.duration(prefix+"OPEN_MS"), 30*time.Second),
		trials:       cmp.Or(e.whole(prefix+"HALF_OPEN_CALLS"), 3),
	}
	if settings.slowCall > 0 {
		settings.slowRate = cmp.Or(settings.slowRate, 100)
	} else {
		settings.slowRate = 0
	}
	if settings.consecutive == 0 && settings.slowRate == 0 {
		settings.failureRate = cmp.Or(settings.failureRate, 50)
	}
	if settings.window == 0 {
		settings.windowCalls = cmp.Or(settings.windowCalls, 20)
	}
	if settings.windowCalls > 0 {
		// A window that never fills would never open.
		settings.minimumCalls = min(settings.minimumCalls, settings.windowCalls)
	}
	return settings
}

// text is a variable of the process, or what stands in for it.
func text(name, otherwise string) string {
	return cmp.Or(os.Getenv(name), otherwise)
}
