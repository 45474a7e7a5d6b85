// What a sync would do, and a change of the settings that waits for an answer: with a mouse, by the
// keyboard alone, without JavaScript, on a narrow screen, in light and dark. Run by plan.t.
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
	looksWell,
	open,
	signIn,
	source,
	start,
	stop,
	tidemark,
} from './browser.mjs';

let page, conn;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const town = (i, word) => ({ id: i, name: `Town ${i}`, note: `a ${word} place in the hills` });
const towns = (word) => Array.from({ length: 90 }, (_, i) => town(i + 1, word));
const put = (all) => tidemark('put', '/t.json', JSON.stringify({ all, few: all.slice(0, 5) }));

before(start);
after(stop);

test('nothing to do is said', async () => {
	await put(towns('quiet'));
	conn = (
		await connected('Towns', '/t.json', {
			provider: 'json',
			config: { url: `${source}/t.json`, key: 'id', records: 'all' },
		})
	).id;
	page = await open({ stranger: true });
	await signIn(page);
	await page.goto(`${base}/connections/${conn}`);
	await page.getByRole('link', { name: 'Preview', exact: true }).click();
	assert.match(await text('main'), /A sync would change nothing/);
	await accessible(page, 'a preview of nothing');
});

test('all of it is reached, and the words that differ are marked', async () => {
	const all = towns('loud');
	all.splice(80, 10);
	await put([...all, { id: 91, name: 'x'.repeat(200), note: 'y'.repeat(600) }]);
	await page.reload();
	assert.deepEqual(
		await page.locator('.planned li').first().locator('mark').allInnerTexts(),
		['quiet', 'loud'],
	);
	assert.match(await text('.pager'), /1 to 50 of 91/);
	await page.getByRole('link', { name: 'Next', exact: true }).focus();
	await page.keyboard.press('Enter');
	await page.waitForURL(/cursor=50/);
	assert.equal(await page.locator('.planned > li').count(), 41);
	await page.getByRole('link', { name: '10 deleted: Here' }).click();
	await page.waitForURL(/action=delete/);
	assert.equal(await page.locator('.planned > li').count(), 10);
	await page.getByRole('link', { name: 'All changes' }).click();
	await page.waitForURL(/preview\?$/);
});

test('a change that waits is looked at, and decided by the keyboard', async () => {
	await page.goto(`${base}/connections/${conn}`);
	await page.locator('[name=f_records]').fill('few');
	await page.locator('[name=do][value=edit]').click();
	await page.getByRole('link', { name: 'Review and decide' }).waitFor();
	assert.match(await text('main'), /A change of the settings is held/);
	await page.getByRole('link', { name: 'Review and decide' }).click();
	await page.waitForURL(/\/syncs\//);
	assert.match(await text('main'), /What the changed settings would do/);
	assert.match(await text('nav[aria-label=Main]'), /Conflicts\s*1/);
});

test('the pages are accessible and fit, in light and dark, without JavaScript too', async () => {
	const held = new URL(page.url()).pathname;
	const p = await open(),
		plain = await open({
			viewport: { width: 320, height: 700 },
			javaScriptEnabled: false,
		});
	for (const path of [
		`/connections/${conn}/preview`,
		`/connections/${conn}/preview?action=delete`,
		`/connections/${conn}`,
		held,
		'/conflicts',
	]) {
		await p.goto(base + path);
		await looksWell(p, path, [
			[1280, 'light'],
			[320, 'dark'],
			[1280, 'dark'],
		]);
		await plain.goto(base + path);
		await fits(plain, `${path} without JavaScript`);
	}
	await closed(p);
	await closed(plain);
});

test('it is discarded', async () => {
	await page.getByRole('button', { name: 'Discard the change' }).focus();
	await page.keyboard.press('Enter');
	await page.waitForURL(new RegExp(`/connections/${conn}$`));
	assert.match(await text('body'), /The settings stay as they were/);
	const { json } = await api('GET', `/api/connections/${conn}`);
	assert.equal(json.plan, null);
	assert.equal(json.config.records, 'all');
	assert.deepEqual(complaints, []);
});
