// Journeys through the dashboard, by clicks. Each begins on a fresh page; they share one exchange, in the order of test_dashboard.py.
import assert from 'node:assert/strict';
import { accessible, ask, become } from './browser.mjs';

// Generous: what is slow on a busy machine is not broken.
const ROUND_MS = 300_000;
const button = (page, name) => page.getByRole('button', { name, exact: true });
const guide = (page) => page.getByRole('complementary', { name: 'Guided loop' });
const field = (page, name) => page.locator(`[data-field="${name}"]`);
const complaint = (page, name) => page.locator(`.mantine-InputWrapper-root:has([data-field="${name}"]) .mantine-InputWrapper-error`);
const event = (page, name) => page.getByTestId('timeline').locator(`[data-event="${name}"]`);
const home = async (page) => {
  await page.goto('/app/');
  await page.locator('[data-step]').first().waitFor();
};
const done = (page) => page.locator('[data-step][data-done="true"]').count();

/** The six steps of the checklist, as provider, model owner and operator. Every button is the guide's next one. */
export async function the_loop(page) {
  await home(page);
  assert.equal(await done(page), 0);
  await accessible(page, 'home');

  await button(page, 'Offer a dataset').click();
  await button(page, 'Publish the offer').waitFor();
  await accessible(page, 'new offer');
  await button(page, 'Publish the offer').click();
  await page.getByRole('heading', { name: 'Declared by the provider' }).waitFor();
  await page.getByText('as declared').first().waitFor();
  await accessible(page, 'offer');

  await guide(page).getByRole('button', { name: 'Open an intent' }).click();
  await page.locator('[data-testid="preview"][data-match="true"]').waitFor();
  await accessible(page, 'new intent');
  await button(page, 'Open the intent').click();
  await page.getByRole('heading', { name: 'What if?' }).waitFor();
  await accessible(page, 'intent');

  await button(page, 'Match').click();
  await event(page, 'escrow_locked').waitFor();
  await accessible(page, 'contract');

  await button(page, 'Start training').click();
  await page.locator('tr[data-round="1"]').waitFor({ timeout: ROUND_MS });
  await event(page, 'training_completed').waitFor({ timeout: ROUND_MS });
  await page.getByText('Verified', { exact: true }).waitFor();

  const download = page.waitForEvent('download');
  await button(page, 'Download the model').click();
  assert.match((await download).suggestedFilename(), /^run-.*\.npz$/);

  await button(page, 'Release the escrow').click();
  await page.getByRole('dialog').getByTestId('settlement').locator('[data-part="provider"]').first().waitFor();
  await accessible(page, 'the question before a release');
  await page.getByRole('dialog').getByRole('button', { name: 'Release the escrow' }).click();
  await event(page, 'escrow_released').waitFor();

  await guide(page).getByRole('button', { name: 'Read the timeline' }).click();
  await page.getByRole('button', { name: /You act as Operator/ }).waitFor();
  await page.getByText('That was the whole loop').waitFor();

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Home' }).click();
  await page.locator('[data-step="read"][data-done="true"]').waitFor();
  assert.equal(await done(page), 6);
  await button(page, 'Start over').click();
  await page.locator('[data-step="offer"][data-done="false"]').waitFor();
  assert.equal(await done(page), 0);
}

/** What was settled cannot be settled again, and the page says why. */
export async function a_second_release(page) {
  await page.goto('/app/contracts?status=released');
  await page.getByRole('link', { name: /^contract-/ }).first().click();
  await become(page, 'Model owner');
  const release = page.getByRole('button', { name: 'Release the escrow' });
  await release.waitFor();
  assert.equal(await release.getAttribute('aria-disabled'), 'true');
  await page.getByText('The escrow was already released: money moves once.').first().waitFor();
  await release.click({ force: true });
  assert.equal(await page.getByRole('dialog').count(), 0);
}

/** Two pages, one contract: the second release is refused by the exchange, in words. */
export async function a_release_that_comes_too_late(page) {
  await home(page);
  await become(page, 'Model owner');
  await page.goto('/app/intents/new?example=1');
  await page.locator('[data-testid="preview"][data-match="true"]').waitFor();
  await button(page, 'Open the intent').click();
  await button(page, 'Match').click();
  await event(page, 'escrow_locked').waitFor();

  await button(page, 'Release the escrow').click();
  await page.getByRole('dialog').getByText('Training has not ended').waitFor();
  // The answer to this page's reading is held back, so that it does not learn of the other page's release before its own click.
  const contract = page.url().split('/').at(-1);
  await page.route('**/marketplace/contracts/**', (route) => route.abort());
  await ask(`release ${contract}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Release the escrow' }).click();
  await page.getByRole('dialog').getByText('contract_already_released').waitFor();
  await accessible(page, 'a refused release');
  await page.unroute('**/marketplace/contracts/**');
  await button(page, 'Keep as it is').click();
  await event(page, 'escrow_released').waitFor();
}
a_release_that_comes_too_late.options = { tolerate: ['409', 'ERR_FAILED'] };

/** Complaints while typing, the server's at their field, and no wrong offer on the market. */
export async function validation(page) {
  await home(page);
  await become(page, 'Provider');
  await page.getByRole('link', { name: 'Offers' }).click();
  await page.getByRole('link', { name: 'New offer' }).first().click();
  await button(page, 'Publish the offer').click();
  assert.match(await complaint(page, 'dataset_fingerprint').innerText(), /Required/);
  assert.match(await complaint(page, 'price_per_round').innerText(), /Required/);

  await field(page, 'dataset_fingerprint').fill('abc');
  await field(page, 'quality_score').fill('1.5');
  assert.match(await complaint(page, 'quality_score').innerText(), /At most 1/);
  await field(page, 'quality_score').fill('0.5');
  await field(page, 'price_per_round').fill('1');
  await complaint(page, 'quality_score').waitFor({ state: 'detached' });
  await accessible(page, 'a form with complaints');

  // What only the server knows comes back to its field: the page's own rules are bypassed by changing the request.
  await page.route('**/marketplace/offers', (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    return route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), modality: 'x'.repeat(300) }) });
  });
  await button(page, 'Publish the offer').click();
  await complaint(page, 'modality').waitFor();
  assert.match(await complaint(page, 'modality').innerText(), /modality/i);
}
validation.options = { tolerate: ['400'] };

/** Nothing matches; a suggested change goes with one click to the preview; then it matches. */
export async function no_match_then_a_match(page) {
  await home(page);
  await become(page, 'Model owner');
  await page.goto('/app/intents/new?example=1');
  await field(page, 'min_quality_score').fill('0.99');
  await page.locator('[data-testid="preview"][data-match="false"]').waitFor();
  await page.getByText('Quality too low').first().waitFor();
  await page.getByRole('heading', { name: 'Near misses' }).waitFor();
  await accessible(page, 'no match');
  await button(page, 'Open the intent').click();

  await button(page, 'Match').click();
  await page.getByTestId('refused').getByText('no_compatible_offers_found').waitFor();
  await page.getByTestId('refused').getByRole('button', { name: /^Try: Least quality 0.99 → / }).click();
  await page.getByText('As it stands, the intent has no match; with your changes it has one.').waitFor();
  await page.getByTestId('sweep').getByRole('img').waitFor();
  await page.locator('[data-testid="preview"][data-match="true"]').waitFor();
  await accessible(page, 'an intent with its curve');
  await button(page, 'Save and match').click();
  await event(page, 'escrow_locked').waitFor();

  // What decided it, and how its offer fares.
  await page.getByTestId('decision').waitFor();
  await accessible(page, 'a decision');
  await become(page, 'Provider');
  await page.locator('a[href*="/offers/offer-"]').first().click();
  await page.getByTestId('why-not').waitFor();
  await accessible(page, 'how an offer fares');
}
no_match_then_a_match.options = { tolerate: ['422'] };

/** A buyer without money is told what is missing, an operator puts it in, and then it matches. */
export async function insufficient_funds(page) {
  await home(page);
  await become(page, 'Model owner');
  await page.goto('/app/offers');
  await page.getByTestId('offers').waitFor();
  await page.goto('/app/intents/new?example=1');
  await field(page, 'model_owner_id').fill('poor-lab');
  await field(page, 'budget_total').fill('0');
  await field(page, 'rounds').fill('1000');
  await page.locator('[data-testid="preview"][data-match="true"]').waitFor();
  await button(page, 'Open the intent').click();
  await button(page, 'Match').click();
  await page.getByTestId('refused').getByText('insufficient_funds').waitFor();
  await page.getByText('Missing:').waitFor();
  await accessible(page, 'insufficient funds');
  await page.getByRole('button', { name: 'Deposit as operator' }).click();

  await page.getByRole('heading', { name: 'Accounts' }).waitFor();
  assert.equal(await field(page, 'participant').inputValue(), 'poor-lab');
  await accessible(page, 'accounts');
  await button(page, 'Deposit').click();
  await page.getByRole('cell', { name: /^Deposit/ }).waitFor();

  await become(page, 'Model owner');
  await page.goto('/app/intents?status=open');
  await page.getByRole('link', { name: /^intent-/ }).first().click();
  await button(page, 'Match').click();
  await event(page, 'escrow_locked').waitFor();
}
insufficient_funds.options = { tolerate: ['402'] };

/** Only allowed moves are offered; a cancelled intent explains what cannot be done with it. */
export async function guardrails(page) {
  await home(page);
  await become(page, 'Model owner');
  await page.goto('/app/intents/new?example=1');
  await button(page, 'Open the intent').click();
  const close = page.getByRole('button', { name: 'Close', exact: true });
  await close.waitFor();
  assert.equal(await close.getAttribute('aria-disabled'), 'true');
  await page.getByText('Only a matched intent can be closed; an open one can be cancelled.').first().waitFor({ state: 'attached' });
  await button(page, 'Cancel').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the intent' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  for (const name of ['Cancel', 'Close', 'Match']) assert.equal(await button(page, name).getAttribute('aria-disabled'), 'true', name);

  await become(page, 'Reviewer');
  await page.goto('/app/contracts');
  await page.getByRole('link', { name: /^contract-/ }).first().click();
  await page.getByText('you act as a reviewer').first().waitFor();
}

/** A dispute freezes the money; an operator ends it. */
export async function a_dispute(page) {
  await home(page);
  await become(page, 'Provider');
  await page.goto('/app/contracts?status=locked');
  await page.getByRole('link', { name: /^contract-/ }).first().click();
  await button(page, 'Open a dispute').click();
  await accessible(page, 'the dialog of a dispute');
  await page.getByRole('dialog').getByRole('button', { name: 'Open the dispute' }).click();
  assert.match(await complaint(page, 'reason').innerText(), /Required/);
  await field(page, 'reason').fill('The model owner changed the labels.');
  await page.getByRole('dialog').getByRole('button', { name: 'Open the dispute' }).click();
  await event(page, 'dispute_opened').waitFor();
  await page.getByText('An open dispute freezes the escrow.').first().waitFor();

  await become(page, 'Operator');
  await button(page, 'Take into review').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take into review' }).click();
  await button(page, 'Resolve').click();
  await page.getByRole('dialog').getByLabel('Note').fill('Agreed between the parties.');
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
  await event(page, 'dispute_resolved').waitFor();
  await page.getByText('Agreed between the parties.').first().waitFor();
}

/** Every page that lists something, in both themes and widths, without a violation and without scrolling sideways. */
export async function every_page(page) {
  const pages = ['', 'offers', 'offers/new', 'intents', 'intents/new', 'contracts', 'accounts', 'operations', 'events', 'disputes', 'dead-letters', 'keys', 'invitations', 'audit', 'no-such-page'];
  await home(page);
  await become(page, 'Operator');
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 860 });
      for (const path of pages) {
        await page.goto(`/app/${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
        await accessible(page, `/${path} ${scheme} ${width}`);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(sideways, 0, `/${path} scrolls sideways at ${width}`);
      }
    }
  }
}

/** From the address bar to a new offer without a mouse. */
export async function by_keyboard(page) {
  await home(page);
  await become(page, 'Provider');
  await page.goto('/app/offers');
  await page.getByTestId('offers').waitFor();
  const tabTo = async (name) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (text.includes(name)) return;
    }
    assert.fail(`${name} cannot be reached by keyboard`);
  };
  await tabTo('Skip to the page');
  await tabTo('New offer');
  const outlined = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outlined, 'none', 'the focus cannot be seen');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'New offer' }).waitFor();
}

/** Where there is no demonstration, a key is asked for; a wrong one is refused, and signing out forgets it. */
export async function sign_in(page) {
  const { personas } = await (await page.request.get('/session/demo')).json();
  const { key } = personas.find(({ role }) => role === 'reviewer');
  await page.route('**/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), demo: false } });
  });
  await page.goto('/app/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await accessible(page, 'sign in');
  const input = page.locator('input[type="password"]');
  await input.fill('not a key');
  await button(page, 'Sign in').click();
  await page.getByText('unauthorized', { exact: true }).waitFor();
  await input.fill(key);
  await button(page, 'Sign in').click();
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  assert.ok(!kept.includes(key) && !kept.includes('oes_'), 'what a script can read holds neither key nor session');
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === `oe_session_${new URL(page.url()).port}`);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.expires], [true, 'Strict', -1]);
  await page.reload();
  await page.getByRole('button', { name: /You act as Reviewer/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}
sign_in.options = { tolerate: ['401'] };

/** A key is made, shown once, opens what is its participant's, and opens nothing once it is revoked. */
export async function a_key(page) {
  await home(page);
  await become(page, 'Operator');
  await page.goto('/app/keys');
  await button(page, 'New key').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  assert.match(await complaint(page, 'participant').innerText(), /Required/);
  await accessible(page, 'the dialog of a new key');
  await field(page, 'participant').fill('clinic-new');
  await field(page, 'label').fill('laptop');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const key = await page.getByTestId('secret').innerText();
  assert.match(key, /^oek_[0-9a-f]{12}_/);
  await accessible(page, 'a key as it is shown');
  await button(page, 'It is kept').click();
  await page.getByTestId('secret').waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(key));

  const row = page.locator(`tr[data-key="${key.split('_')[1]}"]`);
  await row.getByText('laptop').waitFor();
  await accessible(page, 'keys');
  const asks = () => page.request.get('/session/me', { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await (await asks()).json()).participant, 'clinic-new');
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await button(page, 'Revoke the key').click();
  await page.locator(`tr[data-key="${key.split('_')[1]}"][data-state="revoked"]`).waitFor();
  assert.equal((await asks()).status(), 401);
}

/** Two ask to join: one is rejected with a reason, one invited; its invitation is revoked and lets nobody in. */
export async function invitations(page) {
  for (const who of ['ada', 'bob']) {
    const data = { contact_email: `${who}@clinic.example`, compute_type: 'cpu', name: who };
    assert.equal((await page.request.post('/join/request_invite', { data })).status(), 201);
  }
  await home(page);
  await become(page, 'Provider');
  await page.goto('/app/invitations');
  await page.getByText('Not with this role').waitFor();
  await become(page, 'Operator');
  const row = (who) => page.locator('tr[data-request]').filter({ hasText: `${who}@clinic.example` });
  await row('bob').getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reject the request' }).click();
  assert.match(await complaint(page, 'reason').innerText(), /Required/);
  await field(page, 'reason').fill('No data to speak of.');
  await accessible(page, 'the dialog of a rejection');
  await page.getByRole('dialog').getByRole('button', { name: 'Reject the request' }).click();
  await row('bob').getByText('No data to speak of.').waitFor();

  await row('ada').getByRole('button', { name: 'Approve' }).click();
  await accessible(page, 'the dialog of an invitation');
  await page.getByRole('dialog').getByRole('button', { name: 'Make the invitation' }).click();
  const code = await page.getByTestId('secret').innerText();
  assert.match(code, /^oei_/);
  await button(page, 'It is kept').click();
  const invite = page.locator(`tr[data-invite="${code.split('_')[1]}"]`);
  await invite.getByText('0 of 1').waitFor();
  await accessible(page, 'invitations');
  await invite.getByRole('button', { name: 'Revoke' }).click();
  await button(page, 'Revoke the invitation').click();
  await page.locator(`tr[data-invite="${code.split('_')[1]}"][data-state="revoked"]`).waitFor();
  // As a page of ours would: the browser's cookie goes along.
  const headers = { origin: new URL(page.url()).origin };
  const late = await page.request.post('/join/register', { headers, data: { invite: code, name: 'ada' } });
  assert.equal((await late.json()).code, 'invite_not_found');
}

/** What was changed is found by path and actor, and all of it can be taken along. */
export async function the_audit(page) {
  await home(page);
  await become(page, 'Reviewer');
  await page.goto('/app/audit');
  await page.locator('tr[data-seq]').first().waitFor();
  await page.getByLabel('Search the audit').fill('/escrow/release');
  await page.getByLabel('Actor').fill('model_owner');
  const shown = page.locator('tr[data-seq]');
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('tr[data-seq]')];
    return rows.length > 0 && rows.every(({ textContent }) => textContent.includes('/marketplace/escrow/release'));
  });
  assert.match(await shown.first().innerText(), /model_owner/);
  await accessible(page, 'audit');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export all records' }).click();
  assert.equal((await download).suggestedFilename(), 'audit.jsonl');
  await page.getByLabel('Search the audit').fill('nothing like this');
  await page.getByText('No record fits').waitFor();
}

/** What happens elsewhere appears by itself, in the list and in the feed. */
export async function live(page) {
  await page.goto('/app/events');
  await page.locator('[data-feed="live"]').waitFor();
  await ask('offer Seen-from-afar');
  await page.locator('[data-kind="marketplace.offer_published"]').filter({ hasText: 'elsewhere' }).first().waitFor();
  await page.getByLabel('Search events').fill('nothing like this');
  await page.getByText('No event fits the filters').waitFor();

  await page.goto('/app/offers');
  await page.getByText('Seen-from-afar').waitFor();
  await page.getByLabel('Search offers').fill('from-afar');
  await page.getByText('1 offer', { exact: true }).waitFor();
}

/** A service is down: its part says so, the rest works, and it comes back by itself. */
export async function a_service_down(page) {
  await home(page);
  await become(page, 'Operator');
  await page.goto('/app/operations');
  await page.locator('[data-service="escrow"][data-status="ok"]').waitFor();
  await ask('stop escrow');
  await page.locator('[data-service="escrow"][data-status="down"]').waitFor();
  await page.getByText('Some numbers are missing').waitFor();
  await accessible(page, 'operations with a service down');
  await page.goto('/app/accounts?participant=research-lab');
  await page.getByText('no_answer').first().waitFor();
  await accessible(page, 'accounts with the escrow down');
  await ask('continue escrow');
  await page.getByText('Available', { exact: true }).waitFor({ timeout: 150_000 });
}
a_service_down.options = { tolerate: ['503'] };

/** The gateway dies in the middle of a run: the page says that it is offline, comes back, and shows the right state. */
export async function a_gateway_restart(page) {
  await home(page);
  await become(page, 'Model owner');
  await page.goto('/app/intents/new?example=1');
  await page.locator('[data-testid="preview"][data-match="true"]').waitFor();
  await button(page, 'Open the intent').click();
  await button(page, 'Match').click();
  await event(page, 'escrow_locked').waitFor();
  await button(page, 'Start training').click();
  await event(page, 'bound_to_round').waitFor();
  await page.locator('[data-feed="live"]').waitFor();
  await ask('kill gateway');
  await page.locator('[data-feed="broken"]').waitFor();
  await page.getByText('Offline', { exact: true }).waitFor();
  await page.locator('[data-feed="live"]').waitFor({ timeout: 150_000 });
  await event(page, 'training_completed').waitFor({ timeout: ROUND_MS });
  await page.getByText('Verified', { exact: true }).waitFor();
  await page.locator('tr[data-round]').nth(2).waitFor();
  assert.equal(await page.locator('tr[data-round]').count(), 3);
}
a_gateway_restart.options = { tolerate: ['ERR_', '503'] };
