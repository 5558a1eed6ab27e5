/** The clients of the service's dependencies. */
import { BreakerOpenError, LinkBreaker } from './breaker.js';
import { BulkheadFullError, Caller, NotConfiguredError, StatusError, isFailure } from './caller.js';
import { log } from './log.js';

/** @import { Tools } from './caller.js' */
/** @import { Design, Settings } from './types.js' */

/**
 * A client for each link, with its own breaker.
 * @param {Design} design
 * @param {Settings} settings
 * @param {Tools} [tools]
 */
export function makeCallers(design, settings, tools) {
  return design.links.map((link) => {
    const numbers = settings.links.get(link.name);
    if (!numbers) throw new Error(`there are no settings of ${link.name}`);
    if (numbers.url === null) log('warn', `${link.address} is not set: ${link.name} cannot be asked`);
    const breaker = numbers.breaker && new LinkBreaker(numbers.breaker, isFailure, logChange);
    return new Caller(link, numbers, breaker, tools);
  });
}

/**
 * Whether an error is what became of a call, and no fault of our own.
 * @param {unknown} error
 */
export function isOfACall(error) {
  const kinds = [BreakerOpenError, BulkheadFullError, NotConfiguredError, StatusError];
  return isFailure(error) || kinds.some((it) => error instanceof it);
}

/**
 * @param {LinkBreaker} breaker
 * @param {string} state
 */
function logChange(breaker, state) {
  log(state === 'open' ? 'warn' : 'info', `the breaker of ${breaker.name} is ${state}`, {
    'service.target.name': breaker.name,
    'event.action': `breaker-${state}`,
  });
}
