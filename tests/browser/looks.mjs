// How every page looks: on small screens, in light and dark, to who does not see it. Run by
// looks.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	api,
	base,
	complaints,
	connected,
	fits,
	looksWell,
	open,
	people,
	signIn,
	SMALL,
	start,
	stop,
	synced,
	tidemark,
} from './browser.mjs';

const settings = `${base}/settings?tab=integrations`;
let page;

before(start);
after(stop);

test('every page fits 320 pixels and has no accessibility faults, in light and dark', async () => {
	page = await open({ stranger: true });
	await signIn(page);
	// Also what needs somebody: a source that is gone, and one that has lost its rows.
	await connected('Gone', '/nowhere.csv');
	await tidemark('put', '/guard.csv', people(1, 60));
	const guarded = await connected('Guarded', '/guard.csv');
	await tidemark('put', '/guard.csv', people(1, 1));
	await synced(guarded.id);
	await tidemark(
		'put',
		'/odd.csv',
		`id,name,,name\n1,a,b,c\n2,d,e,f\n${'x'.repeat(300)},y,z,w,too,many\n`,
	);
	const c = await connected(
		`A name that is long and ${'has_no_place_to_break_'.repeat(6)}`,
		'/odd.csv',
		{ schedule: { enabled: false } },
	);
	const { lastSync } = (await api('GET', `/api/connections/${c.id}`)).json;
	const kept = await connected('Kept', '/odd.csv', { schedule: { enabled: false } });
	await api('DELETE', `/api/connections/${kept.id}?data=keep`);
	await tidemark(
		'put',
		'/people.csv',
		`id,name,email,phone\n1,Ada ${'Lovelace'.repeat(9)},ada@example.com,030 123456\n` +
			'2,Ada,ADA@example.com,\n',
	);
	await connected('Neighbours', '/people.csv', { schedule: { enabled: false } });
	const person = (await api('GET', '/api/profiles?email=ada@example.com')).json.data[0];
	const paths = [
		'/profiles',
		'/profiles?q=nobody',
		`/profiles/${person.id}?same=ada`,
		'/kept',
		`/kept/${kept.id}`,
		'/',
		'/settings?tab=integrations',
		'/settings?tab=integrations&add=json',
		'/integrations-overview',
		'/integrations-overview?status=manual',
		`/connections/${c.id}`,
		`/connections/${c.id}/remove`,
		`/syncs/${lastSync.syncId}`,
		'/nothing/here',
		'/sign-in',
	];
	for (const path of paths) {
		await page.goto(base + path);
		await page.evaluate(() =>
			document.querySelectorAll('details').forEach((d) => {
				d.open = true;
			}),
		);
		await looksWell(page, path, [...SMALL, [1280, 'light'], [1280, 'dark']]);
	}
	await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
	await page.goto(settings);
	await fits(page, 'forced colours');
	await page.emulateMedia({ forcedColors: 'none' });
	await page.setViewportSize({ width: 1280, height: 900 });
});

test('text of twice the size is cut off nowhere', async () => {
	await api('POST', '/api/tokens', { name: 'of a host page', scopes: ['read', 'sync'] });
	for (const path of [
		'/',
		'/integrations-overview',
		'/settings?tab=integrations',
		'/settings?tab=tokens',
		'/analytics',
		'/calendar',
	]) {
		await page.goto(base + path);
		await page.evaluate(() => {
			document.documentElement.style.fontSize = '200%';
		});
		await fits(page, `${path} in large letters`);
	}
});

test('nothing broke the content security policy or threw', () => {
	assert.deepEqual(complaints, []);
});
