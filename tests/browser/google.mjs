// Google accounts and spreadsheets as people use them. Run by google.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	fits,
	looksWell,
	open,
	shop,
	signIn,
	SMALL,
	start,
	stop,
	tidemark,
	until,
} from './browser.mjs';

const tab = (name) => `${base}/settings?tab=${name}`;
const add = `${base}/settings?tab=integrations&add=google-sheets#add`;
const link = `https://docs.google.com/spreadsheets/d/${shop}/edit#gid=0`;
let page, connection;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const said = () => text('[role=alert], #live:not(:empty)');
const scope = (p, word) => p.locator(`input[name=scope][value*="${word}"]`);
const records = async () => {
	const { json } = await api('GET', `/api/connections/${connection}/datasets`);
	return (
		await Promise.all(
			json.data.map(
				async (d) =>
					(
						await api(
							'GET',
							`/api/datasets/${d.id}/records?limit=500`,
						)
					).json.data,
			),
		)
	).flat();
};

before(start);
after(stop);

test('without an account the form leads to one', async () => {
	page = await open({ stranger: true });
	await signIn(page);
	await page.goto(tab('accounts'));
	await accessible(page, 'accounts, none yet');
	await page.goto(add);
	await accessible(page, 'a sheet without an account');
	await page.getByRole('link', { name: 'Connect Google' }).click();
	assert.match(await text('h1'), /wants access/);
	await accessible(page, 'the consent page of the stand-in');
	await page.getByRole('button', { name: 'Cancel' }).click();
	assert.match(await said(), /Nothing was connected: the request was declined/);
	assert.match(page.url(), /add=google-sheets/, 'back where it began');
});

test('what was not allowed is said in words', async () => {
	await page.goto(tab('accounts'));
	await page.getByRole('link', { name: 'Connect Google' }).click();
	await scope(page, 'spreadsheets').uncheck();
	await scope(page, 'drive').uncheck();
	await page.getByRole('button', { name: 'Allow' }).click();
	assert.match(await said(), /not allowed to see your spreadsheets/);
	await accessible(page, 'a consent that is not enough');
	assert.equal((await api('GET', '/api/accounts')).json.data.length, 0);
	await page.getByRole('link', { name: 'Connect Google' }).click();
	await scope(page, 'drive').uncheck();
	await page.getByRole('button', { name: 'Allow' }).click();
	assert.match(await said(), /ann@example.com is connected/);
	assert.match(await text('article'), /Not allowed: see the names and dates of your files/);
	await accessible(page, 'a partial grant');
	await page.getByRole('link', { name: /^Reconnect/ }).click();
	await page.getByRole('button', { name: 'Allow' }).click();
	assert.match(await said(), /ann@example.com is connected/);
	assert.doesNotMatch(await text('article'), /Not allowed/);
	assert.equal((await api('GET', '/api/accounts')).json.data.length, 1, 'the same row');
});

test('a link that is none, and a spreadsheet that is not shared, say so at the form', async () => {
	await page.goto(add);
	await page.getByLabel('Spreadsheet').fill('https://example.com/');
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.locator('[aria-invalid]').waitFor();
	assert.match(await text('#f-spreadsheet-e'), /Paste the link of the spreadsheet/);
	await page
		.getByLabel('Spreadsheet')
		.fill(`https://docs.google.com/spreadsheets/d/1Nobody${'0'.repeat(35)}/edit`);
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.locator('#problem', { hasText: 'ann@example.com' }).waitFor();
	assert.match(await text('#problem'), /Share it/);
	await accessible(page, 'a spreadsheet that is not shared');
});

const CHOSEN =
	'a spreadsheet is chosen from the list, its tabs and columns are picked, ' +
	'and a preview shows what comes';
test(CHOSEN, async () => {
	await page.goto(add);
	await page.getByRole('button', { name: 'Show my spreadsheets' }).click();
	await page.locator('.source', { hasText: 'Tea shop' }).waitFor();
	await accessible(page, 'the list of spreadsheets');
	await page.locator('.source', { hasText: 'Tea shop' }).click();
	const tabs = page.getByRole('group', { name: 'Tabs' });
	await tabs.waitFor();
	assert.equal(
		await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(),
		'Tea shop',
	);
	await tabs.getByLabel('Customers').check();
	await page.getByRole('group', { name: 'Key column' }).getByLabel('No.').check();
	await page.getByText('More options').click();
	await page.getByRole('group', { name: 'Columns' }).waitFor();
	await page.getByLabel('The rows are people').check();
	assert.match(
		await page
			.getByLabel('Column of the e-mail address')
			.locator('option:checked')
			.innerText(),
		/Suggested: E-mail/,
	);
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.getByRole('cell', { name: 'ada@example.com' }).waitFor();
	const preview = await text('#preview');
	assert.match(preview, /3 records/);
	assert.match(
		preview,
		new RegExp(
			'3 contacts: the name from "Name", the e-mail address from "E-mail", ' +
				'the phone number from "Phone"',
		),
	);
	assert.match(preview, /1 contact has neither/);
	assert.match(preview, /0042/);
	assert.equal(await tabs.getByLabel('Customers').isChecked(), true, 'what was picked stays');
	await accessible(page, 'the form with a preview');
});

test('it is connected and read', async () => {
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await page.waitForURL(/\/connections\//);
	connection = page.url().split('/').pop();
	await page.getByRole('cell', { name: 'Chiara', exact: true }).waitFor();
	assert.deepEqual((await records()).map((r) => r['No.']).sort(), ['0042', '0043', '0044']);
	await page.getByText('Google tells Tidemark about changes at once.').waitFor();
	assert.match(await text('main'), /1 connection of this account uses at most 1 %/);
	await accessible(page, 'a connection that reads with an account');
});

test('a change in the sheet is on the open page before the schedule would read it', async () => {
	const began = Date.now();
	await tidemark('edit', 'Customers!B2', 'Adelheid');
	await until(
		async () => (await records()).some((r) => r.Name === 'Adelheid'),
		'the record changes',
	);
	const record = Date.now() - began;
	await page.getByRole('cell', { name: 'Adelheid' }).waitFor();
	console.log(`# a record after ${record} ms, on the page after ${Date.now() - began} ms`);
	await page.reload();
	assert.match(await text('section:has(#history)'), /Notified by the source/);
});

test('what is picked is changed on its page', async () => {
	await page.getByRole('button', { name: 'Show its tabs and columns' }).click();
	const tabs = page.getByRole('group', { name: 'Tabs' });
	await tabs.waitFor();
	assert.equal(await tabs.getByLabel('Customers').isChecked(), true);
	assert.equal(await tabs.getByLabel('Orders').isChecked(), false);
	assert.equal(
		await page.getByRole('group', { name: 'Key column' }).getByLabel('No.').isChecked(),
		true,
	);
	await accessible(page, 'tabs and columns of a connection');
	await tabs.getByLabel('Orders').check();
	// The other tab does not have it.
	await page.getByRole('group', { name: 'Key column' }).getByLabel('No.').uncheck();
	await page.getByRole('button', { name: 'Save', exact: true }).last().click();
	await page.getByText('Saved.').first().waitFor();
	assert.deepEqual((await api('GET', `/api/connections/${connection}`)).json.config.tabs, [
		'Customers',
		'Orders',
	]);
});

test('an account that was shut out is connected again, to the same row', async () => {
	await tidemark('revoke');
	await page.goto(`${base}/connections/${connection}`);
	await page.getByRole('button', { name: /Sync now/ }).click();
	await page.getByRole('link', { name: 'Reconnect' }).first().waitFor();
	await until(
		async () => /no longer lets Tidemark in/.test(await text('main')),
		'the page says so',
	);
	await accessible(page, 'a connection that was shut out');
	await page.goto(tab('accounts'));
	assert.match(await text('article'), /Needs attention/);
	await accessible(page, 'an account that was shut out');
	await page.goto(`${base}/connections/${connection}`);
	await page.getByRole('link', { name: 'Reconnect' }).first().click();
	await page.getByRole('button', { name: 'Allow' }).click();
	assert.match(await said(), /ann@example.com is connected/);
	await until(
		async () =>
			(await api('GET', `/api/connections/${connection}`)).json.status ===
			'active',
		'it reads again',
	);
	assert.equal((await api('GET', '/api/accounts')).json.data.length, 1);
});

test('an interval that Google does not allow is refused with the shortest that fits', async () => {
	const made = [];
	for (let i = 0; i < 20; i++) {
		const { status, json } = await api('POST', '/api/connections', {
			provider: 'google-sheets',
			name: `Sheet ${i}`,
			config: { spreadsheet: link },
			schedule: { enabled: true, intervalMinutes: i ? 1 : 2 },
			start: false,
		});
		assert.equal(status, 201, JSON.stringify(json));
		made.push(json.id);
	}
	await page.goto(`${base}/connections/${connection}`);
	await page.getByLabel('How often').selectOption('custom');
	await page.getByLabel('Minutes between syncs').fill('1');
	await page.getByRole('button', { name: 'Save', exact: true }).first().click();
	await page
		.locator('[role=alert], .toast.bad')
		.filter({ hasText: /shortest interval|less often/ })
		.first()
		.waitFor();
	await page.goto(tab('accounts'));
	assert.match(await text('article'), /21 connections use at most \d+ % of the quota/);
	for (const id of made)
		assert.equal(
			(await api('DELETE', `/api/connections/${id}?data=delete`)).status,
			204,
		);
});

test('the analytics show what the syncs did', async () => {
	await page.goto(`${base}/analytics`);
	await page.getByText('As a table').click();
	assert.match(await text('main'), /Success/);
	assert.equal((await page.locator('svg.chart[role=img]').count()) >= 4, true);
	await accessible(page, 'analytics');
});

test('a key of a service account that is none is refused beside the field', async () => {
	await page.goto(tab('accounts'));
	await page.getByText('Connect a service account').click();
	await page.getByLabel('JSON key').fill('{"type": "service_account"}');
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await page.locator('#key-e:not(:empty), [role=alert]').first().waitFor();
	await accessible(page, 'a refused key');
	assert.doesNotMatch(await page.content(), /"type": "service_account"/);
});

test('all of it fits a small screen, in light and dark', async () => {
	const small = await open({ viewport: { width: 320, height: 700 } });
	for (const path of [
		'/settings?tab=accounts',
		'/settings?tab=integrations&add=google-sheets',
		`/connections/${connection}`,
		'/analytics',
	]) {
		await small.goto(base + path);
		for (const s of await small.locator('summary:visible').all()) await s.click();
		await looksWell(small, path, SMALL);
	}
	await small.goto(add);
	await small.getByLabel('Spreadsheet').fill(link);
	await small.getByText('More options').click();
	await small.getByRole('button', { name: 'Show its tabs and columns' }).click();
	await small.getByRole('group', { name: 'Tabs' }).waitFor();
	await looksWell(small, 'the form with tabs', SMALL);
	await closed(small);
});

test('an account is disconnected after a question', async () => {
	await page.goto(tab('accounts'));
	await page.getByRole('button', { name: /^Disconnect/ }).click();
	await page
		.getByRole('dialog')
		.getByRole('button', { name: /Disconnect/ })
		.click();
	assert.match(await said(), /disconnected and its access revoked/);
	await page.goto(`${base}/connections/${connection}`);
	await page.getByRole('link', { name: 'Connect Google' }).waitFor();
	await accessible(page, 'a connection without an account');
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));
