package main

import (
	"errors"
	"sync"
	"time"
)

// errOpen is what a call gets that an open breaker does not let through.
var errOpen = errors.New("circuit breaker is open")

// outcome is what a breaker learns from a call.
type outcome int

const (
	// success lowers the failure rate.
	success outcome = iota
	// failure raises it.
	failure
	// ignored tells nothing of the other side: it refused the request (4xx), or the
	// caller went away.
	ignored
)

const (
	closed   = "closed"
	open     = "open"
	halfOpen = "half_open"
)

// breakerSettings say when a breaker opens and for how long. Zero means: not this rule.
type breakerSettings struct {
	failureRate  float64 // percent of the window
	consecutive  int
	windowCalls  int
	window       time.Duration
	minimumCalls int
	slowCall     time.Duration
	slowRate     float64 // percent of the window
	openFor      time.Duration
	trials       int
}

// breaker stops calling what keeps failing.
//
// gobreaker is not used here: its windows are of time alone, and it knows neither a
// window of calls nor slow ones.
type breaker struct {
	name     string
	settings breakerSettings
	now      func() time.Time

	mutex sync.Mutex
	state string
	// round grows with every change of state: what was let through before it tells
	// nothing of after.
	round     int
	openUntil time.Time
	inARow    int
	window    window
	admitted  int // trials under way or done well
	succeeded int // trials done well
	counts    map[string]int
}

func newBreaker(name string, settings breakerSettings, now func() time.Time) *breaker {
	counts := map[string]int{"success": 0, "failure": 0, "rejected": 0, "slow": 0, "ignored": 0}
	return &breaker{
		name:     name,
		settings: settings,
		now:      now,
		state:    closed,
		window:   window{calls: settings.windowCalls, period: settings.window},
		counts:   counts,
	}
}

// permit belongs to one call that was let through.
type permit struct {
	round   int
	started time.Time
}

// acquire lets a call through, or not; each permit is given back with done.
func (b *breaker) acquire() (permit, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now := b.now()
	b.refresh(now)
	if b.state == open || b.state == halfOpen && b.admitted >= b.settings.trials {
		b.counts["rejected"]++
		return permit{}, errOpen
	}
	if b.state == halfOpen {
		b.admitted++
	}
	return permit{round: b.round, started: now}, nil
}

// done tells how the call went.
func (b *breaker) done(permit permit, result outcome) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now := b.now()
	isSlow := b.settings.slowRate > 0 && b.settings.slowCall > 0 && now.Sub(permit.started) >= b.settings.slowCall
	switch {
	case result == ignored:
		b.counts["ignored"]++
	case result == failure:
		b.counts["failure"]++
	case isSlow:
		b.counts["slow"]++
	default:
		b.counts["success"]++
	}
	b.refresh(now)
	switch {
	case permit.round != b.round:
	case result == ignored:
		if b.state == halfOpen {
			b.admitted--
		}
	case b.state == halfOpen:
		b.tried(now, result == success && !isSlow)
	default:
		b.counted(now, result == failure, isSlow)
	}
}

func (b *breaker) tried(now time.Time, isWell bool) {
	if !isWell {
		b.trip(now)
		return
	}
	b.succeeded++
	if b.succeeded >= b.settings.trials {
		b.enter(closed)
	}
}

func (b *breaker) counted(now time.Time, isFailure, isSlow bool) {
	b.window.add(now, isFailure, isSlow)
	b.inARow++
	if !isFailure {
		b.inARow = 0
	}
	total := b.window.total
	isEnough := total.calls >= max(b.settings.minimumCalls, 1)
	rules := b.settings
	isTripped := rules.consecutive > 0 && b.inARow >= rules.consecutive ||
		isEnough && rules.failureRate > 0 && percent(total.failures, total.calls) >= rules.failureRate ||
		isEnough && rules.slowRate > 0 && percent(total.slow, total.calls) >= rules.slowRate
	if isTripped {
		b.trip(now)
	}
}

func (b *breaker) trip(now time.Time) {
	b.openUntil = now.Add(b.settings.openFor)
	b.enter(open)
}

// refresh lets time pass: calls leave the window, an open breaker tries again.
func (b *breaker) refresh(now time.Time) {
	b.window.forget(now)
	if b.state == open && !now.Before(b.openUntil) {
		b.enter(halfOpen)
	}
}

func (b *breaker) enter(state string) {
	b.state = state
	b.round++
	b.admitted, b.succeeded, b.inARow = 0, 0, 0
	b.window.clear()
}

// breakerReport is a breaker as /breakers shows it.
type breakerReport struct {
	Name               string         `json:"name"`
	State              string         `json:"state"`
	FailureRatePercent *float64       `json:"failure_rate_percent"`
	BufferedCalls      int            `json:"buffered_calls"`
	NotPermittedCalls  int            `json:"not_permitted_calls"`
	OpenRemainingMs    int64          `json:"open_remaining_ms"`
	Counts             map[string]int `json:"calls_total"`
}

func (b *breaker) report() breakerReport {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now := b.now()
	b.refresh(now)
	report := breakerReport{
		Name:              b.name,
		State:             b.state,
		BufferedCalls:     b.window.total.calls,
		NotPermittedCalls: b.counts["rejected"],
		Counts:            make(map[string]int, len(b.counts)),
	}
	if b.window.total.calls > 0 {
		rate := percent(b.window.total.failures, b.window.total.calls)
		report.FailureRatePercent = &rate
	}
	if b.state == open {
		report.OpenRemainingMs = b.openUntil.Sub(now).Milliseconds()
	}
	for name, count := range b.counts {
		report.Counts[name] = count
	}
	return report
}

func percent(part, whole int) float64 {
	return 100 * float64(part) / float64(whole)
}

// grains of a window of time: it forgets a twentieth of itself at once.
const grains = 20

// window holds the calls that count: the last so many, those of the last so long, or both.
type window struct {
	calls  int
	period time.Duration
	tally  []tally
	total  tally
}

type tally struct {
	since                 time.Time
	calls, failures, slow int
}

func (w *window) add(now time.Time, isFailure, isSlow bool) {
	one := tally{since: now, calls: 1, failures: number(isFailure), slow: number(isSlow)}
	last := len(w.tally) - 1
	if w.calls == 0 && last >= 0 && now.Sub(w.tally[last].since) < w.period/grains {
		w.tally[last].add(one, 1)
	} else {
		w.tally = append(w.tally, one)
	}
	w.total.add(one, 1)
	if w.calls > 0 && w.total.calls > w.calls {
		w.drop()
	}
}

func (w *window) forget(now time.Time) {
	for w.period > 0 && len(w.tally) > 0 && now.Sub(w.tally[0].since) >= w.period {
		w.drop()
	}
}

func (w *window) drop() {
	w.total.add(w.tally[0], -1)
	w.tally = w.tally[1:]
}

func (w *window) clear() {
	w.tally, w.total = nil, tally{}
}

func (t *tally) add(other tally, sign int) {
	t.calls += sign * other.calls
	t.failures += sign * other.failures
	t.slow += sign * other.slow
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}
