/** Calls another service: limited, guarded by its breaker, each attempt with its timeout. */
import { setTimeout as sleep } from 'node:timers/promises';

import { passedOn } from './context.js';
import { errorFields, log } from './log.js';

/** @import { LinkBreaker } from './breaker.js' */
/** @import { Link, LinkSettings } from './types.js' */
/** @typedef {{ status: number, headers: Headers, text: string }} Answered */
/** @typedef {{ method?: string, path?: string, body?: unknown, headers?: Record<string, string> }} Asked */
/** @typedef {{ fetch?: typeof fetch, sleep?: (ms: number) => Promise<unknown>, random?: () => number }} Tools */

// https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
const IDEMPOTENT_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** As many calls are under way as may be. */
export class BulkheadFullError extends Error {
  name = 'BulkheadFullError';
}

/** Nobody said where the other service is. */
export class NotConfiguredError extends Error {
  name = 'NotConfiguredError';
}

/** There was no answer. */
export class ConnectionError extends Error {
  name = 'ConnectionError';
}

/** There was no answer in time. */
export class TimeoutError extends Error {
  name = 'TimeoutError';
}

/** The answer was an error. */
export class StatusError extends Error {
  name = 'StatusError';

  /** @param {number} status */
  constructor(status) {
    super(`answered ${status}`);
    this.status = status;
  }
}

/**
 * Whether an error speaks against the other service: timeouts, broken connections and 5xx
 * do; 4xx is the caller's own fault.
 * @param {unknown} error
 */
export function isFailure(error) {
  if (error instanceof StatusError) return error.status >= 500;
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** The client of one link. */
export class Caller {
  #underWay = 0;
  #fetch;
  #sleep;
  #random;

  /**
   * @param {Link} link
   * @param {LinkSettings} settings
   * @param {LinkBreaker | null} breaker
   * @param {Tools} [tools]
   */
  constructor(link, settings, breaker, tools = {}) {
    this.link = link;
    this.settings = settings;
    this.breaker = breaker;
    this.#fetch = tools.fetch ?? fetch;
    this.#sleep = tools.sleep ?? sleep;
    this.#random = tools.random ?? Math.random;
  }

  /**
   * Asks, and asks again after a failure where asking twice does no harm.
   * @param {Asked} [asked]
   * @returns {Promise<Answered>}
   */
  async request(asked = {}) {
    const method = asked.method ?? this.link.method;
    for (let failed = 0; ; failed += 1) {
      try {
        return await this.#attempt(method, asked);
      } catch (error) {
        if (error instanceof StatusError || isFailure(error)) {
          const fields = { 'service.target.name': this.link.name, ...errorFields(error) };
          log('warn', `attempt ${failed + 1} of a call failed`, fields);
        }
        if (!isFailure(error) || failed >= this.#repeats(method)) throw error;
      }
      await this.#sleep(this.#wait(failed));
    }
  }

  /**
   * @param {string} method
   * @param {Asked} asked
   */
  async #attempt(method, asked) {
    const limit = this.settings.bulkhead;
    if (limit !== null && this.#underWay >= limit) {
      // Before the breaker, so that our own limit says nothing about the other side.
      throw new BulkheadFullError(`${limit} calls of ${this.link.name} are under way`);
    }
    this.#underWay += 1;
    try {
      const send = () => this.#send(method, asked);
      return await (this.breaker ? this.breaker.fire(send) : send());
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * @param {string} method
   * @param {Asked} asked
   * @returns {Promise<Answered>}
   */
  async #send(method, asked) {
    if (this.settings.url === null) throw new NotConfiguredError(`${this.link.address} is not set`);
    /** @type {Answered} */
    let answered;
    try {
      const response = await this.#fetch(this.settings.url + (asked.path ?? this.link.path), {
        method,
        headers: {
          ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...asked.headers,
          ...passedOn(),
        },
        ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
        redirect: 'manual',
        // Aborts the call itself, its body included.
        signal: AbortSignal.timeout(this.settings.timeoutMs),
      });
      answered = { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') {
        throw new TimeoutError(`no answer in ${this.settings.timeoutMs} ms`, { cause: error });
      }
      throw new ConnectionError('no answer', { cause: error });
    }
    if (answered.status >= 400) throw new StatusError(answered.status);
    return answered;
  }

  /**
   * Further attempts that a call may have.
   * @param {string} method
   */
  #repeats(method) {
    const isIdempotent = this.link.idempotent ?? IDEMPOTENT_METHODS.has(method);
    return isIdempotent ? this.settings.retries.count : 0;
  }

  /**
   * Milliseconds before the next attempt: doubled each time, capped, and anything below, so
   * that callers that failed together do not come back together.
   * @param {number} failed
   */
  #wait(failed) {
    const { backoffMs, maxBackoffMs, jitter } = this.settings.retries;
    const longest = Math.min(backoffMs * 2 ** Math.min(failed, 52), maxBackoffMs ?? Infinity);
    return jitter ? longest * this.#random() : longest;
  }
}
