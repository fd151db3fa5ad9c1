// `node screenshots.mjs <folder>`: every page in both themes and widths, as an operator sees it.
import { mkdirSync } from 'node:fs';
import { become, launch, open } from './browser.mjs';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const PAGES = {
  home: '',
  offers: 'offers',
  'offer-new': 'offers/new?example=1',
  intents: 'intents',
  'intent-new': 'intents/new?example=1',
  contracts: 'contracts',
  accounts: 'accounts?participant=research-lab',
  operations: 'operations',
  events: 'events',
  disputes: 'disputes',
  'dead-letters': 'dead-letters',
  keys: 'keys',
  invitations: 'invitations',
  audit: 'audit',
  'not-found': 'no-such-page',
};
/** Pages of one thing are reached from its list. */
const THINGS = {
  offer: ['offers', (page) => page.getByTestId('offers').getByRole('link').last()],
  intent: ['intents?status=open', (page) => page.getByRole('link', { name: /^intent-/ }).first(), '[data-testid="preview"]'],
  'contract-locked': ['contracts?status=locked', (page) => page.getByRole('link', { name: /^contract-/ }).first()],
  contract: ['contracts?status=released', (page) => page.getByRole('link', { name: /^contract-/ }).first(), 'canvas'],
};

const browser = await launch();
for (const scheme of ['light', 'dark']) {
  for (const [name, width, height] of [
    ['wide', 1280, 800],
    ['narrow', 390, 844],
  ]) {
    const { page, complaints, close } = await open(browser, { scheme, width, height });
    const shoot = async (title) => {
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
      await page.evaluate(() => document.fonts.ready);
      await page.locator('[data-feed="live"]').waitFor();
      // As tall as the page, so that what is fixed to the window reaches its end; what arrives meanwhile makes it taller.
      const tall = () => page.evaluate(() => document.documentElement.scrollHeight);
      for (let seen = 0; seen < (await tall()); ) {
        seen = await tall();
        await page.setViewportSize({ width, height: Math.max(height, seen) });
      }
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      await page.screenshot({ path: `${folder}/${title}-${scheme}-${name}.png` });
      await page.setViewportSize({ width, height });
    };
    await page.goto('/app/');
    await become(page, 'Operator');
    for (const [title, path] of Object.entries(PAGES)) {
      await page.goto(`/app/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await shoot(title);
    }
    for (const [title, [path, link, ready]] of Object.entries(THINGS)) {
      await page.goto(`/app/${path}`);
      await link(page).click();
      await page.getByRole('navigation', { name: 'Breadcrumb' }).waitFor();
      if (ready !== undefined) await page.locator(ready).first().waitFor();
      await shoot(title);
    }
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    await close();
  }
}
await browser.close();
