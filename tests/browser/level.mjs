// What a sync has brought is shown on the open page, and nothing is taken out of the hands of who
// uses it. Run by level.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	complaints,
	connected,
	open,
	people,
	signIn,
	start,
	stop,
	synced,
	tidemark,
} from './browser.mjs';

let page, c;
// Marks the document: a page that is loaded again has lost it.
const mark = () =>
	page.evaluate(() => {
		window.marked = true;
	});
const marked = () => page.evaluate(() => window.marked === true);
// What the page does when it hears of a sync that has ended.
const follow = () =>
	page.evaluate(async () => {
		const { src } = document.querySelector('script[type=module]');
		const { level } = await import(src.replace('app.js', 'level.js'));
		return level();
	});
const overview = `${base}/integrations-overview`;

before(start);
after(stop);

test('a new row appears; details stay open, a selection and the focus stay', async () => {
	await tidemark('put', '/p.csv', people(1, 4));
	c = await connected('People', '/p.csv', { schedule: { enabled: false } });
	page = await open({ stranger: true });
	await signIn(page);
	await page.goto(`${base}/connections/${c.id}`);
	const details = page.locator('details', { hasText: 'SQL view' });
	await details.locator('summary').click();
	await page.evaluate(() => {
		const cells = [...document.querySelectorAll('td')];
		getSelection().selectAllChildren(cells.find((e) => e.textContent === 'Person 2'));
	});
	await mark();
	await tidemark('put', '/p.csv', people(1, 5));
	await tidemark('cooled', c.id);
	await page.getByRole('button', { name: /Sync now/ }).press('Enter');
	await page.getByRole('cell', { name: 'Person 5', exact: true }).waitFor();
	assert.match(await page.locator('#live').innerText(), /Sync complete/);
	assert.equal(await page.locator('tidemark-progress').count(), 0, 'and the card is gone');
	assert.ok(await marked(), 'the page was not loaded again');
	assert.equal(await page.evaluate(() => String(getSelection())), 'Person 2');
	assert.ok(await details.evaluate((e) => e.open));
	assert.ok(
		await page.evaluate(() =>
			document.activeElement.matches('form[data-start] button'),
		),
		'the keyboard is where it was',
	);
	await accessible(page, 'a page that was brought level');
});

test('what is being typed is left alone while the rest follows', async () => {
	await page.goto(`${base}/connections/${c.id}`);
	const name = page.getByLabel('Name', { exact: true });
	await name.fill('Half a na');
	await tidemark('put', '/p.csv', people(1, 6));
	await synced(c.id);
	assert.equal(await follow(), true);
	await page.getByRole('cell', { name: 'Person 6', exact: true }).waitFor();
	assert.equal(await name.inputValue(), 'Half a na');
	assert.ok(await name.evaluate((e) => e === document.activeElement), 'and has the keyboard');
});

test('a row that moves to the front takes the focus of its link along', async () => {
	await tidemark('put', '/q.csv', people(1, 60));
	const q = await connected('Quarters', '/q.csv', { schedule: { enabled: false } });
	await page.goto(overview);
	const order = () =>
		page
			.locator('tr[data-connection]')
			.evaluateAll((rows) => rows.map((e) => e.dataset.connection));
	assert.deepEqual(await order(), [c.id, q.id]);
	await page.locator(`tr[data-connection="${q.id}"] a`).first().focus();
	await tidemark('put', '/q.csv', people(1, 1));
	assert.equal((await synced(q.id)).status, 'error');
	assert.equal(await follow(), true);
	assert.deepEqual(await order(), [q.id, c.id], 'what needs somebody comes first');
	assert.equal(
		await page.evaluate(
			() =>
				document.activeElement.closest('[data-connection]')?.dataset
					.connection,
		),
		q.id,
	);
});

test('a connection that is gone leaves the list, and the last one its place', async () => {
	for (const { id } of (await api('GET', '/api/connections')).json.data)
		assert.equal(
			(await api('DELETE', `/api/connections/${id}?data=delete`)).status,
			204,
		);
	assert.equal(await follow(), true);
	assert.equal(await page.locator('tr[data-connection]').count(), 0);
	assert.match(await page.locator('main').innerText(), /Nothing connected yet/);
});

test('who is signed out meanwhile is asked to sign in', async () => {
	await page.context().clearCookies();
	await Promise.all([page.waitForURL(/\/sign-in/), follow().catch(() => {})]);
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));
