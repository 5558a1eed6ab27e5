/** The program: does its work once and ends. */
import { pathToFileURL } from 'node:url';

import { isOfACall, makeCallers } from './callers.js';
import { contextOf, current } from './context.js';
import { design } from './design.js';
import { configure, errorFields, log } from './log.js';
import { readOrExit } from './settings.js';

/** @import { Caller } from './caller.js' */

/**
 * The job's own work goes here; until then it asks what it depends on.
 * @param {readonly Caller[]} callers
 */
export async function work(callers) {
  for (const caller of callers) {
    try {
      await caller.request();
    } catch (error) {
      if (caller.link.hard || !isOfACall(error)) throw error;
      const fields = { 'service.target.name': caller.link.name, ...errorFields(error) };
      log('warn', 'a dependency is done without', fields);
    }
  }
}

/** @returns {Promise<number>} the program's exit code */
async function run() {
  const settings = readOrExit(design);
  configure(settings.service, settings.logLevel);
  try {
    await work(makeCallers(design, settings));
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
  // Around all of it, so that the last line says the trace of its calls, too.
  process.exit(await current.run(contextOf(() => undefined), run));
}
