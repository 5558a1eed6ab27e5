/** What the example operations do: ask each dependency, and say how that went. */
import { BreakerOpenError } from './breaker.js';
import { BulkheadFullError, TimeoutError } from './caller.js';
import { isOfACall } from './callers.js';
import { fallbackOf } from './fallbacks.js';
import { errorFields, log } from './log.js';

/** @import { Caller } from './caller.js' */

/** What our own caller is told. */
export class HttpError extends Error {
  name = 'HttpError';

  /**
   * @param {number} status
   * @param {string} detail
   * @param {unknown} cause
   * @param {number | null} [retryAfter] seconds
   */
  constructor(status, detail, cause, retryAfter = null) {
    super(detail, { cause });
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Asks every dependency in turn; the first that is needed and fails ends it.
 * @param {readonly Caller[]} callers
 */
export async function answer(callers) {
  /** @type {Map<string, unknown>} */
  const dependencies = new Map();
  for (const caller of callers) dependencies.set(caller.link.name, await ask(caller));
  return { dependencies: Object.fromEntries(dependencies) };
}

/**
 * Asks a dependency, or does what stands in for it.
 * @param {Caller} caller
 */
export async function ask(caller) {
  const { link } = caller;
  try {
    await caller.request();
    return 'ok';
  } catch (error) {
    if (!isOfACall(error)) throw error;
    const instead = fallbackOf(link);
    if (!instead && link.hard) throw asHttpError(caller, error);
    log('warn', 'a dependency is done without', { 'service.target.name': link.name, ...errorFields(error) });
    return instead ? instead(link, error) : 'failed';
  }
}

/**
 * It is never told the other side's own words.
 * @param {Caller} caller
 * @param {unknown} error
 */
function asHttpError(caller, error) {
  const { name } = caller.link;
  if (error instanceof BreakerOpenError) {
    const seconds = Math.max(1, Math.ceil((caller.breaker?.openRemainingMs ?? 0) / 1000));
    return new HttpError(503, `${name} is not asked while its breaker is open`, error, seconds);
  }
  if (error instanceof BulkheadFullError) {
    return new HttpError(503, `too many calls of ${name} are under way`, error, 1);
  }
  if (error instanceof TimeoutError) return new HttpError(504, `${name} did not answer in time`, error);
  return new HttpError(502, `${name} failed`, error);
}
