/** The program: does its work once and ends. */
import { pathToFileURL } from 'node:url';

import { makeCallers } from './callers.js';
import { contextOf, current } from './context.js';
import { design } from './design.js';
import { configure, errorFields, log } from './log.js';
import { readSettings } from './settings.js';

/** @import { Caller } from './caller.js' */

/**
 * The job's own work goes here; until then it asks what it depends on.
 * @param {readonly Caller[]} callers
 */
export async function work(callers) {
  for (const caller of callers) await caller.request();
}

/** @returns {Promise<number>} the program's exit code */
async function main() {
  const settings = readSettings(design, process.env);
  configure(settings.service, settings.logLevel);
  try {
    await current.run(contextOf(() => undefined), () => work(makeCallers(design, settings)));
  } catch (error) {
    log('error', 'the job failed', errorFields(error));
    return 1;
  }
  log('info', 'the job is done');
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.once('SIGTERM', () => {
    log('warn', 'the job was stopped');
    process.exit(143);
  });
  process.exit(await main());
}
