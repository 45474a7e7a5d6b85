// The pages as a person uses them. Run by pages.t.
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
const slow = { drip: [1500, 0.15] };
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
	await tidemark('put', '/people.csv', people(1, 600), slow);
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
	await page.getByRole('button', { name: 'Connect' }).click();
	await page.waitForURL(/\/connections\//);
	const seen = [];
	await page.locator('tidemark-progress').waitFor();
	await page.exposeFunction('moved', (n) => seen.push(n));
	await page.evaluate(() => {
		const bar = document.querySelector('tidemark-progress progress');
		new MutationObserver(
			() => bar.hasAttribute('value') && window.moved(bar.value),
		).observe(bar, { attributes: true });
	});
	await page.getByRole('cell', { name: 'Person 17', exact: true }).waitFor();
	assert.ok(seen.length > 1, `the bar moved: ${seen}`);
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
	await tidemark('put', '/people.csv', people(1, 900), { drip: [1000, 0.3] });
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
	await tidemark('put', '/people.csv', people(1, 900), { drip: [1000, 0.25] });
	await page.goto(`${base}/connections/${c.id}`);
	await until(async () => {
		if (await page.locator('tidemark-progress').count()) return true;
		await page.getByRole('button', { name: 'Sync now' }).click();
		return false;
	}, 'a sync starts');
	await page.context().setOffline(true);
	await page.getByText('cannot be reached just now').waitFor();
	await page.context().setOffline(false);
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

test('the keyboard alone is enough', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
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

test('every page fits 320 pixels and has no accessibility faults, in light and dark', async () => {
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
	for (const colorScheme of ['light', 'dark'])
		for (const width of [320, 1280]) {
			await page.emulateMedia({ colorScheme });
			await page.setViewportSize({ width, height: 800 });
			for (const path of paths) {
				await page.goto(base + path);
				await page.evaluate(() =>
					document.querySelectorAll('details').forEach((d) => {
						d.open = true;
					}),
				);
				await fits(page, `${path} at ${width}`);
				await accessible(page, `${path} at ${width}, ${colorScheme}`);
			}
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
	await p.goto(base, { waitUntil: 'networkidle' });
	assert.ok(bytes > 0 && bytes <= 30000, `${bytes} bytes`);
	// The page, its looks, six modules (one of them follows what is told), the first poll.
	assert.ok(requests <= 8, `${requests} requests`);
	await closed(p);
});

test('card and badge can be put on any page', async () => {
	const [c] = (await api('GET', '/api/connections')).json.data;
	await tidemark('put', '/people.csv', people(1, 700), slow);
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
