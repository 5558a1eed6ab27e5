/** Every request: its id, its trace, its log line and its metrics. */
import { REQUEST_ID_HEADER, contextOf, current } from './context.js';
import { log } from './log.js';

/** @import { RequestHandler } from 'express' */
/** @import { Metrics } from './metrics.js' */

/**
 * The outermost layer.
 * @param {Metrics} metrics
 * @param {ReadonlySet<string>} ownPaths
 * @returns {RequestHandler}
 */
export function observe(metrics, ownPaths) {
  return (request, response, next) => {
    const context = contextOf((name) => request.get(name));
    const { method, path } = request;
    const start = process.hrtime.bigint();
    response.set(REQUEST_ID_HEADER, context.requestId);
    response.once('close', () => {
      // Without a whole answer the client went away first: 499, as nginx says.
      const status = response.writableFinished ? response.statusCode : 499;
      if (ownPaths.has(path) && status < 400) return; // probes and scrapes would drown the rest
      const nanoseconds = Number(process.hrtime.bigint() - start);
      // As drawn: /orders/{id}.
      const drawn = String(request.route?.path ?? 'unmatched').replace(/:(\w+)/g, '{$1}');
      metrics.count(method, drawn, status, nanoseconds / 1e9);
      current.run(context, () =>
        log(status >= 500 ? 'error' : 'info', `${method} ${drawn}`, {
          'http.request.method': method,
          'url.path': path,
          'http.response.status_code': status,
          'event.duration': nanoseconds,
        }),
      );
    });
    current.run(context, next);
  };
}
