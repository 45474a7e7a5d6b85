// The pages without a mouse, without JavaScript, on a phone, and when a session ends or
// a program stands still. Run by using.t.
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
let page;
const text = (selector, p = page) => p.locator(selector).first().innerText();

before(start);
after(stop);

test('the keyboard alone is enough', async () => {
	page = await open({ stranger: true });
	await signIn(page);
	await tidemark('put', '/people.csv', people(1, 9));
	const c = await connected('People', '/people.csv');
	await connected('Neighbours', '/people.csv', { schedule: { enabled: false } });
	await page.goto(settings);
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
	await page.keyboard.press('Enter');
	const reach = async (check, what) => {
		for (let i = 0; i < 60; i++) {
			if (await page.evaluate(check, c.id)) return;
			await page.keyboard.press('Tab');
			const seen = await page.evaluate(
				() =>
					getComputedStyle(document.activeElement).outlineStyle !==
					'none',
			);
			assert.ok(seen, `focus is seen on the way to ${what}`);
		}
		assert.fail(`${what} is not reached`);
	};
	await reach(
		(id) => document.activeElement.matches(`form[data-schedule="${id}"] [role=switch]`),
		'the switch',
	);
	const was = await page.evaluate(() => document.activeElement.checked);
	await page.keyboard.press('Space');
	await until(
		async () =>
			(await api('GET', `/api/connections/${c.id}`)).json.schedule.enabled !==
			was,
		'the space bar switches',
	);
	await reach(
		(id) => document.activeElement.matches(`[data-connection="${id}"] a[data-remove]`),
		'the link to disconnect',
	);
	await page.keyboard.press('Enter');
	await page.locator('dialog[open]').waitFor();
	await accessible(page, 'the dialog');
	await page.keyboard.press('Escape');
	assert.equal(await page.locator('dialog[open]').count(), 0);
	assert.ok(
		await page.evaluate(
			(id) =>
				document.activeElement.matches(
					`[data-connection="${id}"] a[data-remove]`,
				),
			c.id,
		),
		'focus comes back',
	);
});

test('everything works without JavaScript', async () => {
	await tidemark('put', '/plain.csv', people(1, 5));
	const p = await open({ javaScriptEnabled: false });
	await p.goto(`${settings}&add=csv`);
	await p.getByLabel('Address of the CSV file').fill(`${source}/plain.csv`);
	await p.getByRole('button', { name: 'Preview' }).click();
	assert.match(await text('#preview', p), /5 records/);
	assert.equal(
		await p.getByLabel('Address of the CSV file').inputValue(),
		`${source}/plain.csv`,
	);
	await p.getByRole('button', { name: 'Connect' }).click();
	const id = p.url().split('/').pop();
	assert.match(await text('#live', p), /Connected/);
	await until(
		async () =>
			(await api('GET', `/api/connections/${id}`)).json.lastSync?.status ===
			'complete',
		'the first sync',
	);
	await p.reload();
	assert.match(await text('main', p), /Person 5/);
	await p.getByRole('switch').uncheck();
	await p.locator('form[data-schedule]').getByRole('button', { name: 'Save' }).click();
	assert.equal((await api('GET', `/api/connections/${id}`)).json.schedule.enabled, false);
	assert.match(await text('.badge', p), /Manual/);
	await p.getByRole('button', { name: 'Sync now' }).click();
	assert.match(await text('#live', p), /Sync started|moment ago/);
	await until(
		async () => (await api('GET', `/api/connections/${id}`)).json.activeSyncId === null,
		'no sync runs',
	);
	await p.getByRole('link', { name: 'Disconnect' }).click();
	await p.getByLabel(/Delete it/).check();
	await p.getByRole('button', { name: 'Disconnect' }).click();
	assert.match(await text('#live', p), /deleted/);
	assert.equal((await api('GET', `/api/connections/${id}`)).status, 404);
	await closed(p);
});

test('kept data is found, left and deleted with the keyboard alone', async () => {
	await tidemark('put', '/keys.csv', 'id\n1\n');
	const c = await connected('Kept by keys', '/keys.csv', { schedule: { enabled: false } });
	await api('DELETE', `/api/connections/${c.id}?data=keep`);
	const reach = async (what) => {
		for (let i = 0; i < 80; i++) {
			await page.keyboard.press('Tab');
			const there = (w) => document.activeElement.matches(w);
			if (await page.evaluate(there, what)) return;
		}
		assert.fail(`${what} is not reached`);
	};
	await page.goto(`${base}/kept`);
	await reach(`a[href="/kept/${c.id}"]`);
	await page.keyboard.press('Enter');
	await page.waitForURL(`**/kept/${c.id}`);
	await reach('button[value=delete]');
	await reach('main a[href="/kept"].button');
	await page.keyboard.press('Enter');
	await page.waitForURL('**/kept');
	await page.goto(`${base}/kept/${c.id}`);
	await reach('button[value=delete]');
	await page.keyboard.press('Enter');
	await until(async () => {
		const r = await api('GET', `/api/kept/${c.id}`);
		return r.status === 404 || r.json.state === 'removing';
	}, 'it goes');
});

test('card and badge can be put on any page', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await tidemark('put', '/people.csv', people(1, 700), { hold: 9000 });
	await until(
		async () =>
			(await api('GET', `/api/connections/${c.id}`)).json.activeSyncId === null,
		'no sync runs',
	);
	await page.goto(`${base}/sign-in`);
	await tidemark('cooled', c.id);
	const { json } = await until(async () => {
		const r = await api('POST', '/api/sync', { connectionId: c.id });
		return r.json.syncId && r;
	}, 'a sync starts');
	await page.evaluate((id) => {
		const one = document.createElement('tidemark-progress'),
			two = document.createElement('tidemark-badge');
		one.setAttribute('sync', id);
		document.body.append(two, one);
		document.body.dataset.done = '';
		one.addEventListener('tidemark-done', (e) => {
			e.stopPropagation();
			document.body.dataset.done = e.detail.status;
		});
	}, json.syncId);
	await page.locator('tidemark-badge').getByText('Syncing').waitFor();
	await tidemark('release', '/people.csv');
	await page.locator('body[data-done=complete]').waitFor();
	assert.match(await text('tidemark-progress'), /added/);
	await until(() => page.locator('tidemark-badge').isHidden(), 'the badge hides when idle');
});

test('a webhook: its secret once, a test, its deliveries', async () => {
	const p = await open({ stranger: true });
	await p.goto(await tidemark('link'));
	await tidemark('put', '/hook', 'cannot <b>read</b> this', { status: 500 });
	await p.goto(`${base}/settings?tab=webhooks`);
	assert.match(await text('main', p), /There are none/);
	await accessible(p, 'no webhooks');
	await p.getByLabel('Address').fill(`${source}/hook`);
	await p.getByRole('button', { name: 'Add the webhook' }).click();
	assert.match(await text('#secret', p), /^whsec_/);
	await accessible(p, 'a new webhook');
	await p.getByRole('link', { name: /send a test/ }).click();
	assert.doesNotMatch(await text('main', p), /whsec_/);
	await p.getByRole('button', { name: 'Send a test' }).click();
	// The page looks again by itself.
	await p.getByText('1 try').click();
	await p.getByText('cannot <b>read</b> this').waitFor();
	await accessible(p, 'a webhook that fails');
	await fits(p, 'a webhook that fails');
	await p.getByRole('button', { name: 'Disable' }).click();
	assert.match(await text('.head', p), /Off/);
	await closed(p);
});

test('a phone shows what is wrong with a form, and what is half typed is not lost', async () => {
	const p = await open({ viewport: { width: 320, height: 568 } });
	await p.goto(`${settings}&add=csv`);
	await p.getByLabel('Address of the CSV file').fill('nonsense');
	await p.getByRole('button', { name: 'Connect', exact: true }).last().click();
	const field = p.locator('#f-url:focus');
	await field.waitFor();
	assert.equal(await field.inputValue(), 'nonsense');
	assert.match(await p.title(), /^Error: /);
	const box = await field.boundingBox();
	assert.ok(box.y > 0 && box.y + box.height < 568, `the field is at ${box.y}`);
	await p.goto(p.url());
	assert.match(await text('h1', p), /Integrations/, 'it can be loaded again');
	await p.goto(`${settings}&add=csv`);
	await p.getByLabel('Name', { exact: true }).fill('Half typed');
	const asked = [];
	p.on('dialog', (d) => {
		asked.push(d.type());
		return d.accept();
	});
	await p.goto(`${base}/integrations-overview`);
	assert.deepEqual(asked, ['beforeunload']);
	await p.getByLabel('Search').fill('Some');
	await p.getByRole('link', { name: 'Home' }).click();
	await p.waitForURL(`${base}/`);
	assert.deepEqual(asked, ['beforeunload'], 'a search is nothing to lose');
	await closed(p);
});

test('who was signed out meanwhile hears so, and loses nothing that was typed', async () => {
	const { id } = await connected('Signed out', '/people.csv');
	const p = await open({ stranger: true });
	const signIn = async (tab) => tab.goto(await tidemark('link'));
	await signIn(p);
	await p.goto(`${base}/connections/${id}`);
	await p.context().clearCookies();
	// It may be back before it could be looked at.
	await p.getByRole('switch').click();
	await p.locator('#live', { hasText: 'Not saved: You are signed out. Sign in' }).waitFor();
	assert.ok(await p.getByRole('switch').isChecked(), 'it is as it was');
	await p.getByRole('button', { name: 'Sync now' }).click();
	await p.locator('#live', { hasText: /^You are signed out/ }).waitFor();
	assert.match(
		await p.locator('#live a').getAttribute('href'),
		new RegExp(`^/sign-in\\?next=%2Fconnections%2F${id}$`),
	);
	await accessible(p, 'a page of somebody who was signed out');
	await signIn(p);
	await p.goto(`${settings}&add=csv`);
	const field = p.getByLabel('Address of the CSV file');
	await field.fill(`${source}/people.csv`);
	await p.context().clearCookies();
	await p.getByRole('button', { name: 'Preview' }).click();
	await p.locator('#preview', { hasText: 'Sign in in another tab' }).waitFor();
	assert.match(await field.inputValue(), /people/, 'what was typed is there');
	const other = await p.context().newPage();
	await signIn(other);
	await other.close();
	await p.getByRole('button', { name: 'Preview' }).click();
	await p.locator('#preview table').waitFor();
	await p.getByRole('button', { name: 'Connect', exact: true }).last().click();
	await p.waitForURL(/\/connections\//);
	await closed(p);
});

test('pausing is seen on the badge, and every time is of the zone of the browser', async () => {
	const { id } = await connected('Paused by hand', '/people.csv');
	await synced(id);
	const p = await open({ timezoneId: 'Asia/Tokyo' });
	await p.goto(`${base}/connections/${id}`);
	assert.match(await text('.head .badge', p), /Active/);
	await p.getByRole('switch').uncheck();
	await p.locator('.head .badge.is-neutral', { hasText: 'Manual' }).waitFor();
	assert.match(await text('[data-next]', p), /No automatic sync/);
	const { data } = (await api('GET', `/api/connections/${id}/syncs`)).json;
	const hour = (iso) => (new Date(iso).getUTCHours() + 9) % 24 % 12 || 12;
	const started = hour(data[0].startedAt);
	assert.match(await text('#history ~ .scroll time[data-at]', p), new RegExp(` ${started}:`));
	await p.goto(`${base}/syncs/${data[0].syncId}`);
	assert.match(await text('time[data-clock]', p), new RegExp(`^${started}:`));
	assert.doesNotMatch(await text('time[data-clock]', p), /UTC/);
	await closed(p);
});

test('a background program that stands still is said on every page', async () => {
	const p = await open({ stranger: true });
	await p.goto(await tidemark('idle_link'));
	const idle = new URL(p.url()).origin;
	for (const path of ['/', '/settings?tab=integrations', '/integrations-overview']) {
		await p.goto(idle + path);
		assert.match(await text('[role=alert]', p), /Background sync is not running/);
	}
	await accessible(p, 'with the warning');
	await closed(p);
});

test('signing out ends the session', async () => {
	const p = await open({ stranger: true });
	await p.goto(await tidemark('link'));
	await p.getByRole('button', { name: 'Sign out' }).click();
	assert.match(await text('main', p), /signed out/);
	await p.goto(base);
	assert.match(p.url(), /sign-in/);
	await closed(p);
});

test('nothing broke the content security policy or threw', () => {
	assert.deepEqual(complaints, []);
});
