// Users, tokens, sessions and activity as people use them. Run by people.t.
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
	people,
	signIn,
	SMALL,
	source,
	start,
	stop,
	tidemark,
	until,
} from './browser.mjs';

const tab = (name) => `${base}/settings?tab=${name}`;
const password = 'correct horse battery';
let page;
const text = (selector, p = page) => p.locator(selector).first().innerText();

before(start);
after(stop);

test('an operator adds a user, who chooses a password and signs in with it', async () => {
	page = await open({ stranger: true });
	await signIn(page);
	await page.goto(tab('users'));
	await page.getByLabel('Name').fill('eve');
	await page.getByRole('button', { name: 'Add and create a link' }).click();
	const link = (await text('#secret')).trim();
	assert.match(link, /\/sign-in\?key=/);
	await accessible(page, 'a link for a new user');
	const eve = await open({ stranger: true });
	await eve.goto(link);
	assert.match(await text('main', eve), /Choose a password now/);
	await accessible(eve, 'choosing a password');
	await eve.getByLabel('New password').fill('1234567890');
	await eve.getByLabel('Confirm password').fill('1234567890');
	await eve.getByRole('button', { name: 'Set the password' }).click();
	await eve.locator('#password-e', { hasText: /first that anybody tries/ }).waitFor();
	await accessible(eve, 'a refused password');
	await eve.getByLabel('New password').fill(password);
	await eve.getByLabel('Confirm password').fill(password);
	await eve.getByRole('button', { name: 'Set the password' }).click();
	await eve.locator('#live', { hasText: /Your password is set/ }).waitFor();
	await eve.getByRole('button', { name: 'Sign out' }).first().click();
	assert.match(await text('h1', eve), /Sign in/);
	await eve.getByLabel('User name').first().fill('eve');
	await eve.getByLabel('Password').fill('not my password');
	await eve.getByRole('button', { name: 'Sign in' }).click();
	assert.match(await text('[role=alert]', eve), /do not fit together/);
	assert.equal(await eve.getByLabel('User name').first().inputValue(), 'eve');
	await eve.getByLabel('Password').fill(password);
	await eve.getByRole('button', { name: 'Sign in' }).click();
	await eve.waitForURL(/\/settings/);
	assert.equal(
		await eve.getByRole('link', { name: 'Users' }).count(),
		0,
		'the page of users is for operators',
	);
	await closed(eve);
});

test('what cannot be undone asks first', async () => {
	await page.goto(tab('users'));
	const row = page.getByRole('row', { name: /eve/ });
	await row.getByRole('button', { name: /^Disable/ }).click();
	await accessible(page, 'a question');
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
	assert.equal(await row.getByText('Disabled').count(), 0);
	await row.getByRole('button', { name: /^Disable/ }).click();
	await page
		.getByRole('dialog')
		.getByRole('button', { name: /Disable/ })
		.click();
	await row.getByText('Disabled').waitFor();
	await row.getByRole('button', { name: /^Enable/ }).click();
	await page.getByText('Saved.').first().waitFor();
});

test('a token is made, shown once, rotated and revoked', async () => {
	await page.goto(tab('tokens'));
	await page.getByLabel('Name').fill('Host application');
	await page.getByLabel(/Sync start/).check();
	await page.getByRole('button', { name: 'Create token' }).click();
	const token = (await text('#secret')).trim();
	assert.match(token, /^tm_/);
	await accessible(page, 'a new token');
	const who = async (t) =>
		(await fetch(`${base}/api/account`, { headers: { authorization: `Bearer ${t}` } }))
			.status;
	assert.equal(await who(token), 200);
	await page.goto(tab('tokens'));
	assert.doesNotMatch(await page.content(), new RegExp(token));
	const row = page.getByRole('row', { name: /Host application/ });
	await row.getByRole('button', { name: /^Rotate/ }).click();
	const second = (await text('#secret')).trim();
	assert.equal(await who(second), 200);
	await row
		.last()
		.getByRole('button', { name: /^Revoke/ })
		.click();
	await page
		.getByRole('dialog')
		.getByRole('button', { name: /Revoke/ })
		.click();
	await page.getByText('The token is revoked.').first().waitFor();
	assert.equal(await who(token), 401);
	assert.equal(await who(second), 200);
});

// What is sent with Enter or a button, of the four forms in which most is typed.
const TYPED = [
	{
		at: `${base}/settings?tab=integrations&add=csv`,
		name: 'f_url',
		value: 'nonsense',
		button: 'Connect',
		then: (p) => p.locator('#f-url[aria-invalid]').waitFor(),
	},
	{
		at: tab('tokens'),
		name: 'name',
		value: 'Typed before',
		button: 'Create token',
		then: (p) => p.locator('#secret').waitFor(),
	},
	{
		at: tab('users'),
		name: 'name',
		value: 'fay',
		button: 'Add and create a link',
		then: (p) => p.getByText('fay').first().waitFor(),
	},
	{
		at: `${base}/calendar/new`,
		name: 'title',
		value: 'Tea',
		button: 'Create event',
		then: (p) => p.getByText('The event was created.').waitFor(),
	},
];
test('no form is sent on the way to the sign-in page, and each goes on afterwards', async () => {
	const p = await open({ stranger: true });
	const enter = async (who) => {
		const other = await p.context().newPage();
		await other.goto(await tidemark('link', who));
		await other.close();
	};
	const live = (words) => p.locator('#live', { hasText: words }).waitFor();
	for (const { at, name, value, button, then } of TYPED) {
		await p.context().clearCookies();
		await enter();
		await p.goto(at);
		const field = p.locator(`input[name=${name}]`);
		await field.fill(value);
		const send = () =>
			p.getByRole('button', { name: button, exact: true }).last().click();
		await p.context().clearCookies();
		await send();
		await live(/^You are signed out\. .* What you have typed stays here\. Sign in$/);
		assert.equal(await p.locator('#live a').getAttribute('target'), '_blank');
		assert.equal(await field.inputValue(), value, at);
		await p.context().setOffline(true);
		await send();
		await live(/cannot be reached just now\. What you have typed stays here/);
		await p.context().setOffline(false);
		await enter('dora');
		await send();
		await live(/^Somebody else is signed in here by now\./);
		assert.equal(await field.inputValue(), value, at);
		await p.context().clearCookies();
		await enter();
		await send();
		await then(p);
	}
	await closed(p);
});

test('sessions are listed and ended elsewhere', async () => {
	const other = await open({ stranger: true });
	await other.goto(await tidemark('link'));
	await page.goto(tab('account'));
	assert.match(await text('main'), /This one/);
	await accessible(page, 'the account');
	await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await page.getByText('Every other session has ended.').first().waitFor();
	await other.goto(tab('account'));
	assert.match(other.url(), /\/sign-in/);
	await closed(other);
});

test('the activity tells who did what, and from where', async () => {
	await page.goto(tab('activity'));
	assert.match(await text('main'), /token made[\s\S]*127\.0\.0\.1/);
	await page.getByRole('link', { name: "Everybody's" }).click();
	assert.match(await text('main'), /eve/);
	await accessible(page, 'the activity');
});

test('a page of another origin follows a sync with a progress token', async () => {
	await tidemark('put', '/people.csv', people(1, 900));
	const { id } = await connected('Followed', '/people.csv');
	const token = (await api('POST', `/api/connections/${id}/progress-token`, { minutes: 5 }))
		.json.token;
	await tidemark('put', '/people.csv', people(1, 900, 'Somebody'), { hold: 15000 });
	await tidemark('cooled', id);
	const { syncId } = (await api('POST', '/api/sync', { connectionId: id })).json;
	const config =
		`import { configure } from '${base}/static/js/api.js'; ` +
		`configure({ base: '${base}', token: '${token}' });`;
	await tidemark('put', '/config.js', config, { type: 'text/javascript' });
	await tidemark(
		'put',
		'/host.html',
		`<!doctype html><html lang="en"><title>Host</title>
		<script type="module" src="/config.js"></script>
		<script type="module" src="${base}/static/js/progress.js"></script>
		<main><tidemark-progress sync="${syncId}"></tidemark-progress></main></html>`,
		{ type: 'text/html' },
	);
	const host = await open({ stranger: true });
	await host.goto(`${source}/host.html`);
	await host.locator('tidemark-progress[status=downloading]').waitFor();
	assert.equal(
		await host.getByRole('button', { name: 'Cancel' }).count(),
		0,
		'it only reads',
	);
	await tidemark('release', '/people.csv');
	await host.locator('tidemark-progress[status=complete]').waitFor();
	assert.match(await text('tidemark-progress', host), /900 records/);
	await closed(host);
});

// A host page with styles of its own, and a policy that lets in what it must.
const hostPage = async (name, head, body) => {
	await tidemark(
		'put',
		`/${name}.html`,
		`<!doctype html><html lang="de"><meta charset="utf-8"><title>Shop</title>
		<style>button { background: red; } progress { height: 99px; } p { font-size: 40px; }
		tidemark-progress { --tidemark-accent: rgb(179, 0, 94); }</style>
		<script type="module" src="/${name}.js"></script>
		<main><h1>Shop</h1>${body}</main></html>`,
		{ type: 'text/html' },
	);
	await tidemark('put', `/${name}.js`, head, { type: 'text/javascript' });
	const host = await open({ stranger: true });
	await host.goto(`${source}/${name}.html`);
	return host;
};
const told = (host) => host.evaluate(() => globalThis.told);
const HEARD = `globalThis.told = [];
	for (const e of ['started', 'progress', 'done', 'error', 'expired'])
		addEventListener('tidemark-' + e, (event) => told.push(e));`;

test('embedded elements bring their looks, which the page can change and not disturb', async () => {
	await tidemark('put', '/dressed.csv', people(1, 1200));
	const { id } = await connected('Dressed', '/dressed.csv');
	const token = (await api('POST', `/api/connections/${id}/progress-token`, { minutes: 5 }))
		.json.token;
	await tidemark('put', '/dressed.csv', people(1, 1200, 'Somebody'), { hold: 20000 });
	await tidemark('cooled', id);
	const { syncId } = (await api('POST', '/api/sync', { connectionId: id })).json;
	const host = await hostPage(
		'dressed',
		`import { configure } from '${base}/static/embed/1/tidemark.js';
		${HEARD}
		configure({ token: async () => '${token}',
			labels: { download: 'Laden', counts: '{updated} anders' } });
		document.querySelector('tidemark-progress').onSyncComplete =
			(s) => (globalThis.end = s.syncId);`,
		`<tidemark-progress sync="${syncId}"></tidemark-progress>
		<tidemark-badge connection="${id}"></tidemark-badge>`,
	);
	await host.locator('tidemark-progress[status=downloading]').waitFor();
	const look = await host.evaluate(() => {
		const root = document.querySelector('tidemark-progress').shadowRoot,
			style = (s) => getComputedStyle(root.querySelector(s));
		return {
			list: style('ol').listStyleType,
			bar: style('progress').height,
			accent: style('[data-step=now]').color,
			text: style('p').fontSize,
			word: root.querySelector('li').textContent,
		};
	});
	assert.deepEqual(
		{ ...look, bar: parseFloat(look.bar) < 20 },
		{
			list: 'none',
			bar: true,
			accent: 'rgb(179, 0, 94)',
			text: '15px',
			word: 'Laden',
		},
	);
	await tidemark('release', '/dressed.csv');
	await host.locator('tidemark-progress[status=complete]').waitFor();
	await until(async () => (await host.locator('tidemark-badge').isVisible()) === false);
	const shown = await text('tidemark-progress .card', host);
	assert.match(shown, /1\.200 anders/, 'its language and words');
	assert.equal(await host.evaluate(() => globalThis.end), syncId);
	const events = await told(host);
	assert.equal(events[0], 'started');
	assert.equal(events.at(-1), 'done');
	assert.ok(events.includes('progress') && !events.includes('error'));
	await accessible(host, 'a host page');
	await closed(host);
});

test('a token that has ended stops the bar, says so, and a new one goes on', async () => {
	const { id } = await connected('Expired', '/dressed.csv');
	const token = (await api('POST', `/api/connections/${id}/progress-token`, { minutes: 5 }))
		.json.token;
	const { data } = (await api('GET', `/api/connections/${id}/syncs`)).json;
	const host = await hostPage(
		'expired',
		`import { configure } from '${base}/static/embed/1/tidemark.js';
		${HEARD}
		globalThis.fresh = (token) => configure({ token });
		configure({ token: 'tmp_nonsense' });`,
		`<tidemark-progress sync="${data[0].syncId}"></tidemark-progress>`,
	);
	await until(async () => (await told(host)).includes('expired'));
	const shown = await text('tidemark-progress .card', host);
	assert.match(shown, /expired/);
	assert.doesNotMatch(shown, /Sign in/, 'to whom it means nothing');
	assert.equal(
		await host.evaluate(() =>
			document
				.querySelector('tidemark-progress')
				.shadowRoot.querySelector('progress')
				.matches(':indeterminate'),
		),
		false,
		'nothing runs for ever',
	);
	complaints.length = 0; // the refusals that were meant
	await host.evaluate((t) => globalThis.fresh(t), token);
	await host.locator('tidemark-progress[status=complete]').waitFor();
	await closed(host);
});

test('nothing is cut or scrolls sideways on a screen between phone and desk', async () => {
	const page = await open();
	for (const width of [641, 768, 863, 865, 1024, 1151]) {
		await page.setViewportSize({ width, height: 700 });
		for (const path of [
			'/integrations-overview',
			'/kept',
			'/settings?tab=users',
			'/settings?tab=tokens',
			'/settings?tab=webhooks',
			'/settings?tab=activity',
		]) {
			await page.goto(base + path);
			await fits(page, `${path} at ${width}`);
		}
	}
	await closed(page);
});

test('all of it fits a small screen, in light and dark', async () => {
	const small = await open({ viewport: { width: 320, height: 700 } });
	for (const name of ['users', 'tokens', 'account', 'accounts', 'activity', 'webhooks']) {
		await small.goto(tab(name));
		await looksWell(small, name, SMALL);
	}
	await closed(small);
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));
