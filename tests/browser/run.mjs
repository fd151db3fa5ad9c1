// `node run.mjs <journey>`: runs one journey. Ends with 0, or with 1 and a screenshot of where it broke.
import assert from 'node:assert/strict';
import { launch, open } from './browser.mjs';
import * as journeys from './journeys.mjs';

const [name, shot] = process.argv.slice(2);
const journey = journeys[name];
assert.ok(journey, `no journey ${name}`);
const browser = await launch();
const { page, complaints } = await open(browser, journey.options);
try {
  await journey(page);
  assert.deepEqual(complaints, [], 'the page logged errors');
} catch (error) {
  console.error(error.stack);
  console.error(`at ${page.url()}; the page logged ${JSON.stringify(complaints)}`);
  await page.screenshot({ path: shot, fullPage: true });
  process.exitCode = 1;
} finally {
  await browser.close();
}
process.exit();
