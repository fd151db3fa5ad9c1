// What every journey through the dashboard needs: a real Chromium, a page that may not log an error, and axe.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
// The machine's network may change under a test; that is not the page's fault.
const NOISE = ['ERR_NETWORK_CHANGED'];

export const GATEWAY = process.env.GATEWAY_URL;

/** The machine's own Chromium where there is one, else the one that comes as a package. */
async function executable() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = folders.map((folder) => join(folder, name)).find(existsSync);
    if (path !== undefined) return path;
  }
  // It brings the libraries that a bare machine lacks, and unpacks them where it takes the machine for one of Amazon's.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x';
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}

export async function launch() {
  const executablePath = await executable();
  try {
    return await chromium.launch({ executablePath, headless: true, args: FLAGS });
  } catch (error) {
    throw new Error(`${executablePath} does not start. Debian: apt-get install chromium`, { cause: error });
  }
}

/** A page of its own, with what it complained about. `tolerate` are complaints that a journey provokes. */
export async function open(browser, { width = 1280, height = 900, scheme = 'light', tolerate = [] } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    baseURL: GATEWAY,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    locale: 'en-US', // a machine without one makes a browser say 'en-US@posix', which is no language for Intl
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const complaints = [];
  const complain = (text) => {
    if (![...NOISE, ...tolerate].some((known) => text.includes(known))) complaints.push(text);
  };
  page.on('console', (message) => message.type() === 'error' && complain(message.text()));
  page.on('pageerror', (error) => complain(String(error)));
  return { page, complaints, close: () => context.close() };
}

/** Fails with every violation that axe finds on the page as it stands. */
export async function accessible(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html.slice(0, 200)}\n  ${failureSummary.slice(0, 300)}`),
  );
  assert.deepEqual(found, [], `axe on ${name}`);
}

/** Acts as a persona by the menu. */
export async function become(page, label) {
  await page.getByRole('button', { name: /You act as/ }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${label}`) }).click();
  await page.getByRole('button', { name: new RegExp(`You act as ${label}`) }).waitFor();
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Has the test at the other end do something to the stack, for example `kill gateway`. */
export async function ask(request) {
  console.log(`ask ${request}`);
  const { value } = await answers.next();
  assert.equal(value, 'done', request);
}
