// `node figures.mjs`: what `python -m bench.dashboard` prints.
import assert from 'node:assert/strict';
import { become, launch, open } from './browser.mjs';

const ROUNDS = 7;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, value, limit) => console.log(`${what.padEnd(46)} ${value.padStart(10)}   limit ${limit}`);

/** Runs in the page: keeps what the browser says of its paints and of the interactions that took more than a frame. */
const observe = () => {
  window.seen = { paint: 0, events: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.events.push({ name: entry.name, ms: entry.duration });
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
};

const browser = await launch();

const paints = [];
let bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
  const { page, complaints, close } = await open(browser);
  await page.addInitScript(observe);
  await page.goto('/app/');
  await page.locator('[data-feed="live"]').waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  const [paint, scripts] = await page.evaluate(() => [
    window.seen.paint,
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  ]);
  paints.push(paint);
  bytes = scripts;
  assert.deepEqual(complaints, []);
  await close();
}
say('home: JavaScript, as transferred', `${(bytes / 1024).toFixed(0)} KB`, '250 KB');
say(`home: largest paint, median of ${ROUNDS}`, `${median(paints).toFixed(0)} ms`, '1500 ms');

const { page, complaints } = await open(browser);
await page.addInitScript(observe);
await page.goto('/app/');
await become(page, 'Operator');
await page.goto('/app/offers');
const rows = page.getByTestId('offers').getByRole('link');
await rows.first().waitFor();

/** The longest of the interaction's events, in ms until the next picture; 16 where each was painted with the next frame. */
async function longest(act, settled) {
  const took = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.evaluate(() => window.seen.events.splice(0));
    await act(round);
    await settled(round);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 50))));
    took.push(await page.evaluate(() => Math.max(16, ...window.seen.events.map(({ ms }) => ms))));
  }
  return { middle: median(took), worst: Math.max(...took) };
}
const told = ({ middle, worst }) => `${middle} / ${worst} ms`;

const search = page.getByLabel('Search offers');
const order = page.getByLabel('Order');
// Load every row into the list, as one who scrolls on and on does.
const foot = page.locator('[data-testid="offers"] ~ [role="status"]').filter({ hasText: /\d/ });
for (let text = ''; !/ offers?$/.test(text); ) {
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  while ((await foot.innerText()) === text) await page.evaluate(() => new Promise(requestAnimationFrame));
  text = await foot.innerText();
}
const count = await foot.innerText();
await page.evaluate(() => window.scrollTo(0, 0));
await rows.first().waitFor();
console.log(`list with ${count}, interaction until painted, median / worst of ${ROUNDS}`);
const hasRows = () => rows.first().waitFor();
say('  page down by key', told(await longest(() => page.keyboard.press('PageDown'), hasRows)), '100 ms');
say('  a letter of a search', told(await longest((n) => search.pressSequentially(`${n}`), hasRows)), '100 ms');
await search.fill('');
await hasRows();
const sorts = ['price', '-price'];
say('  another order', told(await longest((n) => order.selectOption(sorts[n % 2]), hasRows)), '100 ms');
const crumbs = page.getByRole('navigation', { name: 'Breadcrumb' });
const opened = await longest(
  () => rows.first().click(),
  async () => {
    await crumbs.waitFor();
    await page.goBack();
    await hasRows();
  },
);
say('  an offer opened', told(opened), '100 ms');
assert.deepEqual(complaints, []);
await browser.close();
process.exit();
