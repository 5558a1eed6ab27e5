/**
 * What is done when a dependency cannot be asked.
 *
 * Give a dependency an answer of its own in `fallbacks`: from a cache, a default, a queue.
 * Those with a drawn fallback and none here answer with its description.
 */

/** @import { Link } from './types.js' */
/** @typedef {(link: Link, error: unknown) => Promise<unknown>} Fallback */

/** @type {Map<string, Fallback>} */
export const fallbacks = new Map();

/**
 * The fallback of a dependency; null where there is none.
 * @param {Link} link
 * @returns {Fallback | null}
 */
export function fallbackOf(link) {
  const own = fallbacks.get(link.name);
  if (own) return own;
  return link.fallback === null ? null : async () => ({ fallback: link.fallback });
}
