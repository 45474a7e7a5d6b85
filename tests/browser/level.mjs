// What a sync has brought is shown on the open page, and nothing is taken out of the hands of who
// uses it. Run by level.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	connected,
	open,
	people,
	signIn,
	source,
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

test('a form in which nobody has typed shows what was saved elsewhere', async () => {
	await page.goto(`${base}/connections/${c.id}`);
	const name = page.getByLabel('Name', { exact: true });
	assert.equal(await name.inputValue(), 'People');
	await mark();
	for (const said of ['Persons', 'People']) {
		await api('PATCH', `/api/connections/${c.id}`, { name: said });
		assert.equal(await follow(), true);
		assert.equal(await name.inputValue(), said);
	}
	assert.ok(await marked(), 'the page was not loaded again');
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

// As when something was saved, and the page shows it.
const happened = () =>
	page.evaluate(() => document.dispatchEvent(new CustomEvent('tidemark-saved')));
const says = (words) => page.locator('#live', { hasText: words }).waitFor();
const OUT = /^You are signed out\..* What you have typed stays here\. Sign in$/;
// The connection's page with a name that is half typed.
const typing = async () => {
	await page.goto(`${base}/connections/${c.id}`);
	const name = page.getByLabel('Name', { exact: true });
	await name.fill('Half a na');
	await mark();
	return name;
};

test('a page with what somebody has typed stays when the session ends, and goes on', async () => {
	const name = await typing(),
		cookies = await page.context().cookies();
	await page.context().clearCookies();
	await happened();
	await says(OUT);
	assert.equal(await page.locator('#live a').getAttribute('target'), '_blank');
	await assert.rejects(follow(), /You are signed out/);
	await tidemark('put', '/p.csv', people(1, 7));
	await synced(c.id);
	await page.context().addCookies(cookies);
	await happened();
	await page.getByRole('cell', { name: 'Person 7', exact: true }).waitFor();
	await says(/^Saved\.$/);
	assert.ok(await marked(), 'it was never left');
	assert.equal(await name.inputValue(), 'Half a na');
});

test('who cannot be asked now is not told to be signed out', async () => {
	const name = await typing();
	for (const status of [429, 503]) {
		await page.route('**/sign-in', (route) =>
			route.fulfill({ status, contentType: 'text/html', body: '<h1>Too many' }),
		);
		await page.getByRole('button', { name: 'Save', exact: true }).last().click();
		await says(/^Tidemark cannot be reached just now\. What you have typed stays/);
		await page.unroute('**/sign-in');
	}
	assert.ok(await marked(), 'it was not sent');
	assert.equal(await name.inputValue(), 'Half a na');
});

test('what somebody has typed stays out of the pages of somebody else', async () => {
	const name = await typing(),
		cookies = await page.context().cookies();
	await page.context().clearCookies();
	const other = await page.context().newPage();
	await other.goto(await tidemark('link', 'dora'));
	await other.close();
	await happened();
	await says(/^Somebody else is signed in here by now\. What you have typed stays here\.$/);
	assert.equal(await page.locator('.who span').innerText(), 'admin');
	assert.equal(await name.inputValue(), 'Half a na');
	await page.context().clearCookies();
	await page.context().addCookies(cookies);
	await happened();
	await says(/^Saved\.$/);
	assert.ok(await marked(), 'it was never left');
});

test('a page that is only looked at says when the session ends, and goes on', async () => {
	const p = await open();
	await p.clock.install();
	await p.goto(`${base}/connections/${c.id}`);
	const cookies = await p.context().cookies();
	await p.context().clearCookies();
	await p.clock.runFor(31000);
	const out = p.locator('#live', { hasText: /^You are signed out\. Sign in$/ });
	await out.waitFor();
	assert.equal(await p.locator('#live a').getAttribute('target'), null);
	await tidemark('put', '/p.csv', people(1, 8));
	await synced(c.id);
	await p.context().addCookies(cookies);
	await p.clock.runFor(31000);
	await p.getByRole('cell', { name: 'Person 8', exact: true }).waitFor();
	await out.waitFor({ state: 'hidden' });
	await closed(p);
});

test('what is gone stays while it holds what somebody has typed', async () => {
	const there = [];
	await tidemark('put', '/gone.csv', people(1, 2));
	for (const name of ['Typed in', 'Looked at']) {
		const more = { schedule: { enabled: false } };
		there.push((await connected(name, '/gone.csv', more)).id);
	}
	await page.goto(`${base}/settings?tab=integrations`);
	const [one, two] = there.map((id) => page.locator(`article[data-connection="${id}"]`));
	await one.getByLabel('How often').selectOption('custom');
	const minutes = one.getByLabel('Minutes between syncs');
	await minutes.fill('45');
	await page.getByRole('heading').first().click();
	for (const id of there) await api('DELETE', `/api/connections/${id}?data=delete`);
	assert.equal(await follow(), true);
	assert.equal(await two.count(), 0);
	assert.equal(await minutes.inputValue(), '45');
	assert.equal(await follow(), true);
	assert.equal(await one.count(), 1, 'once');
});

test('what is typed while an answer is on its way is in the form that it brings', async () => {
	await page.goto(`${base}/settings?tab=integrations&add=csv`);
	let go;
	const gate = new Promise((done) => {
		go = done;
	});
	await page.route('**/settings/add', async (route) => {
		await gate;
		await route.continue();
	});
	await page.getByLabel('Address of the CSV file').fill(`${source}/p.csv`);
	await page.getByRole('button', { name: 'Preview' }).click();
	const name = page.getByLabel('Name', { exact: true });
	await name.fill('Meanwhile');
	go();
	await page.locator('#preview table').waitFor();
	assert.equal(await name.inputValue(), 'Meanwhile');
	assert.ok(await name.evaluate((e) => e === document.activeElement), 'and has the keyboard');
	await page.unroute('**/settings/add');
});

test('what is wrong is not wiped away by what happens elsewhere', async () => {
	await page.goto(`${base}/connections/${c.id}`);
	await page.route('**/schedule', (route) =>
		route.fulfill({
			status: 503,
			contentType: 'application/problem+json',
			body: '{"title":"Busy","detail":"The database is busy."}',
		}),
	);
	await page.getByRole('switch').click();
	await says('Not saved: The database is busy.');
	await page.unroute('**/schedule');
	await page.evaluate(() =>
		document.dispatchEvent(
			new CustomEvent('tidemark-done', {
				detail: { status: 'complete', message: 'Up to date' },
			}),
		),
	);
	await page.locator('#tidemark-phase', { hasText: 'Sync complete. Up to date' }).waitFor();
	await says('Not saved: The database is busy.');
	await page.getByRole('switch').click();
	await says(/^Saved\.$/);
});

test('what the next page has to say is not taken by one that looks for what is new', async () => {
	await page.goto(overview);
	await page.context().addCookies([{ name: 'tidemark-say', value: 'Hello', url: base }]);
	assert.equal(await follow(), true);
	await page.goto(overview);
	await says(/^Hello$/);
	await page.goto(overview);
	assert.equal(await page.locator('#live').innerText(), '', 'it is said once');
});

test('a connection that is gone leaves the list, and the last one its place', async () => {
	await page.goto(overview);
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
