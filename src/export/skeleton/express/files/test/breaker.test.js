import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BreakerOpenError, LinkBreaker } from '../src/breaker.js';
import { BREAKER } from './support.js';

/** @import { TestContext } from 'node:test' */
/** @import { BreakerSettings } from '../src/types.js' */

class Broken extends Error {}
class Refused extends Error {}

/** @param {Partial<BreakerSettings>} [settings] */
function breakerWith(settings = {}) {
  return new LinkBreaker({ ...BREAKER, ...settings }, (error) => error instanceof Broken);
}

/**
 * Makes one call that ends like this.
 * @param {LinkBreaker} breaker
 * @param {Error} [error]
 */
async function outcome(breaker, error) {
  const call = async () => {
    if (error) throw error;
  };
  await breaker.fire(call).catch((it) => assert.equal(it, error));
}

/** A clock that moves only when it is told to. @param {TestContext} t */
function clock(t) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  return t.mock.timers;
}

describe('the breaker', () => {
  it('opens at failures in a row, and not with a success between them', async (t) => {
    clock(t);
    const breaker = breakerWith({ consecutiveFailures: 3 });
    for (const error of [new Broken(), new Broken(), undefined, new Broken(), new Broken()]) {
      await outcome(breaker, error);
    }
    assert.equal(breaker.state, 'closed');
    await outcome(breaker, new Broken());
    assert.equal(breaker.state, 'open');
  });

  it("leaves the count alone at what is the caller's own fault", async (t) => {
    clock(t);
    const breaker = breakerWith({ consecutiveFailures: 2 });
    for (const error of [new Broken(), new Refused(), new Broken()]) await outcome(breaker, error);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.calls.ignored, 1);
  });

  it('opens from a share of failures on, once it has seen enough calls', async (t) => {
    clock(t);
    const breaker = breakerWith({ consecutiveFailures: null, failureRate: 50, minimumCalls: 4 });
    for (const error of [undefined, undefined, new Broken()]) await outcome(breaker, error);
    assert.equal(breaker.state, 'closed');
    await outcome(breaker, new Broken());
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.snapshot().failure_rate_percent, 50);
  });

  it('forgets what has left its window', async (t) => {
    const timers = clock(t);
    const breaker = breakerWith({ consecutiveFailures: null, failureRate: 50, minimumCalls: 2 });
    await outcome(breaker, new Broken());
    timers.tick(10_000);
    await outcome(breaker, new Broken());
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.snapshot().buffered_calls, 1);
  });

  it('calls nobody while it is open, then makes one trial', async (t) => {
    const timers = clock(t);
    const breaker = breakerWith();
    await outcome(breaker, new Broken());
    await assert.rejects(breaker.fire(assert.fail), BreakerOpenError);
    timers.tick(9_900);
    assert.equal(breaker.snapshot().open_remaining_ms, 100);
    timers.tick(100);
    assert.equal(breaker.state, 'half_open');
    /** @type {(value?: unknown) => void} */
    let end = () => {};
    const trial = breaker.fire(() => new Promise((resolve) => void (end = resolve)));
    const others = Array.from({ length: 49 }, () => breaker.fire(assert.fail));
    const refused = await Promise.allSettled(others);
    assert.ok(refused.every((each) => each.status === 'rejected' && each.reason instanceof BreakerOpenError));
    end();
    await trial;
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.calls.rejected, 50);
  });

  it('opens again when the trial fails', async (t) => {
    const timers = clock(t);
    const breaker = breakerWith({ consecutiveFailures: 1 });
    await outcome(breaker, new Broken());
    timers.tick(10_000);
    await outcome(breaker, new Broken());
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.openRemainingMs, 10_000);
  });

  it('stays open no longer for a call from before that fails late', async (t) => {
    const timers = clock(t);
    const breaker = breakerWith();
    /** @type {(error: Error) => void} */
    let fail = assert.fail;
    const late = breaker.fire(() => new Promise((_resolve, reject) => void (fail = reject)));
    await outcome(breaker, new Broken());
    timers.tick(6_000);
    fail(new Broken());
    await assert.rejects(late, Broken);
    assert.equal(breaker.openRemainingMs, 4_000);
  });

  it('counts slow calls, though they open nothing', async (t) => {
    const timers = clock(t);
    const breaker = breakerWith({ slowCallMs: 500 });
    await breaker.fire(async () => timers.tick(500));
    assert.deepEqual([breaker.calls.slow, breaker.calls.success], [1, 0]);
  });
});
