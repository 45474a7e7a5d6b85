// An open page is told of syncs by one stream, without asking; when there is none it asks, and
// comes back to it. Run by stream.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	api,
	base,
	closed,
	complaints,
	connected,
	open,
	people,
	signIn,
	start,
	stop,
	tidemark,
	until,
} from './browser.mjs';

let page, c;
// Of a page: the streams that it has opened, and how often it has asked.
const watched = async (options) => {
	const p = await open(options);
	await p.addInitScript(() => {
		window.streams = [];
		window.EventSource = class extends EventSource {
			constructor(address) {
				super(address);
				window.streams.push(this);
			}
		};
	});
	p.asked = [];
	p.on('request', (r) => {
		if (r.method() === 'GET' && /\/api\/sync(\?|$)/.test(r.url()))
			p.asked.push(r.url());
	});
	return p;
};
// 0: begins, 1: stands, 2: is closed.
const states = (p = page) => p.evaluate(() => window.streams.map((s) => s.readyState));
const stands = (p = page) =>
	until(async () => (await states(p)).filter((s) => s === 1).length === 1, 'it stands');
const hide = (hidden, p = page) =>
	p.evaluate((on) => {
		Object.defineProperty(document, 'hidden', { value: on, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);
// A sync that takes so many seconds.
const slow = async (seconds) => {
	const rows = people(1, 5, `Person${Math.random()}`);
	await tidemark('put', '/p.csv', rows, { delay: seconds });
	await tidemark('cooled', c.id);
	return (await api('POST', '/api/sync', { connectionId: c.id })).json.syncId;
};
const card = (id, status, p = page) =>
	p.locator(`tidemark-progress[sync="${id}"][status=${status}]`);
// The card of a sync that has ended gives way to the page as it is then.
const ended = async (id, p = page) => {
	await until(
		async () => (await api('GET', `/api/sync?syncId=${id}`)).json.status === 'complete',
		'the sync ends',
		30,
	);
	await card(id, 'downloading', p).waitFor({ state: 'detached' });
};

before(start);
after(stop);

test('a sync that began elsewhere appears and ends without a question in between', async () => {
	await tidemark('put', '/p.csv', people(1, 4));
	c = await connected('People', '/p.csv', { schedule: { enabled: false } });
	page = await watched({ stranger: true });
	await signIn(page);
	await page.goto(`${base}/connections/${c.id}`);
	await stands();
	page.asked.length = 0;
	const id = await slow(9);
	await card(id, 'downloading').waitFor();
	await ended(id);
	// It would have been one a second, and one each five for the list.
	assert.ok(page.asked.length <= 6, `${page.asked.length} questions`);
	assert.equal((await states()).length, 1, 'by one stream');
});

// Tells the page of its network, and gives it time to do what it is not to do.
const network = (on, event) =>
	page.evaluate(
		async ([is, name]) => {
			const told = { value: is, configurable: true };
			Object.defineProperty(navigator, 'onLine', told);
			dispatchEvent(new Event(name));
			await new Promise((done) => setTimeout(done, 200));
		},
		[on, event],
	);
const closes = () =>
	until(async () => (await states()).every((s) => s === 2), 'it is closed');

test('a page that nobody sees has none', async () => {
	await hide(true);
	await closes();
	await network(true, 'online');
	assert.deepEqual(await states(), [2], 'nor when there is a network again');
	await hide(false);
	await stands();
	assert.equal((await states()).length, 2, 'and then a new one');
});

test('nor has one without a network', async () => {
	await network(false, 'offline');
	await closes();
	await hide(true);
	await hide(false);
	await network(false, 'resize');
	assert.deepEqual(await states(), [2, 2], 'nor when somebody looks at it');
	await network(true, 'online');
	await stands();
});

test('a sync that is interrupted goes on in its card, and was no failure', async () => {
	await tidemark('put', '/p.csv', people(1, 5, 'Held'), { hold: 1 });
	await tidemark('cooled', c.id);
	const id = (await api('POST', '/api/sync', { connectionId: c.id })).json.syncId;
	await card(id, 'downloading').waitFor();
	await page.evaluate(() => {
		window.told = [];
		addEventListener('tidemark-progress', (event) =>
			window.told.push(`${event.detail.syncId} ${event.detail.status}`),
		);
	});
	await tidemark('crash');
	const next = await until(
		async () => (await api('GET', `/api/sync?syncId=${id}`)).json.resumedBy,
		'another one goes on',
	);
	const told = () => page.evaluate(() => window.told);
	await until(async () => (await told()).includes(`${next} downloading`), 'it is told of');
	assert.ok(!(await told()).includes(`${id} error`), 'and no end is');
	assert.equal(await page.locator('.is-failed').count(), 0);
	await tidemark('release', '/p.csv');
	await ended(next);
});

test('a program that is killed is missed for a moment', async () => {
	const id = await slow(5);
	await card(id, 'downloading').waitFor();
	await tidemark('kill');
	await ended(id);
	await stands();
});

test('without the program the page asks', async () => {
	await tidemark('stop');
	await until(async () => !(await states()).includes(1), 'it is noticed');
	const id = await slow(3);
	page.asked.length = 0;
	// It may have looked for a sync just now.
	await page.reload();
	await card(id, 'downloading').waitFor();
	await ended(id);
	assert.ok(page.asked.length >= 3, `${page.asked.length} questions`);
	assert.ok(!(await states()).includes(1), 'nothing stands');
});

test('when it is there again the page is told again', async () => {
	await tidemark('go_on');
	await hide(true);
	await hide(false);
	await stands();
});

test('an event that was made elsewhere appears in the open calendar', async () => {
	await page.goto(`${base}/calendar?view=month&date=2020-10-14`);
	await stands();
	await page.evaluate(() => {
		window.marked = true;
	});
	const made = await api('POST', '/api/events', {
		title: 'From elsewhere',
		startDateTime: '2020-10-14',
		endDateTime: '2020-10-15',
	});
	assert.equal(made.status, 201);
	await page.locator('a.ev[title="From elsewhere"]').waitFor();
	const path = `/api/events/${made.json.event.id}`;
	assert.equal((await api('DELETE', path)).status, 200);
	await page.locator('a.ev[title="From elsewhere"]').waitFor({ state: 'detached' });
	assert.ok(await page.evaluate(() => window.marked), 'the page was not loaded again');
});

test('a host page is told by its progress token alone', async () => {
	const path = `/api/connections/${c.id}/progress-token`;
	const { token } = (await api('POST', path, { minutes: 5 })).json;
	const id = await slow(9);
	const address = await tidemark(
		'host',
		'/host.html',
		`<!doctype html><html lang="en"><title>Host</title>
		<script type="module">
		import { configure } from '${base}/static/embed/1/tidemark.js';
		configure({ token: async () => '${token}' });</script>
		<tidemark-progress sync="${id}"></tidemark-progress></html>`,
	);
	const host = await watched({ stranger: true });
	await host.goto(address);
	await stands(host);
	await card(id, 'downloading', host).waitFor();
	host.asked.length = 0;
	await card(id, 'complete', host).waitFor();
	assert.ok(host.asked.length <= 5, `${host.asked.length} questions`);
	const [stream] = await host.evaluate(() => window.streams.map((s) => s.url));
	assert.equal(stream, `${base}/api/sync/stream?access_token=${token}`);
	const over = async () => (await states(host)).every((s) => s === 2);
	await until(over, 'it ends with the sync');
	await closed(host);
});

test('who signs out is told nothing more', async () => {
	await page.context().clearCookies();
	await hide(true);
	await hide(false);
	await until(async () => (await states()).every((s) => s !== 1), 'no stream stands');
});

test('the browser had nothing to complain about', () =>
	assert.deepEqual(
		complaints.filter((text) => !/ERR_INCOMPLETE_CHUNKED_ENCODING/.test(text)),
		[],
	));
