/**
 * One JSON object a line on stdout, with the names of the Elastic Common Schema.
 * https://www.elastic.co/docs/reference/ecs
 */
import { current } from './context.js';

const LEVELS = ['debug', 'info', 'warn', 'error'];

const state = {
  service: 'service',
  least: LEVELS.indexOf('info'),
  /** @type {(line: string) => void} */
  write: (line) => void process.stdout.write(line),
};

/**
 * Says whose log it is.
 * @param {string} service
 * @param {string} level
 * @param {(line: string) => void} [write]
 */
export function configure(service, level, write = state.write) {
  Object.assign(state, { service, least: LEVELS.indexOf(level), write });
}

/**
 * Writes one line.
 * @param {'debug' | 'info' | 'warn' | 'error'} level
 * @param {string} message
 * @param {Record<string, unknown>} [fields]
 */
export function log(level, message, fields = {}) {
  if (LEVELS.indexOf(level) < state.least) return;
  const context = current.getStore();
  const entry = {
    '@timestamp': new Date().toISOString(),
    'log.level': level,
    message,
    'ecs.version': '8.11.0',
    'service.name': state.service,
    ...(context ? { 'trace.id': context.traceId, 'http.request.id': context.requestId } : {}),
    ...fields,
  };
  state.write(`${JSON.stringify(entry)}\n`);
}

/**
 * An error in the words of the schema.
 * @param {unknown} error
 */
export function errorFields(error) {
  if (!(error instanceof Error)) return { 'error.message': String(error) };
  return { 'error.type': error.name, 'error.message': error.message };
}
