package main

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is moved by the test alone.
type clock struct{ elapsed atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Unix(0, 0).Add(time.Duration(c.elapsed.Load()))
}

func (c *clock) pass(duration time.Duration) {
	c.elapsed.Add(int64(duration))
}

func usualBreaker(clock *clock) *breaker {
	settings := breakerSettings{
		failureRate: 50, windowCalls: 4, minimumCalls: 4, openFor: time.Second, trials: 2,
	}
	return newBreaker("other", settings, clock.now)
}

func call(t *testing.T, b *breaker, result outcome) {
	t.Helper()
	permit, err := b.acquire()
	if err != nil {
		t.Fatalf("%s: %v", b.report().State, err)
	}
	b.done(permit, result)
}

func calls(t *testing.T, b *breaker, results ...outcome) {
	t.Helper()
	for _, it := range results {
		call(t, b, it)
	}
}

func is(t *testing.T, b *breaker, state string) {
	t.Helper()
	if got := b.report().State; got != state {
		t.Fatalf("is %s, not %s", got, state)
	}
}

func TestOpensAtTheRateOnceEnoughCallsWereSeen(t *testing.T) {
	b := usualBreaker(&clock{})
	calls(t, b, success, success, failure)
	is(t, b, closed)
	call(t, b, success)
	is(t, b, closed)
	call(t, b, failure)
	is(t, b, open)
	if _, err := b.acquire(); err != errOpen {
		t.Fatal("an open breaker let a call through")
	}
	if got := b.report().NotPermittedCalls; got != 1 {
		t.Fatalf("%d calls were refused", got)
	}
}

func TestOnlyTheLastCallsCount(t *testing.T) {
	b := usualBreaker(&clock{})
	calls(t, b, failure, success, success, success, success, failure, success, success)
	is(t, b, closed)
	if rate := *b.report().FailureRatePercent; rate != 25 {
		t.Fatalf("%v %%", rate)
	}
}

func TestCallsLeaveAWindowOfTime(t *testing.T) {
	clock := &clock{}
	settings := breakerSettings{failureRate: 50, window: time.Second, minimumCalls: 2, openFor: time.Second, trials: 1}
	b := newBreaker("other", settings, clock.now)
	call(t, b, failure)
	clock.pass(time.Second)
	call(t, b, failure)
	is(t, b, closed)
	clock.pass(999 * time.Millisecond)
	call(t, b, failure)
	is(t, b, open)
}

func TestOpensAfterFailuresInARow(t *testing.T) {
	b := newBreaker("other", breakerSettings{consecutive: 3, windowCalls: 20, openFor: time.Second, trials: 1}, (&clock{}).now)
	calls(t, b, failure, failure, success, failure, failure, ignored)
	is(t, b, closed)
	call(t, b, failure)
	is(t, b, open)
}

func TestOpensWhenTooManyAreSlow(t *testing.T) {
	clock := &clock{}
	settings := breakerSettings{
		slowCall: 100 * time.Millisecond, slowRate: 100, windowCalls: 2, minimumCalls: 2, openFor: time.Second, trials: 1,
	}
	b := newBreaker("other", settings, clock.now)
	for range 2 {
		is(t, b, closed)
		permit, _ := b.acquire()
		clock.pass(100 * time.Millisecond)
		b.done(permit, success)
	}
	is(t, b, open)
}

func TestTellsNothingOfWhatIsIgnored(t *testing.T) {
	b := usualBreaker(&clock{})
	calls(t, b, ignored, ignored, ignored, ignored, failure, failure, failure)
	if got := b.report().BufferedCalls; got != 3 {
		t.Fatalf("%d calls counted", got)
	}
}

func opened(t *testing.T, clock *clock) *breaker {
	t.Helper()
	b := usualBreaker(clock)
	calls(t, b, failure, failure, failure, failure)
	clock.pass(time.Second - 1)
	is(t, b, open)
	clock.pass(1)
	is(t, b, halfOpen)
	return b
}

func TestLetsOnlyItsTrialsThroughHoweverManyComeAtOnce(t *testing.T) {
	b := opened(t, &clock{})
	var admitted atomic.Int32
	var permits sync.Map
	var group sync.WaitGroup
	for number := range 100 {
		group.Add(1)
		go func() {
			defer group.Done()
			if permit, err := b.acquire(); err == nil {
				admitted.Add(1)
				permits.Store(number, permit)
			}
		}()
	}
	group.Wait()
	if admitted.Load() != 2 {
		t.Fatalf("%d trials", admitted.Load())
	}
	permits.Range(func(_, it any) bool {
		is(t, b, halfOpen)
		b.done(it.(permit), success)
		return true
	})
	is(t, b, closed)
}

func TestCountsEveryCallHoweverManyComeAtOnce(t *testing.T) {
	settings := breakerSettings{failureRate: 100, windowCalls: 1000, minimumCalls: 1000, openFor: time.Second, trials: 1}
	b := newBreaker("other", settings, (&clock{}).now)
	var group sync.WaitGroup
	for range 100 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 10 {
				if permit, err := b.acquire(); err == nil {
					b.done(permit, failure)
				}
			}
		}()
	}
	group.Wait()
	is(t, b, open)
	if got := b.report().Counts["failure"]; got != 1000 {
		t.Fatalf("%d failures", got)
	}
}

func TestOneFailedTrialOpensItAgain(t *testing.T) {
	clock := &clock{}
	b := opened(t, clock)
	calls(t, b, success, failure)
	is(t, b, open)
	clock.pass(time.Second)
	calls(t, b, success, success)
	is(t, b, closed)
}

func TestATrialThatWasCancelledGivesItsPlaceBack(t *testing.T) {
	b := opened(t, &clock{})
	calls(t, b, ignored, ignored, ignored, success)
	is(t, b, halfOpen)
	call(t, b, success)
	is(t, b, closed)
}

func TestAnAnswerFromBeforeTellsNothingOfAfter(t *testing.T) {
	clock := &clock{}
	b := usualBreaker(clock)
	late, _ := b.acquire()
	calls(t, b, failure, failure, failure, failure)
	clock.pass(time.Second)
	is(t, b, halfOpen)
	b.done(late, failure)
	is(t, b, halfOpen)
	calls(t, b, success, success)
	is(t, b, closed)
}
