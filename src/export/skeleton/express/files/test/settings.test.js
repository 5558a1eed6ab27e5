import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

import { DEFAULT_TIMEOUT_MS, SettingsError, readSettings } from '../src/settings.js';
import { LINK, URL_OF_STOCK } from './support.js';

const DESIGN = {
  service: 'orders',
  title: 'Orders',
  description: '',
  healthPath: '/health',
  metricsPath: '/metrics',
  operations: [],
  links: [LINK],
  stores: [{ name: 'db', technology: 'PostgreSQL', variables: ['DB_HOST', 'DB_PORT'] }],
};

/** @param {Record<string, string>} environment */
const read = (environment) => readSettings(DESIGN, { STOCK_URL: URL_OF_STOCK, ...environment }).links.get('stock');

describe('the settings', () => {
  it('are read in the unit of their names', () => {
    const settings = read({
      STOCK_URL: `${URL_OF_STOCK}/`,
      STOCK_TIMEOUT_MS: '733',
      STOCK_RETRIES: '2',
      STOCK_RETRY_BACKOFF_MS: '47',
      STOCK_RETRY_MAX_BACKOFF_MS: '977',
      STOCK_RETRY_JITTER: 'false',
      STOCK_BULKHEAD: '19',
      STOCK_BREAKER_NAME: 'odd',
      STOCK_BREAKER_FAILURE_RATE: '37.5',
      STOCK_BREAKER_CONSECUTIVE_FAILURES: '6',
      STOCK_BREAKER_WINDOW_MS: '9001',
      STOCK_BREAKER_MINIMUM_CALLS: '13',
      STOCK_BREAKER_SLOW_CALL_MS: '523',
      STOCK_BREAKER_OPEN_MS: '0',
    });
    assert.deepEqual(settings, {
      url: URL_OF_STOCK,
      timeoutMs: 733,
      retries: { count: 2, backoffMs: 47, maxBackoffMs: 977, jitter: false },
      bulkhead: 19,
      breaker: {
        name: 'odd',
        failureRate: 37.5,
        consecutiveFailures: 6,
        windowMs: 9001,
        minimumCalls: 13,
        slowCallMs: 523,
        openMs: 0,
      },
    });
  });

  it('do nothing where nothing is set, but no call waits for ever', () => {
    const settings = read({ STOCK_BULKHEAD: ' ' });
    assert.deepEqual(
      [settings?.bulkhead, settings?.breaker, settings?.timeoutMs],
      [null, null, DEFAULT_TIMEOUT_MS],
    );
  });

  it('have a breaker where anything of one is said', () => {
    const breaker = read({ STOCK_BREAKER_HALF_OPEN_CALLS: '3' })?.breaker;
    assert.deepEqual([breaker?.failureRate, breaker?.name], [50, 'stock']);
  });

  it('tell where stores are', () => {
    const told = { STOCK_URL: URL_OF_STOCK, DB_HOST: 'db', DB_PORT: '', SERVICE_NAME: 'o-1' };
    const settings = readSettings(DESIGN, told);
    assert.deepEqual([...(settings.stores.get('db') ?? [])], [['DB_HOST', 'db']]);
    assert.equal(settings.service, 'o-1');
  });

  it('let one that is not needed be nowhere', () => {
    const design = { ...DESIGN, links: [{ ...LINK, hard: false }] };
    assert.equal(readSettings(design, {}).links.get('stock')?.url, null);
  });

  it('refuse two breakers of one name', () => {
    const design = { ...DESIGN, links: [LINK, { ...LINK, name: 'other', prefix: 'OTHER' }] };
    const told = { STOCK_URL: URL_OF_STOCK, STOCK_BREAKER_OPEN_MS: '1', OTHER_BREAKER_OPEN_MS: '1' };
    assert.equal(readSettings(design, told).links.size, 2);
    const twins = { ...told, OTHER_BREAKER_NAME: 'stock' };
    assert.throws(() => readSettings(design, twins), /two breakers are called "stock"/);
  });

  it('end a program that cannot use them with one line', () => {
    const script = `
      import { design } from './src/design.js';
      import { readOrExit } from './src/settings.js';
      readOrExit(design);`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: new URL('..', import.meta.url),
      env: { ...process.env, LOG_LEVEL: 'loud' },
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    const line = JSON.parse(stdout);
    assert.deepEqual([line['log.level'], line.message], ['error', 'LOG_LEVEL cannot be "loud"']);
  });

  for (const [name, value] of [
    ['STOCK_URL', ''],
    ['STOCK_URL', 'stock:8080'],
    ['STOCK_TIMEOUT_MS', '1s'],
    ['STOCK_TIMEOUT_MS', '0'],
    ['STOCK_TIMEOUT_MS', '-1'],
    ['STOCK_BULKHEAD', '0'],
    ['STOCK_RETRIES', '-1'],
    ['STOCK_RETRY_JITTER', 'yes'],
    ['STOCK_BREAKER_FAILURE_RATE', '101'],
    ['STOCK_BREAKER_FAILURE_RATE', 'half'],
    ['LOG_LEVEL', 'loud'],
  ]) {
    it(`name a value that cannot be: ${name}=${value}`, () => {
      const isNamed = (/** @type {unknown} */ error) =>
        error instanceof SettingsError && error.message.includes(String(name));
      assert.throws(() => read({ [String(name)]: String(value) }), isNamed);
    });
  }
});
