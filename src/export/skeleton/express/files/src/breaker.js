/**
 * The breaker of one link: opossum, told what a failure is.
 *
 * opossum's own model differs from what can be drawn, and where it does it is opossum's that
 * holds: its window is one of time, it makes one trial call, and an answer that is the
 * caller's own fault (4xx) counts as a success. Failures in a row are counted here. Its own
 * timeout is off, because it would leave the call running: each attempt has an AbortSignal.
 *
 * State lives in this process alone: each replica has its own.
 */
import CircuitBreaker from 'opossum';

/** @import { BreakerSettings } from './types.js' */
/** @typedef {'closed' | 'open' | 'half_open'} State */
/** @typedef {'success' | 'failure' | 'rejected' | 'slow' | 'ignored'} Outcome */

/** @type {readonly State[]} */
export const STATES = ['closed', 'open', 'half_open'];

/** The breaker is open: nobody was called. */
export class BreakerOpenError extends Error {
  name = 'BreakerOpenError';
}

export class LinkBreaker {
  /** @type {Record<Outcome, number>} */
  calls = { success: 0, failure: 0, rejected: 0, slow: 0, ignored: 0 };
  #settings;
  #circuit;
  #row = 0;
  #openedAt = 0;
  /** @type {string | null} */
  #lastFailure = null;

  /**
   * @param {BreakerSettings} settings
   * @param {(error: unknown) => boolean} isFailure
   * @param {(breaker: LinkBreaker, state: State) => void} [onChange]
   */
  constructor(settings, isFailure, onChange = () => {}) {
    this.#settings = settings;
    /** @param {() => Promise<unknown>} work */
    const run = (work) => work();
    this.#circuit = new CircuitBreaker(run, {
      name: settings.name,
      timeout: false,
      // opossum opens above this share, and drawn is: from this share on.
      errorThresholdPercentage: settings.failureRate === null ? 100 : settings.failureRate - 1e-9,
      rollingCountTimeout: settings.windowMs,
      rollingCountBuckets: 10,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      volumeThreshold: settings.minimumCalls,
      resetTimeout: settings.openMs,
      errorFilter: (error) => !isFailure(error),
    });
    this.#circuit.on('success', (result, latencyMs) => this.#succeeded(result, latencyMs));
    this.#circuit.on('failure', (error) => this.#failed(error));
    this.#circuit.on('reject', () => (this.calls.rejected += 1));
    this.#circuit.on('open', () => {
      this.#openedAt = Date.now();
      onChange(this, 'open');
    });
    this.#circuit.on('halfOpen', () => onChange(this, 'half_open'));
    this.#circuit.on('close', () => onChange(this, 'closed'));
  }

  get name() {
    return this.#settings.name;
  }

  /** @returns {State} */
  get state() {
    if (this.#circuit.opened) return 'open';
    return this.#circuit.halfOpen ? 'half_open' : 'closed';
  }

  /** Milliseconds until it tries again. */
  get openRemainingMs() {
    if (this.state !== 'open') return 0;
    return Math.max(0, this.#openedAt + this.#settings.openMs - Date.now());
  }

  /**
   * Makes one call, or throws a BreakerOpenError without making it.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async fire(work) {
    try {
      return /** @type {T} */ (await this.#circuit.fire(work));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'EOPENBREAKER' && CircuitBreaker.isOurError(/** @type {Error} */ (error))) {
        throw new BreakerOpenError(`the breaker of ${this.name} is open`, { cause: error });
      }
      throw error;
    }
  }

  /** What it has seen, for /breakers. */
  snapshot() {
    const { fires, failures } = this.#circuit.stats;
    return {
      name: this.name,
      state: this.state,
      failure_rate_percent: fires ? Math.round((10_000 * failures) / fires) / 100 : null,
      buffered_calls: fires,
      consecutive_failures: this.#row,
      not_permitted_calls: this.calls.rejected,
      open_remaining_ms: this.openRemainingMs,
      last_failure: this.#lastFailure,
    };
  }

  /** Ends its timers. */
  shutdown() {
    this.#circuit.shutdown();
  }

  /**
   * @param {unknown} result
   * @param {number} latencyMs
   */
  #succeeded(result, latencyMs) {
    // opossum calls an error that is no failure a success.
    if (result instanceof Error) {
      this.calls.ignored += 1;
      return;
    }
    const { slowCallMs } = this.#settings;
    this.calls[slowCallMs !== null && latencyMs >= slowCallMs ? 'slow' : 'success'] += 1;
    this.#row = 0;
  }

  /** @param {Error} error */
  #failed(error) {
    this.calls.failure += 1;
    this.#row += 1;
    this.#lastFailure = error.name;
    const most = this.#settings.consecutiveFailures;
    if (most !== null && this.#row >= most) this.#circuit.open();
  }
}
