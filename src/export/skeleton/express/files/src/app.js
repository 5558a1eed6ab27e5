/** Puts the service together. */
import express from 'express';

import { HttpError } from './answers.js';
import { makeCallers } from './callers.js';
import { errorFields, log } from './log.js';
import { Metrics } from './metrics.js';
import { observe } from './observe.js';

/** @import { ErrorRequestHandler, Router } from 'express' */
/** @import { Caller, Tools } from './caller.js' */
/** @import { Design, Settings } from './types.js' */

/**
 * The service, with other tools in tests.
 * @param {Design} design
 * @param {Settings} settings
 * @param {(router: Router, callers: readonly Caller[]) => void} addRoutes
 * @param {Tools} [tools]
 */
export function createApp(design, settings, addRoutes, tools = {}) {
  const callers = makeCallers(design, settings, tools);
  const breakers = callers.flatMap((it) => it.breaker ?? []);
  const metrics = new Metrics(breakers);
  const app = express();
  app.disable('x-powered-by');
  app.use(observe(metrics, new Set([design.healthPath, design.metricsPath, '/ready', '/breakers'])));

  // The process answers. Never depends on another service: that would only spread.
  app.get(design.healthPath, (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get(design.metricsPath, async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  // Degraded while a dependency that is needed cannot be asked. Still 200: taken out of
  // service, every replica would follow, and with them all that works without it.
  app.get('/ready', (_request, response) => {
    const isWell = (/** @type {Caller} */ it) => it.settings.url !== null && it.breaker?.state !== 'open';
    const isDegraded = callers.some((it) => it.link.hard && !isWell(it));
    response.json({
      status: isDegraded ? 'degraded' : 'ok',
      checks: Object.fromEntries(callers.map((it) => [it.link.name, isWell(it) ? 'ok' : 'fail'])),
    });
  });
  app.get('/breakers', (_request, response) => {
    response.json({ breakers: breakers.map((it) => it.snapshot()) });
  });

  const router = express.Router();
  addRoutes(router, callers);
  app.use(router);
  app.use((_request, response) => {
    response.status(404).json({ detail: 'Not Found' });
  });
  app.use(failed);
  return { app, callers, close: () => breakers.forEach((it) => it.shutdown()) };
}

// Express tells a handler of errors by its four parameters.
/** @type {ErrorRequestHandler} */
const failed = (error, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  if (error instanceof HttpError) {
    if (error.retryAfter !== null) response.set('Retry-After', String(error.retryAfter));
    response.status(error.status).json({ detail: error.message });
    return;
  }
  // A request that cannot be read, such as a path with a broken escape.
  if (error?.expose === true && error.status >= 400 && error.status < 500) {
    response.status(error.status).json({ detail: 'Bad Request' });
    return;
  }
  const stack = error instanceof Error ? { 'error.stack_trace': error.stack } : {};
  log('error', 'a request failed', { ...errorFields(error), ...stack });
  response.status(500).json({ detail: 'Internal Server Error' });
};
