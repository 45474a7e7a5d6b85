// An address book as people use it: which labels, how often, one person out of two. Run by
// contacts.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	fits,
	hostPage as pageOf,
	looksWell,
	open,
	signIn,
	SMALL,
	start,
	stop,
	tidemark,
	token,
	until,
} from './browser.mjs';

const integrations = `${base}/settings?tab=integrations`;
const add = `${integrations}&add=google-contacts#add`;
let page, connection, alone;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const config = async () => (await api('GET', '/api/auto-sync/config')).json;
const people = async (id = connection) => {
	const { json } = await api('GET', `/api/connections/${id}/datasets`);
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

test('B5: labels are chosen from those that are there, and a preview shows who comes', async () => {
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

test('B3: the card says when next, and what is set is set at once', async () => {
	await page.goto(integrations);
	const card = page.locator('#contacts');
	await card.getByText(/Next sync in (23|24) hours/).waitFor();
	await accessible(page, 'the settings with an address book');
	await fits(page, 'the settings with an address book');
	await card.getByLabel('How often').selectOption({ label: 'Every 4 hours' });
	await until(async () => (await config()).interval_hours === 4, 'saved');
	await card.getByText(/Next sync in [34] hours/).waitFor();
	await card.getByRole('switch').uncheck();
	await card.getByText('No automatic sync').waitFor();
	await until(async () => !(await config()).enabled, 'saved');
	await card.getByRole('switch').check();
	await card.getByText(/Next sync in [34] hours/).waitFor();
	await until(async () => (await config()).enabled, 'saved again');
});

test('B3: what cannot be saved snaps back, with the reason', async () => {
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

const CONFIG = '**/api/auto-sync/config';
const hostPage = (name, given, more) => pageOf(name, 'tidemark-auto-sync', given, more);
// What it says of the next sync.
const next = (host, words) =>
	host.locator('[data-part=next]').getByText(words).waitFor();
const told = (host) => host.evaluate(() => globalThis.told.map(([name]) => name).join());
const progressToken = async () =>
	(await api('POST', `/api/connections/${connection}/progress-token`, { minutes: 5 })).json
		.token;
const hourLater = (host) => host.clock.setFixedTime(Date.now() + 3660000);

test('B3: on a host page the card shows that it asks, and then sets what is chosen', async () => {
	await api('PUT', '/api/auto-sync/config', { enabled: true, interval_hours: 24 });
	let go;
	const wait = new Promise((done) => {
		go = done;
	});
	const host = await hostPage('card', `token: async () => '${token}'`, {
		before: async (p) => {
			await hourLater(p);
			await p.route(CONFIG, async (route) => {
				await wait;
				await route.continue();
			});
		},
	});
	const card = host.locator('tidemark-auto-sync');
	await card.locator('.skeleton').first().waitFor();
	assert.equal(await card.locator('form').getAttribute('aria-busy'), 'true');
	assert.equal(await card.getByRole('switch').count(), 0, 'nothing to set as yet');
	go();
	await next(card, /^Next sync in (22|23) hours$/);
	assert.equal(await card.locator('.skeleton').count(), 0);
	await host.unroute(CONFIG);
	await accessible(host, 'the card on a host page');
	// By the keyboard alone.
	await host.keyboard.press('Tab');
	await host.keyboard.press('Space');
	await next(card, 'No automatic sync');
	// One after the other: what is set before an answer has come is told of once.
	const saved = (n) =>
		until(
			async () => (await told(host)) === Array(n).fill('saved').join(),
			`${n} saved`,
		);
	await saved(1);
	assert.equal((await config()).enabled, false);
	await host.keyboard.press('Space');
	await saved(2);
	assert.equal((await config()).enabled, true);
	await host.keyboard.press('Tab');
	await host.keyboard.press('ArrowDown');
	await saved(3);
	assert.equal((await config()).interval_hours, 48, 'another interval');
	await next(card, /^Next sync in 4[67] hours$/);
	assert.equal(await told(host), 'saved,saved,saved');
	await closed(host);
});

test('there, too, what cannot be saved goes back at once, with the reason', async () => {
	const host = await hostPage('refused', `token: '${token}'`);
	const card = host.locator('tidemark-auto-sync'),
		often = card.getByLabel('How often');
	await often.waitFor();
	let refuse;
	const held = new Promise((done) => {
		refuse = done;
	});
	await host.route(CONFIG, async (route) => {
		if (route.request().method() !== 'PUT') return route.continue();
		await held;
		return route.fulfill({
			status: 503,
			headers: { 'access-control-allow-origin': '*' },
			contentType: 'application/problem+json',
			body: JSON.stringify({ title: 'Busy', detail: 'Tidemark is busy.' }),
		});
	});
	await often.selectOption('4');
	await next(card, /^Next sync in [34] hours$/);
	refuse();
	await card.getByRole('alert').getByText('Not saved: Tidemark is busy.').waitFor();
	assert.equal(await often.inputValue(), '48');
	assert.equal((await config()).interval_hours, 48);
	assert.equal(await told(host), 'error');
	await accessible(host, 'the card with an error');
	await host.unroute(CONFIG);
	await often.selectOption('12');
	await until(async () => (await config()).interval_hours === 12, 'the next one is saved');
	assert.equal(await card.getByRole('alert').innerText(), '', 'and nothing is wrong now');
	await closed(host);
});

test('a progress token shows it; what is set goes to the page, in its words', async () => {
	const host = await hostPage(
		'read',
		`token: '${await progressToken()}', labels: { nextSync: 'Abgleich {when}' }`,
		{ before: hourLater },
	);
	const card = host.locator('tidemark-auto-sync');
	await next(card, /^Abgleich in 1[01] Stunden$/);
	assert.ok(await card.getByRole('switch').isDisabled(), 'and sets nothing');
	await accessible(host, 'a card that shows');
	await closed(host);
	const asks = await hostPage('asks', `token: '${await progressToken()}'`, {
		more: `document.querySelector('tidemark-auto-sync').onSave = async (change) => {
			const answer = await fetch('${base}/api/auto-sync/config', { method: 'PUT',
				headers: { authorization: 'Bearer ${token}',
					'content-type': 'application/json' },
				body: JSON.stringify(change) });
			return answer.json();
		};`,
	});
	await asks.getByRole('switch').uncheck();
	await next(asks, 'No automatic sync');
	await until(async () => (await told(asks)) === 'saved', 'saved by the page');
	assert.equal((await config()).enabled, false);
	await api('PUT', '/api/auto-sync/config', { enabled: true, interval_hours: 24 });
	await closed(asks);
});

test('without an answer it says so and can be asked again; a new token goes on', async () => {
	const host = await hostPage('again', `token: '${token}'`, {
		before: (p) => p.route(CONFIG, (route) => route.abort()),
	});
	const card = host.locator('tidemark-auto-sync');
	await card.getByRole('alert').getByText(/cannot be reached/).waitFor();
	await host.unroute(CONFIG);
	await card.getByRole('button', { name: 'Try again' }).click();
	await next(card, /^Next sync in 2[34] hours$/);
	await closed(host);
	const ended = await hostPage('ended', `token: 'tmp_nonsense'`, {
		more: 'globalThis.fresh = (token) => configure({ token });',
	});
	await ended.getByRole('alert').getByText(/expired/).waitFor();
	assert.equal(await told(ended), 'expired');
	await ended.evaluate((t) => globalThis.fresh(t), await progressToken());
	await next(ended, /^Next sync in 2[34] hours$/);
	await closed(ended);
});

test('it fits a small screen, in light and dark', async () => {
	const host = await hostPage('small', `token: '${token}'`, {
		options: { viewport: { width: 320, height: 700 } },
	});
	await next(host, /^Next sync in/);
	await looksWell(host, 'the card', SMALL);
	await closed(host);
});

const seek = (p) => p.getByRole('searchbox', { name: /^Find people by name/ });
const single = (p) => p.getByRole('group', { name: 'Single people', exact: true });
const focused = (p) => p.evaluate(() => document.activeElement.closest('label')?.innerText);

test('a single person is found by the keyboard, stays ticked, and comes alone', async () => {
	await page.goto(add);
	await seek(page).fill('zzz');
	await page.getByRole('button', { name: 'Search', exact: true }).click();
	await single(page).getByText('Nobody is called that.').waitFor();
	await seek(page).fill('chi');
	await seek(page).press('Enter');
	await single(page).getByText('1 person is found.').waitFor();
	assert.match(await focused(page), /Chiara chiara@example\.com/, 'the keyboard is there');
	await page.keyboard.press('Space');
	await seek(page).fill('bru');
	await seek(page).press('Enter');
	await single(page).getByLabel('Bruno').waitFor();
	assert.ok(await single(page).getByLabel('Chiara').isChecked(), 'who was ticked still is');
	assert.equal(await seek(page).inputValue(), '', 'and the place is free');
	await accessible(page, 'the form with single people');
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.getByRole('cell', { name: 'Chiara', exact: true }).first().waitFor();
	assert.match(await text('#preview'), /\b1 record\b/);
	assert.doesNotMatch(await text('#preview'), /Bruno/);
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await page.waitForURL(/\/connections\//);
	alone = page.url().split('/').pop();
	await accessible(page, 'the settings with single people');
	const { json } = await api('GET', `/api/connections/${alone}`);
	assert.deepEqual(json.config.people, ['people/c3']);
	await until(async () => (await people(alone)).join() === 'Chiara', 'she is here');
});

test('while people are looked for it says so beside the word, and the page stays', async () => {
	for (const [address, where] of [
		[add, '**/settings/add'],
		[`${base}/connections/${alone}`, `**/connections/${alone}`],
	]) {
		await page.goto(address);
		let go;
		const wait = new Promise((done) => {
			go = done;
		});
		await page.route(where, async (route) => {
			if (route.request().method() === 'POST') await wait;
			await route.continue();
		});
		await seek(page).fill('zzz');
		await seek(page).press('Enter');
		await single(page).getByText('Searching...').waitFor();
		await accessible(page, 'a search');
		// A second one is not begun meanwhile.
		await seek(page).press('Enter');
		go();
		await single(page).getByText('Nobody is called that.').waitFor();
		assert.equal(await single(page).getByText('Searching...').count(), 0);
		assert.equal(page.url(), address, 'nothing was loaded');
		await page.unroute(where);
		await page.route(where, (route) =>
			route.request().method() === 'POST' ? route.abort() : route.continue(),
		);
		await seek(page).fill('bru');
		await seek(page).press('Enter');
		await page.locator('#preview').getByText('cannot be reached').waitFor();
		assert.equal(await seek(page).inputValue(), 'bru', 'the word is there');
		assert.equal(await single(page).getByText(/Searching|Nobody/).count(), 0);
		await page.unroute(where);
		await seek(page).press('Enter');
		await single(page).getByLabel('Bruno').waitFor();
	}
	assert.ok(await single(page).getByLabel('Chiara').isChecked(), 'who is chosen still is');
});

test('of many who are chosen some are unticked, in a list that is folded and counts', async () => {
	await tidemark('many');
	const { json } = await api('POST', '/api/test', {
		provider: 'google-contacts',
		config: {},
		search: 'person',
	});
	const many = ['people/c3', ...json.choices.people.map((p) => p.id)];
	await api('PATCH', `/api/connections/${alone}`, { config: { people: many } });
	await page.goto(`${base}/connections/${alone}`);
	const chosen = single(page).locator('summary');
	await chosen.getByText('Chosen (31)').waitFor();
	assert.equal(await single(page).getByRole('checkbox').count(), 0, 'folded');
	await chosen.press('Enter');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Space');
	await chosen.getByText('Chosen (30)').waitFor();
	await accessible(page, 'many people who are chosen');
	await seek(page).fill('bru');
	await seek(page).press('Enter');
	await single(page).getByLabel('Bruno').waitFor();
	await page.keyboard.press('Space');
	await chosen.getByText('Chosen (31)').waitFor();
	await page.locator('button[name=do][value=edit]').click();
	await page.getByText(/^Saved\./).first().waitFor();
	const { json: saved } = await api('GET', `/api/connections/${alone}`);
	const [chiara, , ...rest] = many;
	assert.deepEqual(saved.config.people.sort(), [chiara, 'people/c2', ...rest].sort());
	await api('PATCH', `/api/connections/${alone}`, { config: { people: [chiara] } });
});

test('one more is found on a small screen without JavaScript, and saved', async () => {
	const p = await open({
		javaScriptEnabled: false,
		viewport: { width: 320, height: 700 },
	});
	await p.goto(`${base}/connections/${alone}`);
	assert.ok(await single(p).getByLabel('Chiara').isChecked(), 'by her name');
	await seek(p).fill('bru');
	await seek(p).press('Enter');
	await single(p).getByText('1 person is found.').waitFor();
	assert.ok(await seek(p).evaluate((e) => e === document.activeElement), 'where it was');
	await single(p).getByLabel('Bruno').check();
	await fits(p, 'the settings with single people');
	await p.locator('button[name=do][value=edit]').click();
	await p.getByText(/^Saved\./).first().waitFor();
	const { json } = await api('GET', `/api/connections/${alone}`);
	assert.deepEqual(json.config.people, ['people/c2', 'people/c3']);
	await closed(p);
	await api('DELETE', `/api/connections/${alone}?data=delete`);
});

test('case 8: of two who are merged at Google one is left here', async () => {
	await tidemark('merge');
	await api('POST', '/api/sync', { connectionId: connection });
	await until(async () => (await people()).join() === 'Ada', 'one survivor');
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));
