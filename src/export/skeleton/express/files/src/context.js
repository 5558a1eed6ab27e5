/** Which request is being worked on, for its log lines and the calls it makes. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes, randomUUID } from 'node:crypto';

/** @import { RequestContext } from './types.js' */

export const REQUEST_ID_HEADER = 'X-Request-ID';

// Anything else could forge a log line or another system's header.
const REQUEST_ID = /^[A-Za-z0-9._-]{8,128}$/;
// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** @type {AsyncLocalStorage<RequestContext>} */
export const current = new AsyncLocalStorage();

/**
 * Takes over what the caller says where it is well-formed, else makes it up.
 * @param {(name: string) => string | undefined} header
 * @returns {RequestContext}
 */
export function contextOf(header) {
  const requestId = header(REQUEST_ID_HEADER) ?? '';
  const trace = TRACEPARENT.exec(header('traceparent') ?? '');
  return {
    requestId: REQUEST_ID.test(requestId) ? requestId : randomUUID().replaceAll('-', ''),
    traceId: trace?.[1] ?? randomBytes(16).toString('hex'),
    traceFlags: trace?.[2] ?? '01',
    traceState: (trace && header('tracestate')) || null,
  };
}

/**
 * The headers of a call that the request makes.
 * @returns {Record<string, string>}
 */
export function passedOn() {
  const context = current.getStore();
  if (!context) return {};
  const span = randomBytes(8).toString('hex');
  return {
    [REQUEST_ID_HEADER]: context.requestId,
    traceparent: `00-${context.traceId}-${span}-${context.traceFlags}`,
    ...(context.traceState ? { tracestate: context.traceState } : {}),
  };
}
