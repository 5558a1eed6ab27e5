import assert from 'node:assert/strict';
import { it } from 'node:test';

import { makeCallers } from '../src/callers.js';
import { design } from '../src/design.js';
import { work } from '../src/job.js';
import { configure } from '../src/log.js';
import { readSettings } from '../src/settings.js';
import { Stock, caller } from './support.js';

configure('job', 'info', () => {});
const environment = Object.fromEntries(design.links.map((each) => [each.address, `http://${each.name}.test`]));
const settings = readSettings(design, environment);

it('asks every dependency once', async () => {
  const stock = new Stock();
  await work(makeCallers(design, settings, { fetch: stock.fetch }));
  const asked = stock.requests.map((each) => `${each.method} ${new URL(each.url).pathname}`);
  assert.deepEqual(asked, design.links.map((each) => `${each.method} ${each.path}`));
});

it('fails when a dependency that is needed fails', async () => {
  await assert.rejects(work([caller(new Stock(500).fetch).caller]), /answered 500/);
});

it('does without one that is not needed', async () => {
  await work([caller(new Stock(500).fetch, {}, { hard: false }).caller]);
});
