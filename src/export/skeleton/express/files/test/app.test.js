import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { answer } from '../src/answers.js';
import { createApp } from '../src/app.js';
import { design } from '../src/design.js';
import { configure } from '../src/log.js';
import { addRoutes } from '../src/routes.js';
import { readSettings } from '../src/settings.js';
import { LINK, Stock, URL_OF_STOCK } from './support.js';

/** @import { TestContext } from 'node:test' */
/** @import { Design, Link } from '../src/types.js' */

const ONE_CALL = { STOCK_URL: URL_OF_STOCK, STOCK_BREAKER_CONSECUTIVE_FAILURES: '1' };
/** @type {Design} */
const ORDERS = {
  service: 'orders',
  title: 'Orders',
  description: '',
  healthPath: '/health',
  metricsPath: '/metrics',
  operations: [],
  links: [LINK],
  stores: [],
};

/** @type {typeof addRoutes} */
const addThings = (router, callers) => {
  router.get('/things/:name', async (request, response) => {
    if (request.params['name'] === 'broken') throw new RangeError('a fault of our own');
    response.json(await answer(callers));
  });
};

/**
 * Runs the service for one test; gives a client and the lines of its log.
 * @param {TestContext} t
 * @param {Stock} stock
 * @param {{ of?: Design, routes?: typeof addRoutes, environment?: Record<string, string>, link?: Partial<Link> }} [other]
 */
async function start(t, stock, other = {}) {
  const { of = ORDERS, routes = addThings, environment = ONE_CALL, link = {} } = other;
  /** @type {Record<string, unknown>[]} */
  const lines = [];
  configure('orders', 'info', (line) => lines.push(JSON.parse(line)));
  const drawn = { ...of, links: of.links.map((it) => ({ ...it, ...link })) };
  const { app, close } = createApp(drawn, readSettings(drawn, environment), routes, { fetch: stock.fetch });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    close();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  /** @param {string} path @param {RequestInit} [options] */
  const ask = (path, options) => fetch(`http://127.0.0.1:${address.port}${path}`, options);
  return { ask, lines };
}

describe('the service', () => {
  it('asks every dependency at every drawn operation', async (t) => {
    const environment = Object.fromEntries(design.links.map((it) => [it.address, `http://${it.name}.test`]));
    const stock = new Stock();
    const { ask } = await start(t, stock, { of: design, routes: addRoutes, environment });
    assert.ok(design.operations.length > 0);
    for (const { method, path } of design.operations) {
      stock.requests.length = 0;
      const response = await ask(path.replace(/\{\w+\}/g, '1'), { method });
      assert.equal(response.status, 200, `${method} ${path}`);
      const asked = stock.requests.map((each) => `${each.method} ${new URL(each.url).pathname}`);
      assert.deepEqual(asked, design.links.map((each) => `${each.method} ${each.path}`));
    }
    for (const path of [design.healthPath, design.metricsPath, '/ready', '/breakers']) {
      assert.equal((await ask(path)).status, 200, path);
    }
  });

  it('tells of an open breaker everywhere', async (t) => {
    const stock = new Stock(500);
    const { ask } = await start(t, stock);
    assert.deepEqual(await (await ask('/ready')).json(), { status: 'ok', checks: { stock: 'ok' } });
    assert.equal((await ask('/things/1')).status, 502);
    const refused = await ask('/things/1');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '30']);
    assert.equal(stock.requests.length, 1);
    const told = /** @type {any} */ (await (await ask('/breakers')).json()).breakers[0];
    assert.deepEqual(
      [told.name, told.state, told.not_permitted_calls, told.last_failure],
      ['stock', 'open', 1, 'StatusError'],
    );
    const ready = await ask('/ready');
    assert.deepEqual([ready.status, /** @type {any} */ (await ready.json()).status], [200, 'degraded']);
    assert.deepEqual(await (await ask('/health')).json(), { status: 'ok' });
    const page = await (await ask('/metrics')).text();
    assert.match(page, /circuit_breaker_state\{name="stock",state="open"\} 1/);
    assert.match(page, /circuit_breaker_state\{name="stock",state="closed"\} 0/);
    assert.match(page, /circuit_breaker_calls_total\{name="stock",outcome="rejected"\} 1/);
  });

  it('counts requests by route, and no probes', async (t) => {
    const { ask } = await start(t, new Stock());
    for (const path of ['/things/1', '/things/2', '/nowhere', '/health']) await (await ask(path)).text();
    const page = await (await ask('/metrics')).text();
    assert.match(page, /http_server_requests_total\{method="GET",route="\/things\/\{name\}",status="200"\} 2/);
    assert.match(page, /http_server_requests_total\{method="GET",route="unmatched",status="404"\} 1/);
    assert.match(page, /http_server_request_duration_seconds_bucket/);
    assert.doesNotMatch(page, /health/);
  });

  /** @type {[number | Error, number][]} */
  const failures = [
    [Object.assign(new Error('late'), { name: 'TimeoutError' }), 504],
    [new TypeError('fetch failed'), 502],
    [404, 502],
  ];
  for (const [code, status] of failures) {
    it(`answers ${status} when one that is needed fails with ${code}`, async (t) => {
      const { ask } = await start(t, new Stock(code));
      const response = await ask('/things/1');
      assert.equal(response.status, status);
      assert.match(await response.text(), /stock/);
    });
  }

  for (const [fallback, told] of [
    [null, 'failed'],
    ['from the cache', { fallback: 'from the cache' }],
  ]) {
    it(`does without one that is not needed, fallback ${fallback}`, async (t) => {
      const link = { hard: false, fallback: typeof fallback === 'string' ? fallback : null };
      const { ask } = await start(t, new Stock(500), { link });
      assert.deepEqual(await (await ask('/things/1')).json(), { dependencies: { stock: told } });
      assert.equal(/** @type {any} */ (await (await ask('/ready')).json()).status, 'ok');
    });
  }

  it('does without one of whom nobody said where it is', async (t) => {
    const { ask } = await start(t, new Stock(), { environment: {}, link: { hard: false } });
    assert.deepEqual(await (await ask('/things/1')).json(), { dependencies: { stock: 'failed' } });
    assert.deepEqual(await (await ask('/ready')).json(), { status: 'ok', checks: { stock: 'fail' } });
  });

  it('takes the id of a request over where it is well-formed', async (t) => {
    const stock = new Stock();
    const { ask } = await start(t, stock);
    const kept = await ask('/things/1', { headers: { 'X-Request-ID': 'from-the-gateway' } });
    const replaced = await ask('/things/1', { headers: { 'X-Request-ID': '<script>' } });
    assert.equal(kept.headers.get('x-request-id'), 'from-the-gateway');
    assert.equal(stock.requests[0]?.headers['X-Request-ID'], 'from-the-gateway');
    assert.match(replaced.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
  });

  it('logs a fault of its own once and does not show it', async (t) => {
    const { ask, lines } = await start(t, new Stock());
    const response = await ask('/things/broken', { headers: { 'X-Request-ID': 'request-1' } });
    assert.deepEqual([response.status, await response.json()], [500, { detail: 'Internal Server Error' }]);
    // The answer is written a moment before its line is.
    while (lines.length < 2) await new Promise(setImmediate);
    const [failed, access] = lines;
    assert.ok(failed && access);
    assert.deepEqual([failed['error.type'], failed['error.message']], ['RangeError', 'a fault of our own']);
    for (const line of [failed, access]) {
      assert.equal(line['http.request.id'], 'request-1');
      assert.equal(line['service.name'], 'orders');
      assert.match(String(line['@timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(String(line['trace.id']), /^[0-9a-f]{32}$/);
    }
    assert.deepEqual(
      [access['http.request.method'], access['url.path'], access['http.response.status_code']],
      ['GET', '/things/broken', 500],
    );
    assert.ok(Number(access['event.duration']) > 0);
  });
});
