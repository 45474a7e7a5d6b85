// An address book as people use it: which labels, how often, one person out of two. Run by
// contacts.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	fits,
	open,
	signIn,
	start,
	stop,
	tidemark,
	until,
} from './browser.mjs';

const integrations = `${base}/settings?tab=integrations`;
const add = `${integrations}&add=google-contacts#add`;
let page, connection;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const config = async () => (await api('GET', '/api/auto-sync/config')).json;
const people = async () => {
	const { json } = await api('GET', `/api/connections/${connection}/datasets`);
	if (!json.data.length) return [];
	const records = await api('GET', `/api/datasets/${json.data[0].id}/records`);
	return records.json.data.map((r) => r.displayName).sort();
};

before(start);
after(stop);

test('an account is asked for its contacts, and for nothing else', async () => {
	page = await open({ stranger: true });
	await signIn(page);
	await page.goto(add);
	await page.getByRole('link', { name: 'Connect Google' }).click();
	const asked = await page.locator('input[name=scope]').evaluateAll((all) =>
		all.map((box) => box.value.split('/').pop()),
	);
	assert.ok(asked.includes('contacts.readonly'), asked.join());
	assert.ok(!asked.some((word) => /spreadsheets|calendar/.test(word)), asked.join());
	await page.getByRole('button', { name: 'Allow' }).click();
	assert.match(page.url(), /add=google-contacts/, 'and back where it began');
});

test('labels are chosen from those that are there, and a preview shows who comes', async () => {
	await page.getByRole('button', { name: 'Show its labels' }).click();
	const labels = page.getByRole('group', { name: 'Labels', exact: true });
	await labels.waitFor();
	await labels.getByLabel('Tea').check();
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.getByRole('cell', { name: 'Bruno', exact: true }).first().waitFor();
	assert.match(await text('#preview'), /2 records/);
	assert.doesNotMatch(await text('#preview'), /Chiara/);
	await accessible(page, 'the form of an address book');
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await page.waitForURL(/\/connections\//);
	connection = page.url().split('/').pop();
	await until(async () => (await people()).join() === 'Ada,Bruno', 'they are here');
});

test('the card says when next, and what is set is set at once', async () => {
	await page.goto(integrations);
	const card = page.locator('#contacts');
	assert.match(await card.innerText(), /Next sync in (23|24) hours/);
	await accessible(page, 'the settings with an address book');
	await fits(page, 'the settings with an address book');
	await card.getByLabel('How often').selectOption({ label: 'Every 4 hours' });
	await until(async () => (await config()).interval_hours === 4, 'saved');
	await card.getByText(/Next sync in [34] hours/).waitFor();
	await card.getByRole('switch').uncheck();
	await card.getByText('No automatic sync').waitFor();
	assert.equal((await config()).enabled, false);
	await card.getByRole('switch').check();
	await card.getByText(/Next sync in [34] hours/).waitFor();
});

test('what cannot be saved snaps back, with the reason', async () => {
	const card = page.locator('#contacts');
	await page.route('**/api/auto-sync/config', (route) =>
		route.fulfill({
			status: 503,
			contentType: 'application/problem+json',
			body: JSON.stringify({ title: 'Busy', detail: 'Tidemark is busy.' }),
		}),
	);
	await card.getByRole('switch').click();
	await page.locator('#live', { hasText: 'Not saved: Tidemark is busy.' }).waitFor();
	assert.equal(await card.getByRole('switch').isChecked(), true);
	await card.getByLabel('How often').selectOption({ label: 'Every 48 hours' });
	await until(
		async () => (await card.getByLabel('How often').inputValue()) === '4',
		'the interval is as it was',
	);
	await page.unroute('**/api/auto-sync/config');
	assert.equal((await config()).enabled, true);
});

test('of two who are merged at Google one is left here', async () => {
	await tidemark('merge');
	await api('POST', '/api/sync', { connectionId: connection });
	await until(async () => (await people()).join() === 'Ada', 'one survivor');
});
