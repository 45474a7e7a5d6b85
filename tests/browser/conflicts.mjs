// Conflicts as a person answers them: with a mouse, by the keyboard alone, without JavaScript, on a
// narrow screen, in light and dark. Run by conflicts.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	looksWell,
	open,
	signIn,
	start,
	stop,
	tidemark,
} from './browser.mjs';

let page;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const title = (local, remote) => ({ field: 'title', base: 'Tea', local, remote });
const time = {
	field: 'time',
	local: {
		startDateTime: '2026-10-05T10:00:00+02:00',
		endDateTime: '2026-10-05T11:00:00+02:00',
		timeZone: 'Europe/Berlin',
	},
	remote: {
		startDateTime: '2026-10-05T14:00:00+02:00',
		endDateTime: '2026-10-05T15:00:00+02:00',
		timeZone: 'Europe/Berlin',
	},
};
const notes = {
	field: 'notes',
	base: 'bring the red cup',
	local: 'bring the blue cup',
	remote: `bring the red cup\nand ${'x'.repeat(400)}`,
};
const state = async (id) => (await api('GET', `/api/conflicts/${id}`)).json;
const event = async (id) => (await api('GET', `/api/events/${id}`)).json.event;

before(start);
after(stop);

test('nothing waits, and then something does', async () => {
	page = await open({ stranger: true, timezoneId: 'Europe/Berlin' });
	await signIn(page);
	await page.getByRole('link', { name: 'Conflicts', exact: true }).click();
	assert.match(await text('main'), /Nothing needs a decision/);
	await accessible(page, 'no conflict');
	await tidemark('asked', 'Coffee', title('Coffee', 'Cocoa'), time, notes);
	await page.reload();
	assert.match(await text('nav[aria-label=Main]'), /Conflicts\s*1/);
	assert.deepEqual(
		await page
			.locator('.clashing', { hasText: 'Notes' })
			.locator('mark')
			.allInnerTexts(),
		['red', 'blue', `\nand ${'x'.repeat(400)}`],
	);
	assert.match(await text('.clashing:nth-of-type(2)'), /5 October 2026, 14:00 to 15:00/);
});

test('the pages are accessible and fit, in light and dark', async () => {
	const [, id] = await tidemark('asked', 'x'.repeat(300), title('y'.repeat(300), 'z'));
	await api('POST', `/api/conflicts/${id}`, { choice: 'remote' });
	const p = await open();
	for (const rest of ['', '?state=resolved', `/${id}`]) {
		const path = `/conflicts${rest}`;
		await p.goto(base + path);
		await looksWell(p, path, [
			[1280, 'light'],
			[320, 'dark'],
		]);
	}
	await closed(p);
});

test('a link that looks like a button has its words in the middle, as buttons do', async () => {
	const [it, id] = await tidemark('asked', 'Narrow', title('Narrow', 'Wide'));
	const p = await open({ viewport: { width: 320, height: 640 } });
	await p.goto(`${base}/events/${it}`);
	const link = p.getByRole('link', { name: 'Compare and choose' });
	assert.equal(await link.evaluate((e) => getComputedStyle(e).textAlign), 'center');
	await api('POST', `/api/conflicts/${id}`, { choice: 'remote' });
	await closed(p);
});

test('what is written is meant: its choice is made with it', async () => {
	const [it, id] = await tidemark('asked', 'Coffee', title('Coffee', 'Cocoa'), time);
	await page.goto(`${base}/conflicts/${id}`);
	await page.getByLabel('Title, my own text').fill('Mocha');
	assert.ok(await page.locator('[name=s_title][value=value]').isChecked());
	await page.getByRole('button', { name: /^Resolve/ }).click();
	assert.match(page.url(), /conflicts\/[\w-]+$/, 'the other field is missing');
	await page.locator('[name=s_time][value=remote]').check();
	await page.getByRole('button', { name: /^Resolve/ }).click();
	await page.getByText('Answered. What stands is on its way.').waitFor();
	const now = await event(it);
	assert.equal(now.title, 'Mocha');
	assert.equal(now.startDateTime, '2026-10-05T14:00:00+02:00');
});

test('by the keyboard alone', async () => {
	const [it, id] = await tidemark('asked', 'Coffee', title('Coffee', 'Cocoa'));
	await page.goto(`${base}/conflicts/${id}`);
	await page.locator('.card a.name').focus();
	for (const key of ['Tab', 'Space', 'ArrowDown']) await page.keyboard.press(key);
	assert.equal(await page.evaluate(() => document.activeElement.value), 'remote');
	await page.keyboard.press('Enter');
	await page.getByText('Answered.').first().waitFor();
	assert.equal((await event(it)).title, 'Cocoa');
	assert.equal((await state(id)).state, 'resolved');
});

test('without JavaScript, and for all alike', async () => {
	const all = [];
	for (let i = 0; i < 3; i++)
		all.push((await tidemark('asked', `Round ${i}`, title(`Round ${i}`, 'There')))[1]);
	const p = await open({ javaScriptEnabled: false });
	await p.goto(`${base}/conflicts/${all[1]}`);
	await p.getByLabel('Do the same for 2 others like this').check();
	await p.getByRole('button', { name: /^Take (what|all that) is there/ }).click();
	assert.match(await text('main', p), /Answered, and 2 others like it/);
	for (const id of all) assert.equal((await state(id)).state, 'resolved');
	await p.close();
});

test('no page complained', () => {
	assert.deepEqual(complaints, []);
});
