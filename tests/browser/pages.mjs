// Sources as a person connects, follows, sets and mends them on the pages. Run by pages.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	connected,
	fits,
	open,
	people,
	signIn,
	source,
	start,
	stop,
	synced,
	tidemark,
	until,
} from './browser.mjs';

const settings = `${base}/settings?tab=integrations`;
// More of it comes only when it is released.
const held = { hold: 9000 };
let page;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const card = (id, p = page) => p.locator(`[data-connection="${id}"]`);

before(start);
after(stop);

test('a page asks a stranger to sign in, and a link signs in once', async () => {
	page = await open({ stranger: true });
	await page.goto(`${base}/settings?tab=integrations`);
	assert.match(page.url(), /\/sign-in\?next=/);
	assert.match(await text('h1'), /Sign in/);
	await accessible(page, 'sign-in');
	await closed(page);
	page = await open({ stranger: true });
	const link = await tidemark('link');
	await page.goto(link);
	assert.match(page.url(), /\/settings/);
	const other = await open({ stranger: true });
	await other.goto(link);
	assert.match(await text('[role=alert]', other), /used already/);
	await accessible(other, 'a used link');
	await closed(other);
	await closed(page);
	page = await open({ stranger: true });
	await signIn(page);
});

test('with nothing connected the first page offers the kinds of source', async () => {
	await page.goto(base);
	assert.match(await text('main'), /Nothing connected yet/);
	const { data } = (await api('GET', '/api/providers')).json;
	assert.equal(await page.locator('.picks a').count(), data.length);
	assert.ok(data.length >= 4);
	await accessible(page, 'the empty first page');
	await page.goto(`${base}/integrations-overview`);
	assert.match(await text('main'), /Nothing connected yet/);
	await accessible(page, 'the empty overview');
});

test('a CSV source is previewed, connected, followed to its end and shown', async () => {
	await tidemark('put', '/people.csv', people(1, 600));
	await page.goto(base);
	await page.getByRole('link', { name: /CSV/ }).click();
	await page.getByLabel('Address of the CSV file').fill(`${source}/people.csv`);
	await page.getByLabel('Name', { exact: true }).fill('People');
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.getByRole('region', { name: 'First rows of the preview' }).waitFor();
	assert.match(await text('#preview'), /600 records, 3 columns/);
	assert.match(await text('#preview'), /Person 1/);
	assert.equal(
		(await api('GET', '/api/connections')).json.data.length,
		0,
		'a preview saves nothing',
	);
	await accessible(page, 'a preview');
	await tidemark('put', '/people.csv', people(1, 600), held);
	await page.getByRole('button', { name: 'Connect' }).click();
	await page.waitForURL(/\/connections\//);
	const seen = [];
	await page.locator('tidemark-progress').waitFor();
	await page.exposeFunction('moved', (n) => seen.push(n));
	await page.evaluate(() => {
		const bar = document.querySelector('tidemark-progress progress');
		const look = () => bar.hasAttribute('value') && window.moved(bar.value);
		new MutationObserver(look).observe(bar, { attributes: true });
		look();
	});
	await until(async () => seen.at(-1) > 0, 'it shows how much has come');
	await tidemark('release', '/people.csv');
	await page.getByRole('cell', { name: 'Person 17', exact: true }).waitFor();
	assert.ok(seen.at(-1) > seen[0], `the bar moved: ${seen}`);
	assert.deepEqual(
		seen,
		[...seen].sort((a, b) => a - b),
		'and never backwards',
	);
	assert.match(await text('.badge'), /Active/);
	assert.match(await text('.facts'), /600/);
});

test('what is wrong stands beside its field, and what was typed is kept', async () => {
	await page.goto(`${settings}&add=csv`);
	await page.getByLabel('Address of the CSV file').fill('no address');
	await page.getByLabel('Name', { exact: true }).fill('Kept');
	for (const button of ['Preview', 'Connect']) {
		await page.getByRole('button', { name: button }).click();
		await page.locator('[aria-invalid=true]').waitFor();
		const field = page.getByLabel('Address of the CSV file');
		assert.equal(await field.inputValue(), 'no address');
		const described = (await field.getAttribute('aria-describedby')).split(' ');
		assert.ok(
			(
				await Promise.all(
					described.map((id) => page.locator(`#${id}`).innerText()),
				)
			).some((t) => /http/.test(t)),
			'the message is tied to the field',
		);
		assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Kept');
	}
	await accessible(page, 'a refused form');
	await tidemark('put', '/page.html', '<!doctype html><p>Hello</p>', { type: 'text/html' });
	await page.getByLabel('Address of the CSV file').fill(`${source}/page.html`);
	await page.getByRole('button', { name: 'Test' }).click();
	await page.getByText('answers with a web page instead of data').first().waitFor();
});

test('what becomes a table is not asked about events', async () => {
	await page.goto(`${settings}&add=notion`);
	const direction = page.getByLabel('Direction'),
		becomes = page.getByLabel('What it becomes');
	assert.equal(await becomes.inputValue(), 'table');
	assert.equal(await direction.isVisible(), false);
	await becomes.selectOption('calendar');
	assert.ok(await direction.isVisible());
	await accessible(page, 'the form of a calendar in Notion');
	await fits(page, 'the form of a calendar in Notion');
});

test('a sync survives a reload, and a second tab follows the same one', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await tidemark('put', '/people.csv', people(1, 600), held);
	await page.goto(settings);
	const other = await open();
	await other.goto(settings);
	await card(c.id).getByRole('button', { name: 'Sync now' }).click();
	const bar = card(c.id).locator('tidemark-progress');
	await bar.waitFor();
	const id = await bar.getAttribute('sync');
	await card(c.id, other).getByRole('button', { name: 'Sync now' }).click();
	await card(c.id, other).locator('tidemark-progress').waitFor();
	assert.equal(await card(c.id, other).locator('tidemark-progress').getAttribute('sync'), id);
	await until(
		async () =>
			Number(
				await bar
					.locator('progress')
					.getAttribute('value')
					.catch(() => 0),
			) > 5,
		'it moves',
	);
	const before = Number(await bar.locator('progress').getAttribute('value'));
	await page.reload();
	assert.equal(await bar.getAttribute('sync'), id);
	assert.ok(Number(await bar.locator('progress').getAttribute('value')) >= before);
	await tidemark('release', '/people.csv');
	await until(
		async () => (await api('GET', `/api/sync?syncId=${id}`)).json.status === 'complete',
		'it ends',
	);
	for (const p of [page, other])
		await until(
			async () =>
				!(await card(c.id, p)
					.locator('tidemark-progress:not(.is-done)')
					.count()
					.catch(() => 1)),
			'the card is gone',
		);
	await until(
		async () => /Sync complete/.test(await text('#live').catch(() => '')),
		'the end is announced',
	);
	await closed(other);
});

test('a running sync can be cancelled from its card', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await tidemark('put', '/people.csv', people(1, 900), held);
	await page.goto(`${base}/connections/${c.id}`);
	await until(async () => {
		await page.getByRole('button', { name: 'Sync now' }).click();
		return page.locator('tidemark-progress').count();
	}, 'a sync starts');
	await page.locator('tidemark-progress').getByRole('button', { name: 'Cancel' }).click();
	await until(
		async () =>
			(await api('GET', `/api/connections/${c.id}`)).json.lastSync.error?.code ===
			'cancelled',
		'it is cancelled',
	);
});

test('the server falls silent in the middle: the card says so and goes on afterwards', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await tidemark('put', '/people.csv', people(1, 900), held);
	await page.goto(`${base}/connections/${c.id}`);
	await until(async () => {
		if (await page.locator('tidemark-progress').count()) return true;
		await page.getByRole('button', { name: 'Sync now' }).click();
		return false;
	}, 'a sync starts');
	await page.context().setOffline(true);
	await page.getByText('cannot be reached just now').waitFor();
	await page.context().setOffline(false);
	await tidemark('release', '/people.csv');
	await until(
		async () =>
			/Active/.test(await text('.badge').catch(() => '')) &&
			!(await page.locator('tidemark-progress').count()),
		'it has caught up',
		30,
	);
	assert.match(await text('.facts'), /900/);
});

const SWITCHED =
	'the switch takes effect at once, and snaps back with the reason when it cannot be saved';
test(SWITCHED, async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await page.goto(settings);
	const toggle = card(c.id).getByRole('switch');
	await toggle.uncheck();
	await until(
		async () => !(await api('GET', `/api/connections/${c.id}`)).json.schedule.enabled,
		'it is off',
	);
	await card(c.id).getByText('No automatic sync').waitFor();
	await page.route('**/schedule', (route) =>
		route.fulfill({
			status: 503,
			contentType: 'application/problem+json',
			body: '{"title":"Busy","detail":"The database is busy."}',
		}),
	);
	await toggle.click();
	await page.getByText('Not saved: The database is busy.').waitFor();
	assert.equal(await toggle.isChecked(), false);
	await page.unroute('**/schedule');
	await toggle.check();
	await card(c.id).getByLabel('How often').selectOption('daily');
	await until(
		async () =>
			(await api('GET', `/api/connections/${c.id}`)).json.schedule.frequency ===
			'daily',
		'the frequency is saved',
	);
	await until(
		async () => (await api('GET', `/api/connections/${c.id}`)).json.schedule.enabled,
		'it is on',
	);
	await page.reload();
	assert.equal(await card(c.id).getByLabel('How often').inputValue(), 'daily');
});

test('business hours become a rule in the chosen zone, and are recognised again', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await page.goto(settings);
	const form = card(c.id).locator('form[data-schedule]');
	await form.getByLabel('How often').selectOption('hours');
	await form.getByLabel('From hour').fill('9');
	await form.getByLabel('Until hour').fill('17');
	await form.locator('[name=zone]').fill('Europe/Berlin');
	await form.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	const { schedule } = (await api('GET', `/api/connections/${c.id}`)).json;
	assert.match(schedule.rrule, /BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10,11,12,13,14,15,16,17;/);
	assert.equal(schedule.timeZone, 'Europe/Berlin');
	assert.equal(await form.getByLabel('How often').inputValue(), 'hours');
	assert.equal(await form.getByLabel('Until hour').inputValue(), '17');
	await form.getByLabel('How often').selectOption('custom');
	await form.getByLabel('Minutes between syncs').fill('45');
	await form.getByRole('button', { name: 'Save' }).click();
	// What was said of the first one stands until the page gives way to the next.
	await until(async () => {
		const { json } = await api('GET', `/api/connections/${c.id}`);
		return json.schedule.intervalMinutes === 45;
	}, 'the minutes are saved');
});

test('a source that lost its rows asks, and the answer is carried out', async () => {
	await tidemark('put', '/guard.csv', people(1, 60));
	const c = await connected('Guarded', '/guard.csv');
	await tidemark('put', '/guard.csv', people(1, 1));
	await synced(c.id);
	await page.goto(base);
	assert.match(await text('h1'), /needs? attention/);
	assert.equal(
		await page.locator('[data-connection]').first().getAttribute('data-connection'),
		c.id,
		'what needs me comes first',
	);
	await card(c.id).getByRole('link', { name: 'See what would be deleted' }).click();
	assert.match(await text('#ask'), /59 of 60/);
	await accessible(page, 'a question');
	await page.getByRole('button', { name: 'Apply once' }).click();
	await page.waitForURL(/\/connections\//);
	await until(
		async () =>
			(await api('GET', `/api/connections/${c.id}/datasets`)).json.data[0]
				.rows === 1,
		'they are deleted',
	);
});

test('an error is said in words, with one button that helps', async () => {
	const c = await connected('Gone', '/nowhere.csv');
	await page.goto(`${base}/connections/${c.id}`);
	assert.match(await text('.note.is-error'), /nothing at this address/);
	assert.equal(await page.locator('.note.is-error').locator('a.button, button').count(), 1);
	await page.locator('.note.is-error a.button').click();
	assert.match(page.url(), /#edit$/);
	await page.getByLabel('Address of the CSV file').fill(`${source}/guard.csv`);
	await page.getByRole('button', { name: 'Save', exact: true }).last().click();
	await until(
		async () => (await api('GET', `/api/connections/${c.id}`)).json.status === 'active',
		'it is tried again and works',
	);
});

test('the first view is small and needs few requests', async () => {
	const p = await open();
	let bytes = 0,
		requests = 0;
	const devtools = await p.context().newCDPSession(p);
	await devtools.send('Network.enable');
	devtools.on('Network.loadingFinished', (e) => {
		bytes += e.encodedDataLength;
		requests++;
	});
	// A sync that ends just then is looked at by one request more.
	const idle = async () => !(await api('GET', '/api/sync')).json.active.length;
	await until(idle, 'nothing runs');
	await p.goto(base, { waitUntil: 'networkidle' });
	assert.ok(bytes > 0 && bytes <= 30000, `${bytes} bytes`);
	// The page, its looks, six modules (one of them follows what is told), the first poll.
	assert.ok(requests <= 8, `${requests} requests`);
	await closed(p);
});

test('nothing broke the content security policy or threw', () => {
	assert.deepEqual(complaints, []);
});
