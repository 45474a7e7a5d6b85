// The calendar as a person uses it: with a mouse, by the keyboard alone, without JavaScript, on a
// narrow screen, in light and dark. Run by calendar.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	connected,
	google,
	looksWell,
	open,
	signIn,
	start,
	stop,
	synced,
	tidemark,
	until,
} from './browser.mjs';

const OCTOBER = '2020-10-14'; // a Wednesday, and never today
const zone = { timezoneId: 'Europe/Berlin' };
let page;
const text = (selector, p = page) => p.locator(selector).first().innerText();
const see = (view, date = OCTOBER, p = page) =>
	p.goto(`${base}/calendar?view=${view}&date=${date}`);
const on = () => page.evaluate(() => document.activeElement.dataset.day);

// The calendar listens to the keyboard.
const ready = () => page.locator('[data-day][tabindex="0"]').waitFor();

async function made(event) {
	const { status, json } = await api('POST', '/api/events', event);
	assert.equal(status, 201, JSON.stringify(json));
	return json.event.id;
}
const events = async (from = '2020-10-01', to = '2020-11-01') =>
	(await api('GET', `/api/events?expand=1&limit=500&from=${from}&to=${to}`)).json.data.map(
		(e) => `${e.startDateTime.slice(5, 16)} ${e.title}`,
	);
const timed = (title, day, from, to, more = {}) => ({
	title,
	startDateTime: `2020-10-${day}T${from}:00`,
	endDateTime: `2020-10-${day}T${to}:00`,
	timeZone: 'Europe/Berlin',
	...more,
});

before(start);
after(stop);

test('an empty calendar begins with the first event, in the zone of the browser', async () => {
	page = await open({ stranger: true, ...zone });
	await signIn(page);
	await page.getByRole('link', { name: 'Calendar', exact: true }).click();
	assert.match(await text('main'), /Your calendar is empty/);
	await page.getByText('Times shown in Europe/Berlin, as your browser has it').waitFor();
	await accessible(page, 'the empty calendar');
	await see('month');
	await page.getByRole('link', { name: 'Create the first event' }).click();
	await page.getByLabel('Title').fill('Tea');
	assert.equal(await page.getByLabel('Time zone').inputValue(), 'Europe/Berlin');
	await accessible(page, 'the form');
	await page.getByRole('button', { name: 'Create event' }).click();
	await page.getByText('The event was created.').waitFor();
	assert.match(await text('h1 + p'), /Wednesday, 14 October 2020, 09:00 to 10:00/);
	assert.deepEqual(await events(), ['10-14T09:00 Tea']);
	await accessible(page, 'an event');
});

test('the views are accessible and fit, in light and dark', async () => {
	await made(timed('Round', '05', '10:00', '11:00', { recurrence: ['RRULE:FREQ=WEEKLY'] }));
	await made(timed('Overlap', '14', '09:30', '12:00', { color: '5', status: 'tentative' }));
	await made(timed('x'.repeat(300), '14', '09:15', '09:45', { busy: false }));
	await made({ title: 'Fair', startDateTime: '2020-10-15', endDateTime: '2020-10-22' });
	for (let i = 0; i < 9; i++) await made(timed(`Many ${i}`, '16', '08:00', '08:30'));
	const looks = [
		[1280, 'light', 900],
		[320, 'dark', 640],
	];
	const p = await open(zone);
	for (const view of ['month', 'week', 'agenda']) {
		await see(view, OCTOBER, p);
		await looksWell(p, view, looks);
	}
	for (const path of ['help', 'queue']) {
		await p.goto(`${base}/calendar/${path}`);
		await looksWell(p, path, looks);
	}
	await p.goto(`${base}/calendar/new?date=${OCTOBER}`);
	await p.getByLabel('Repeats').selectOption('week');
	await looksWell(p, 'the form', looks);
	await closed(p);
	await see('month');
	await page.getByRole('link', { name: /\+7.*Friday, 16 October 2020/ }).click();
	await page.getByRole('heading', { name: 'Friday, 16 October 2020' }).waitFor();
	assert.equal(await page.locator('.calday .items li').count(), 10);
});

test('by the keyboard alone: from day to day, a new event, a series', async () => {
	await see('month');
	await page.locator('[data-day][tabindex="0"]').focus();
	assert.equal(await on(), OCTOBER);
	for (const [key, day] of [
		['ArrowRight', '2020-10-15'],
		['ArrowDown', '2020-10-22'],
		['Home', '2020-10-19'],
		['End', '2020-10-25'],
		['ArrowUp', '2020-10-18'],
		['ArrowLeft', '2020-10-17'],
	]) {
		await page.keyboard.press(key);
		assert.equal(await on(), day, key);
	}
	await page.keyboard.press('PageDown');
	await page.waitForURL(/date=2020-11/);
	await until(async () => (await on()) === '2020-11-01', 'the keyboard is on the next month');
	await page.keyboard.press('ArrowUp');
	await page.waitForURL(/date=2020-10-25/);
	await until(async () => (await on()) === '2020-10-25', 'and on the one before');
	await see('month', '2020-10-28');
	await ready();
	await page.keyboard.press('w');
	await page.waitForURL(/view=week&date=2020-10-28/);
	await ready();
	await page.keyboard.press('t');
	await page.waitForURL((u) => !u.search.includes('2020-10-28'));
	await see('month', '2020-10-28');
	await page.locator('[data-day][tabindex="0"]').focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('n');
	await page.waitForURL(/calendar\/new\?date=2020-10-29/);
	// The form, field by field.
	await page.getByLabel('Title').focus();
	await page.keyboard.type('By keys');
	await page.getByLabel('Repeats').focus();
	await page.keyboard.type('Every week');
	await page.getByLabel('Series ends').focus();
	await page.keyboard.type('After');
	await page.getByLabel('Number of occurrences').focus();
	await page.keyboard.type('2');
	await page.keyboard.press('Enter');
	await page.getByText('The event was created.').waitFor();
	assert.match(await text('.details'), /Every week on Thursday, 2 times/);
	assert.deepEqual(
		(await events('2020-10-29', '2020-12-01')).filter((e) => /By keys/.test(e)),
		['10-29T09:00 By keys', '11-05T09:00 By keys'],
	);
});

test('single letters can be switched off', async () => {
	await see('month');
	await page.getByText('Keyboard', { exact: true }).click();
	await page.getByLabel('Single letters work as shortcuts').uncheck();
	await see('month');
	await ready();
	await page.keyboard.press('w');
	await page.getByText('Keyboard', { exact: true }).click();
	assert.match(page.url(), /view=month/);
	await page.getByLabel('Single letters work as shortcuts').check();
	await page.locator('h1').click();
	await page.keyboard.press('w');
	await page.waitForURL(/view=week/);
});

test('what is wrong stands beside its field, and what was typed stays', async () => {
	await page.goto(`${base}/calendar/new?date=${OCTOBER}`);
	await page.getByLabel('Title').fill('Backwards');
	await page.getByLabel('Ends at').fill('08:00');
	await page.getByRole('button', { name: 'Create event' }).click();
	await page.getByText('The event ends before it begins.').waitFor();
	assert.equal(await page.getByLabel('Title').inputValue(), 'Backwards');
	const ends = page.getByLabel('Ends', { exact: true });
	assert.equal(await ends.getAttribute('aria-invalid'), 'true');
	await accessible(page, 'a refused form');
	await page.getByLabel('All day').check();
	assert.ok(await page.getByLabel('Ends at').isHidden(), 'a day has no times');
	await page.getByRole('button', { name: 'Create event' }).click();
	await page.getByText('The event was created.').waitFor();
	assert.ok((await events()).includes('10-14 Backwards'));
});

test('one of a series is moved, those that follow are renamed, all are deleted', async () => {
	const id = await made(
		timed('Choir', '01', '19:00', '20:00', {
			recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'],
		}),
	);
	const choir = async () => (await events()).filter((e) => /Choir|Song/.test(e));
	await see('month');
	await page.locator('a.ev[title="Choir"]').nth(1).click();
	await page.getByRole('link', { name: 'Edit this event' }).click();
	await page.getByLabel('Begins at').fill('18:00');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('this one is different').waitFor();
	await page.goto(`${base}/events/${id}?at=20201015T170000Z`);
	await page.getByRole('link', { name: 'Edit this and following events' }).click();
	await page.getByLabel('Title').fill('Song');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	assert.deepEqual(await choir(), [
		'10-01T19:00 Choir',
		'10-08T18:00 Choir',
		'10-15T19:00 Song',
		'10-22T19:00 Song',
	]);
	await page.getByText('Delete', { exact: true }).click();
	await page.getByRole('button', { name: 'Delete the whole series' }).click();
	await page.getByRole('dialog').getByRole('button', { name: /Delete/ }).click();
	await page.getByText('This event is deleted.').waitFor();
	assert.equal((await choir()).length, 2);
	await accessible(page, 'a deleted event');
	await page.getByRole('button', { name: 'Restore it' }).click();
	await page.getByText('The event is back.').waitFor();
	assert.equal((await choir()).length, 4);
});

test('two tabs: the late one writes nothing until it has seen what was changed', async () => {
	const id = await made(timed('Draft', '20', '12:00', '13:00'));
	const other = await open(zone);
	for (const p of [page, other]) await p.goto(`${base}/events/${id}/edit`);
	await other.getByLabel('Place').fill('Room 1');
	await other.getByRole('button', { name: 'Save' }).click();
	await other.getByText('Saved.').waitFor();
	await page.getByLabel('Title').fill('Mine');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('nothing is saved yet').waitFor();
	assert.match(await text('.note .clash'), /Place: was nothing, is now Room 1/);
	await accessible(page, 'a form that was overtaken');
	assert.equal((await api('GET', `/api/events/${id}`)).json.event.title, 'Draft');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	const { event } = (await api('GET', `/api/events/${id}`)).json;
	assert.equal(`${event.title} ${event.location}`, 'Mine Room 1');
	await closed(other);
});

test('an event says where it stands, and the month shows the worst of it', async () => {
	await tidemark('source');
	const { id: conn } = await connected('Work', '/a.csv', { start: false });
	const id = await made(timed('Review', '21', '08:00', '09:00'));
	await tidemark('twin', id, conn, 'failed', 'Share the calendar with it.');
	await page.goto(`${base}/events/${id}`);
	const stands = page.getByRole('region', { name: 'Sync status' });
	assert.match(await stands.innerText(), /Work\s+Not written\s+Share the calendar with it\./);
	await accessible(page, 'an event that could not be written');
	await see('month', '2020-10-21');
	const bar = page.locator('a.ev[title="Review"]').first();
	assert.match(await bar.textContent(), /Not written/);
});

// Ann, in her calendar at Google.
async function ann(method, path = '', body) {
	const reply = await fetch(
		`${google}/fake/api/calendar/v3/calendars/ann%40example.com/events${path}`,
		{
			method,
			headers: {
				authorization: 'Bearer elsewhere',
				'content-type': 'application/json',
			},
			body: body && JSON.stringify(body),
		},
	);
	assert.ok(reply.ok, `${method}: ${reply.status}`);
	return reply.json();
}

test('an event goes to Google, and what is edited there is seen without a reload', async () => {
	const { json } = await api('POST', '/api/connections', {
		provider: 'google-calendar',
		name: 'Ann',
		accountId: await tidemark('google'),
		config: { calendar: 'primary' },
	});
	assert.ok(json.id, JSON.stringify(json));
	const first = json.lastSync?.syncId ?? json.activeSyncId;
	await until(async () => {
		const { json: sync } = await api('GET', `/api/sync?syncId=${first}`);
		return sync.status === 'complete';
	}, 'the first sync ends');
	await page.goto(`${base}/calendar/new?date=2020-09-09`);
	await page.getByLabel('Title').fill('From here');
	await page.getByRole('button', { name: 'Create event' }).click();
	const stands = page.getByRole('region', { name: 'Sync status' });
	await stands.getByText('In sync').waitFor();
	assert.match(await stands.innerText(), /Ann\s+In sync/);
	const [there] = (await ann('GET')).items.filter((e) => e.summary === 'From here');
	assert.equal(Date.parse(there.start.dateTime), Date.parse('2020-09-09T07:00:00Z'));
	await see('month', '2020-09-09');
	await ann('PATCH', `/${there.id}`, { summary: 'From there' });
	await synced(json.id);
	await page.locator('a.ev[title="From there"]').waitFor();
	await page.locator('a.ev[title="From there"]').click();
	assert.match(await page.locator('#why').innerText(), /Ann changed it/);
	assert.match(await page.locator('#why').innerText(), /Ann received it/);
	await page.getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await page.getByText('This event is deleted.').waitFor();
	await until(
		async () => !(await ann('GET')).items.some((e) => e.summary === 'From there'),
		'it is deleted there, too',
	);
});

test('everything works without JavaScript, and the zone is UTC until one is chosen', async () => {
	const p = await open({ javaScriptEnabled: false });
	await p.context().clearCookies({ name: 'tidemark-zone' });
	await see('month', '2020-12-10', p);
	await p.getByText('Times shown in UTC').click();
	await p.getByLabel('Time zone').fill('Asia/Tokyo');
	await p.getByRole('button', { name: 'Use this zone' }).click();
	await p.getByText('Times shown in Asia/Tokyo').waitFor();
	await p.getByRole('link', { name: 'New event on Thursday, 10 December 2020' }).click();
	await p.getByLabel('Title').fill('Sushi');
	await p.getByLabel('Repeats').selectOption('month');
	await p.getByLabel('On which day').selectOption('weekday');
	await p.getByRole('button', { name: 'Create event' }).click();
	assert.match(await text('.details', p), /Every month on the second Thursday/);
	assert.deepEqual(await events('2020-12-09', '2020-12-12'), ['12-10T09:00 Sushi']);
	await p.getByText('Delete', { exact: true }).click();
	await p.getByRole('button', { name: 'Delete the whole series' }).click();
	await p.getByRole('button', { name: 'Delete' }).click();
	await p.getByText('This event is deleted.').waitFor();
	for (const view of ['week', 'agenda']) await see(view, '2020-12-10', p);
	await closed(p);
});

test('nothing was complained about in the browser', () => assert.deepEqual(complaints, []));
