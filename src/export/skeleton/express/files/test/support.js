/** Another service that does as it is told. */
import { LinkBreaker } from '../src/breaker.js';
import { Caller, isFailure } from '../src/caller.js';

/** @import { BreakerSettings, Link, LinkSettings } from '../src/types.js' */

/** @type {Link} */
export const LINK = {
  name: 'stock',
  prefix: 'STOCK',
  address: 'STOCK_URL',
  operation: '',
  method: 'GET',
  path: '/',
  hard: true,
  idempotent: null,
  fallback: null,
};
export const URL_OF_STOCK = 'http://stock.test';

/** @type {BreakerSettings} */
export const BREAKER = {
  name: 'stock',
  failureRate: null,
  consecutiveFailures: 1,
  windowMs: 10_000,
  minimumCalls: 10,
  slowCallMs: null,
  openMs: 10_000,
};

/** Answers with these codes, the last one for ever. */
export class Stock {
  /** @type {{ url: string, method: string, headers: Record<string, string> }[]} */
  requests = [];

  /** @param {...(number | Error)} codes */
  constructor(...codes) {
    this.codes = codes;
  }

  /** @type {typeof fetch} */
  fetch = async (url, options) => {
    const headers = /** @type {Record<string, string>} */ (options?.headers ?? {});
    this.requests.push({ url: String(url), method: options?.method ?? '', headers });
    const code = (this.codes.length > 1 ? this.codes.shift() : this.codes[0]) ?? 200;
    if (code instanceof Error) throw code;
    return new Response('{}', { status: code });
  };
}

/**
 * A client whose waits are noted instead of waited.
 * @param {typeof globalThis.fetch} fetch
 * @param {Partial<LinkSettings>} [settings]
 * @param {Partial<Link>} [link]
 */
export function caller(fetch, settings = {}, link = {}) {
  /** @type {number[]} */
  const waits = [];
  const numbers = {
    url: URL_OF_STOCK,
    timeoutMs: 1000,
    retries: { count: 0, backoffMs: 0, maxBackoffMs: null, jitter: true },
    bulkhead: null,
    breaker: null,
    ...settings,
  };
  const breaker = numbers.breaker && new LinkBreaker(numbers.breaker, isFailure);
  const tools = {
    fetch,
    sleep: async (/** @type {number} */ ms) => void waits.push(ms),
    random: () => 0.5,
  };
  return { caller: new Caller({ ...LINK, ...link }, numbers, breaker, tools), breaker, waits };
}
