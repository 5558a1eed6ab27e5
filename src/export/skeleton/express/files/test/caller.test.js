import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clearInterval, setInterval } from 'node:timers';

import { BreakerOpenError } from '../src/breaker.js';
import { BulkheadFullError, NotConfiguredError, StatusError, TimeoutError } from '../src/caller.js';
import { contextOf, current } from '../src/context.js';
import { configure } from '../src/log.js';
import { BREAKER, Stock, caller } from './support.js';

configure('orders', 'info', () => {});

const RETRIES = { count: 2, backoffMs: 100, maxBackoffMs: null, jitter: true };

describe('a call', () => {
  it('is repeated with growing jittered waits where it may be', async () => {
    const stock = new Stock(503, new TypeError('fetch failed'), 500, 200);
    const retries = { count: 5, backoffMs: 100, maxBackoffMs: 300, jitter: true };
    const { caller: it, waits } = caller(stock.fetch, { retries });
    assert.equal((await it.request()).status, 200);
    // Half of 100 ms, 200 ms and the cap: the jitter of these tests.
    assert.deepEqual(waits, [50, 100, 150]);
  });

  it('waits exactly without jitter', async () => {
    const { caller: it, waits } = caller(new Stock(500).fetch, { retries: { ...RETRIES, jitter: false } });
    await assert.rejects(it.request(), StatusError);
    assert.deepEqual(waits, [100, 200]);
  });

  /** @type {[boolean | null, string, number][]} */
  const cases = [
    [null, 'GET', 3],
    [null, 'POST', 1],
    [true, 'POST', 3],
    [false, 'GET', 1],
  ];
  for (const [idempotent, method, asked] of cases) {
    it(`is made ${asked} times: ${method}, idempotent ${idempotent}`, async () => {
      const stock = new Stock(500);
      const { caller: it } = caller(stock.fetch, { retries: RETRIES }, { idempotent });
      await assert.rejects(it.request({ method }), StatusError);
      assert.equal(stock.requests.length, asked);
    });
  }

  it("is neither repeated nor counted where it was the caller's own fault", async () => {
    const stock = new Stock(404);
    const { caller: it, breaker } = caller(stock.fetch, { retries: RETRIES, breaker: BREAKER });
    await assert.rejects(it.request(), StatusError);
    assert.deepEqual([stock.requests.length, breaker?.calls.ignored, breaker?.state], [1, 1, 'closed']);
  });

  it('is aborted after its time, and counts as a failure', async () => {
    /** @type {typeof fetch} */
    const never = (_url, options) =>
      new Promise((_resolve, reject) => {
        const signal = options?.signal;
        // Like a socket, it keeps the process from ending before the time is up.
        const socket = setInterval(() => {}, 1000);
        signal?.addEventListener('abort', () => {
          clearInterval(socket);
          reject(signal.reason);
        });
      });
    const { caller: it, breaker } = caller(never, { timeoutMs: 1, breaker: BREAKER });
    await assert.rejects(it.request(), TimeoutError);
    assert.equal(breaker?.state, 'open');
  });

  it('is not repeated once the breaker is open', async () => {
    const stock = new Stock(500);
    const breaker = { ...BREAKER, consecutiveFailures: 2 };
    const { caller: it } = caller(stock.fetch, { retries: { ...RETRIES, count: 9 }, breaker });
    await assert.rejects(it.request(), BreakerOpenError);
    assert.equal(stock.requests.length, 2);
  });

  it('is refused at once while too many are under way', async () => {
    /** @type {((response: Response) => void)[]} */
    const waiting = [];
    const { caller: it, breaker } = caller(
      () => new Promise((resolve) => void waiting.push(resolve)),
      { bulkhead: 2, breaker: BREAKER },
    );
    const under = [it.request(), it.request()];
    await assert.rejects(it.request(), BulkheadFullError);
    assert.equal(breaker?.state, 'closed');
    waiting.forEach((resolve) => resolve(new Response('{}')));
    assert.deepEqual((await Promise.all(under)).map((each) => each.status), [200, 200]);
  });

  it('passes the request and its trace on', async () => {
    const stock = new Stock();
    const [trace, span] = ['1'.repeat(32), '2'.repeat(16)];
    /** @type {Record<string, string>} */
    const headers = { 'X-Request-ID': 'request-1', traceparent: `00-${trace}-${span}-01`, tracestate: 'v=1' };
    await current.run(contextOf((name) => headers[name]), () => caller(stock.fetch).caller.request());
    const sent = stock.requests[0]?.headers ?? {};
    assert.equal(sent['X-Request-ID'], 'request-1');
    assert.equal(sent['tracestate'], 'v=1');
    assert.match(sent['traceparent'] ?? '', new RegExp(`^00-${trace}-(?!${span})[0-9a-f]{16}-01$`));
  });

  it('cannot be made where nobody said where the other is', async () => {
    const { caller: it } = caller(new Stock().fetch, { url: null });
    await assert.rejects(it.request(), NotConfiguredError);
  });
});
