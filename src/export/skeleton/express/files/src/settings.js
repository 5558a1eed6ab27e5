/**
 * What the service is told, read from the environment once, when it starts.
 *
 * The names follow from the dependency: PAYMENTS_URL, PAYMENTS_TIMEOUT_MS,
 * PAYMENTS_BREAKER_OPEN_MS. What is not set is not done: no retry, no breaker, no limit.
 * What cannot be used, or is missing and needed, ends the program before it serves anything.
 */
import { configure, log } from './log.js';

/** @import { BreakerSettings, Design, Link, LinkSettings, Settings } from './types.js' */

/** Milliseconds for one attempt where nothing is set: no call may wait for ever. */
export const DEFAULT_TIMEOUT_MS = 10_000;
/** opossum counts by time alone; this is its own default. */
export const DEFAULT_WINDOW_MS = 10_000;

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** A variable says something that cannot be used. */
export class SettingsError extends Error {
  name = 'SettingsError';
}

/** Variables by name; an empty one is not set. */
class Environment {
  /** @param {Record<string, string | undefined>} values */
  constructor(values) {
    this.values = values;
  }

  /** @param {string} name */
  text(name) {
    return this.values[name]?.trim() || null;
  }

  /** @param {string} name */
  whole(name) {
    const text = this.text(name);
    if (text === null) return null;
    if (!/^[0-9]{1,15}$/.test(text)) {
      throw new SettingsError(`${name} must be a whole number, not ${JSON.stringify(text)}`);
    }
    return Number(text);
  }

  /**
   * A limit; with none of it left, every call would fail.
   * @param {string} name
   */
  positive(name) {
    const value = this.whole(name);
    if (value === 0) throw new SettingsError(`${name} must be 1 or more, not 0; leave it out for no such limit`);
    return value;
  }

  /**
   * A number of calls; none of at all would be no breaker.
   * @param {string} name
   */
  count(name) {
    const value = this.whole(name);
    return value === null ? null : Math.max(1, value);
  }

  /** @param {string} name */
  percent(name) {
    const text = this.text(name);
    if (text === null) return null;
    const value = Number(text);
    if (!(value >= 0 && value <= 100)) {
      throw new SettingsError(`${name} must be a percentage, not ${JSON.stringify(text)}`);
    }
    return value;
  }

  /**
   * @param {string} name
   * @param {boolean} usual
   */
  flag(name, usual) {
    const text = this.text(name);
    if (text === null) return usual;
    if (text !== 'true' && text !== 'false') {
      throw new SettingsError(`${name} must be true or false, not ${JSON.stringify(text)}`);
    }
    return text === 'true';
  }
}

/**
 * Reads the settings; throws a SettingsError with the variable's name.
 * @param {Design} design
 * @param {Record<string, string | undefined>} environment
 * @returns {Settings}
 */
export function readSettings(design, environment) {
  const read = new Environment(environment);
  const logLevel = (read.text('LOG_LEVEL') ?? 'info').toLowerCase();
  if (!LEVELS.includes(logLevel)) {
    throw new SettingsError(`LOG_LEVEL cannot be ${JSON.stringify(logLevel)}`);
  }
  /** @type {Settings['stores']} */
  const stores = new Map();
  for (const store of design.stores) {
    const values = store.variables.map((name) => [name, read.text(name)]);
    stores.set(store.name, new Map(values.flatMap(([name, value]) => (name && value ? [[name, value]] : []))));
  }
  const links = new Map(design.links.map((link) => [link.name, linkSettings(read, link)]));
  refuseTwins([...links.values()]);
  return { service: read.text('SERVICE_NAME') ?? design.service, logLevel, links, stores };
}

/**
 * What the process is told; where that cannot be used, one line says so and it ends.
 * @param {Design} design
 * @returns {Settings}
 */
export function readOrExit(design) {
  configure(design.service, 'info');
  try {
    return readSettings(design, process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    log('error', error.message);
    process.exit(2);
  }
}

/**
 * Two breakers of one name would be one in the metrics, where neither could be read.
 * @param {LinkSettings[]} links
 */
function refuseTwins(links) {
  const names = links.flatMap((it) => it.breaker?.name ?? []);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin === undefined) return;
  throw new SettingsError(`two breakers are called ${JSON.stringify(twin)}: set another ..._BREAKER_NAME`);
}

/**
 * @param {Environment} read
 * @param {Link} link
 * @returns {LinkSettings}
 */
function linkSettings(read, link) {
  const url = read.text(link.address);
  if (url === null && link.hard) {
    throw new SettingsError(`${link.address} is not set, and nothing works without ${link.name}`);
  }
  if (url !== null && !/^https?:\/\//.test(url)) {
    throw new SettingsError(`${link.address} must start with http:// or https://`);
  }
  return {
    url: url === null ? null : url.replace(/\/+$/, ''),
    timeoutMs: read.positive(`${link.prefix}_TIMEOUT_MS`) ?? DEFAULT_TIMEOUT_MS,
    retries: {
      count: read.whole(`${link.prefix}_RETRIES`) ?? 0,
      backoffMs: read.whole(`${link.prefix}_RETRY_BACKOFF_MS`) ?? 0,
      maxBackoffMs: read.whole(`${link.prefix}_RETRY_MAX_BACKOFF_MS`),
      jitter: read.flag(`${link.prefix}_RETRY_JITTER`, true),
    },
    bulkhead: read.positive(`${link.prefix}_BULKHEAD`),
    breaker: breakerSettings(read, link),
  };
}

/**
 * @param {Environment} read
 * @param {Link} link
 * @returns {BreakerSettings | null}
 */
function breakerSettings(read, link) {
  const start = `${link.prefix}_BREAKER`;
  const name = read.text(`${start}_NAME`);
  const failureRate = read.percent(`${start}_FAILURE_RATE`);
  const consecutiveFailures = read.count(`${start}_CONSECUTIVE_FAILURES`);
  const windowMs = read.whole(`${start}_WINDOW_MS`);
  const minimumCalls = read.count(`${start}_MINIMUM_CALLS`);
  const slowCallMs = read.whole(`${start}_SLOW_CALL_MS`);
  const openMs = read.whole(`${start}_OPEN_MS`);
  // opossum knows neither a window of calls, nor a rate of slow ones, nor several trials:
  // that a breaker is drawn is all that these say.
  const others = ['WINDOW_CALLS', 'HALF_OPEN_CALLS'].map((it) => read.count(`${start}_${it}`));
  const slowRate = read.percent(`${start}_SLOW_CALL_RATE`);
  const said = [name, failureRate, consecutiveFailures, windowMs, minimumCalls, slowCallMs, openMs, slowRate, ...others];
  if (said.every((it) => it === null)) return null;
  return {
    name: name ?? link.name,
    failureRate: failureRate ?? (consecutiveFailures === null ? 50 : null),
    consecutiveFailures,
    windowMs: Math.max(10, windowMs ?? DEFAULT_WINDOW_MS),
    minimumCalls: minimumCalls ?? 10,
    slowCallMs,
    openMs: openMs ?? 30_000,
  };
}
