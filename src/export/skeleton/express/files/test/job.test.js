import assert from 'node:assert/strict';
import { it } from 'node:test';

import { makeCallers } from '../src/callers.js';
import { design } from '../src/design.js';
import { work } from '../src/job.js';
import { configure } from '../src/log.js';
import { readSettings } from '../src/settings.js';
import { Stock } from './support.js';

configure('job', 'info', () => {});
const environment = Object.fromEntries(design.links.map((each) => [each.address, `http://${each.name}.test`]));
const settings = readSettings(design, environment);

it('asks every dependency once', async () => {
  const stock = new Stock();
  await work(makeCallers(design, settings, { fetch: stock.fetch }));
  const asked = stock.requests.map((each) => `${each.method} ${new URL(each.url).pathname}`);
  assert.deepEqual(asked, design.links.map((each) => `${each.method} ${each.path}`));
});

it('fails when a dependency fails', { skip: design.links.length === 0 }, async () => {
  const stock = new Stock(500);
  await assert.rejects(work(makeCallers(design, settings, { fetch: stock.fetch })), /answered 500/);
});
