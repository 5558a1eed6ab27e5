/** The service's metrics, in a registry of their own. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { STATES } from './breaker.js';

/** @import { LinkBreaker } from './breaker.js' */

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export class Metrics {
  registry = new Registry();
  #requests = new Counter({
    name: 'http_server_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
  #duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long answers took',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  /** @param {readonly LinkBreaker[]} breakers */
  constructor(breakers) {
    const registers = [this.registry];
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the process started',
      registers,
    }).set(Math.round(Date.now() / 1000 - process.uptime()));
    new Gauge({
      name: 'circuit_breaker_state',
      help: '1 for the state a breaker is in',
      labelNames: ['name', 'state'],
      registers,
      // A breaker is asked when its state is, because it changes by itself.
      collect() {
        for (const { name, state } of breakers) {
          for (const it of STATES) this.set({ name, state: it }, it === state ? 1 : 0);
        }
      },
    });
    new Counter({
      name: 'circuit_breaker_calls_total',
      help: 'Calls through a breaker, by how they ended',
      labelNames: ['name', 'outcome'],
      registers,
      collect() {
        this.reset();
        for (const { name, calls } of breakers) {
          for (const [outcome, count] of Object.entries(calls)) this.inc({ name, outcome }, count);
        }
      },
    });
  }

  /**
   * Counts a request. Labels are of a bounded number, whatever is asked.
   * @param {string} method
   * @param {string} route
   * @param {number} status
   * @param {number} seconds
   */
  count(method, route, status, seconds) {
    const known = METHODS.has(method) ? method : 'OTHER';
    this.#requests.inc({ method: known, route, status: String(status) });
    this.#duration.observe({ method: known, route }, seconds);
  }
}
