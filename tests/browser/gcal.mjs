// Google Calendar in both directions as a person sees it: connected, edited here and there, both at
// once, while Google is away, and series. Run by gcal.t.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
	accessible,
	api,
	base,
	closed,
	complaints,
	fits,
	hostPage,
	looksWell,
	open,
	signIn,
	SMALL,
	start,
	stop,
	tidemark,
	until,
} from './browser.mjs';

const zone = 'Europe/Berlin';
let page, connection;
const text = (selector, p = page) => p.locator(selector).first().innerText();
// What Ann has there, by its title.
const there = async (title) =>
	(await tidemark('ann', 'GET', '')).items.filter((e) => e.summary === title);
const ann = (method, id, body) => tidemark('ann', method, id ? `/${id}` : '', body);
const stands = () => page.getByRole('region', { name: 'Sync status' });
async function made(title, day, more = {}) {
	const { status, json } = await api('POST', '/api/events', {
		title,
		startDateTime: `2020-10-${day}T10:00:00`,
		endDateTime: `2020-10-${day}T11:00:00`,
		timeZone: zone,
		...more,
	});
	assert.equal(status, 201, JSON.stringify(json));
	await until(async () => (await there(title)).length, `${title} is there`);
	return { id: json.event.id, far: (await there(title))[0].id };
}
const event = async (id) => (await api('GET', `/api/events/${id}`)).json.event;

// Google refuses such calls of ours (not those of Ann, who names her calendar).
const away = (method, kind = '503') =>
	tidemark('control', {
		faults: [{ kind, method, path: '/calendar/v3/calendars/primary', count: -1 }],
	});
const back = () => tidemark('control', { faults: [] });

before(start);
after(stop);

test('a calendar is connected, after a look at what that would write', async () => {
	await ann('POST', '', {
		summary: 'Theirs',
		start: { dateTime: '2020-10-01T09:00:00Z' },
		end: { dateTime: '2020-10-01T10:00:00Z' },
	});
	page = await open({ stranger: true, timezoneId: zone });
	await signIn(page);
	await page.goto(`${base}/settings?tab=integrations&add=google-calendar#add`);
	await page.getByRole('link', { name: 'Connect Google' }).click();
	await page.getByRole('button', { name: 'Allow' }).click();
	await page.getByRole('button', { name: 'Show my calendars' }).click();
	const mine = page.getByRole('group', { name: 'Your calendars' });
	await mine.waitFor();
	await accessible(page, 'the calendars of an account');
	await mine.getByRole('button', { name: /main calendar/ }).click();
	await page.getByText('Chosen: ').waitFor();
	assert.equal(await page.getByLabel('Calendar', { exact: true }).inputValue(), 'primary');
	const label = (name) => page.getByLabel(name).locator('option:checked').innerText();
	assert.equal(await label('Direction'), 'Both ways');
	assert.equal(await label('When both sides edit the same field'), 'The later edit wins');
	const rule = page.getByLabel('When both sides edit the same field');
	await rule.selectOption('Ask me each time');
	await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Ann');
	await page.getByText('More options').click();
	await page.getByText('No other connection has events yet.').waitFor();
	await accessible(page, 'the form of a calendar');
	await page.getByRole('button', { name: 'Preview', exact: true }).click();
	await page.locator('#preview', { hasText: 'Theirs' }).waitFor();
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await page.waitForURL(/\/connections\/[^/]+$/);
	const { json } = await api('GET', '/api/connections');
	connection = json.data[0].id;
	assert.equal(json.data[0].config.conflicts, 'ask');
	await until(async () => {
		const { json: c } = await api('GET', `/api/connections/${connection}`);
		return c.channel?.expiresAt && c.lastSync?.status === 'complete';
	}, 'Google tells of changes');
});

test('what is made here is there, what is edited there is here, without a reload', async () => {
	await page.goto(`${base}/calendar/new?date=2020-10-05`);
	await page.getByLabel('Title').fill('Tea');
	await page.getByRole('button', { name: 'Create event' }).click();
	await stands().getByText('In sync').waitFor();
	const [far] = await there('Tea');
	assert.equal(Date.parse(far.start.dateTime), Date.parse('2020-10-05T07:00:00Z'));
	await page.goto(`${base}/calendar?view=month&date=2020-10-05`);
	await page.locator('a.ev[title="Tea"]').waitFor();
	await ann('PATCH', far.id, { summary: 'Coffee' });
	await page.locator('a.ev[title="Coffee"]').waitFor();
	await page.locator('a.ev[title="Coffee"]').click();
	assert.match(await text('#why'), /Ann changed it/);
	assert.match(await text('#why'), /Ann received it/);
	await page.getByText('Delete', { exact: true }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await page.getByText('This event is deleted.').waitFor();
	await until(async () => !(await there('Coffee')).length, 'it is deleted there, too');
});

test('both sides edit the same: somebody is asked, both get the answer', async () => {
	const { id, far } = await made('Lunch', '06');
	await away('PATCH');
	await page.goto(`${base}/events/${id}/edit`);
	await page.getByLabel('Title').fill('Late lunch');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	await until(async () => !/In sync/.test(await stands().innerText()), 'it is not level');
	await ann('PATCH', far, { summary: 'Early lunch', location: 'Canteen' });
	await back();
	const conflicts = page.locator('nav').getByRole('link', { name: /^Conflicts/ });
	await conflicts.getByText('1').waitFor();
	await conflicts.click();
	await page.getByText('Write my own').click();
	await page.getByLabel('Title, my own text').fill('Lunch at one');
	await page.getByRole('button', { name: /^Resolve/ }).click();
	await page.getByText('Answered. What stands is on its way.').waitFor();
	await until(async () => (await there('Lunch at one')).length, 'it is there');
	const here = await event(id);
	assert.equal(`${here.title}, ${here.location}`, 'Lunch at one, Canteen');
	assert.equal((await ann('GET', far)).location, 'Canteen');
});

const progressToken = async () =>
	(await api('POST', `/api/connections/${connection}/progress-token`, { minutes: 5 })).json
		.token;

test('a page of the application shows how its calendar stands', async () => {
	const { far } = await made('Tennis', '08');
	const token = await progressToken(),
		shop = await hostPage('card', 'tidemark-calendar', `token: '${token}'`);
	const card = shop.locator('tidemark-calendar');
	await card.getByText(/^Last synced (now|.* ago)$/).waitFor();
	assert.match(await card.locator('ul').innerText(), /Ann\s+Google Calendar/);
	await accessible(shop, 'the card of a calendar');
	await away('PATCH');
	const [{ id }] = (await api('GET', '/api/events?from=2020-10-08&to=2020-10-09')).json.data;
	await api('PUT', `/api/events/${id}`, { title: 'Tennis, indoors' });
	await ann('PATCH', far, { summary: 'Squash' });
	await card.getByText('1 conflict waits for an answer').waitFor();
	await back();
	const { json } = await api('GET', '/api/conflicts?state=open');
	await api('POST', `/api/conflicts/${json.data[0].id}`, { choice: 'local' });
	await card.getByText('1 conflict waits').waitFor({ state: 'detached' });
	await closed(shop);
	const small = await hostPage(
		'small',
		'tidemark-calendar',
		`token: '${await progressToken()}'`,
		{ options: { viewport: { width: 320, height: 700 } } },
	);
	await small.getByText(/^Last synced/).waitFor();
	await looksWell(small, 'the card', SMALL);
	await closed(small);
});

test('while Google is away edits wait and say so; when it is back they are there', async () => {
	const { id, far } = await made('Walk', '07');
	await away('PATCH', 'reset');
	await away('POST');
	await page.goto(`${base}/events/${id}/edit`);
	await page.getByLabel('Place').fill('Park');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	await until(async () => !/In sync/.test(await stands().innerText()), 'it is not level');
	await page.goto(`${base}/calendar/new?date=2020-10-07`);
	await page.getByLabel('Title').fill('Run');
	await page.getByRole('button', { name: 'Create event' }).click();
	await page.getByText('The event was created.').waitFor();
	await page.goto(`${base}/calendar/queue`);
	await until(async () => {
		await page.reload();
		const said = await text('main');
		return (
			/Walk is to be changed in Ann/.test(said) &&
			/Run is to be made in Ann/.test(said) &&
			/\d (try|tries)\s+next try/.test(said)
		);
	}, 'both were tried and wait');
	await accessible(page, 'the queue while Google is away');
	await fits(page, 'the queue');
	await page.goto(`${base}/events/${id}`);
	await back();
	await stands().getByText('In sync').waitFor();
	assert.equal((await ann('GET', far)).location, 'Park');
	await until(async () => (await there('Run')).length === 1, 'what was made is there, once');
});

test('a series is edited in its three scopes, and Google has it so', async () => {
	const { id } = await made('Choir', '01', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] });
	const days = async () =>
		(await tidemark('ann', 'GET', '?singleEvents=true&orderBy=startTime')).items
			.filter((e) => /Choir|Song/.test(e.summary))
			.map(({ start, summary }) => {
				const at = new Date(start.dateTime).toISOString();
				return `${at.slice(5, 16)} ${summary}`;
			})
			.join();
	const comes = (what) => until(async () => (await days()) === what, what);
	await page.goto(`${base}/calendar?view=month&date=2020-10-01`);
	await page.locator('a.ev[title="Choir"]').nth(1).click();
	await page.getByRole('link', { name: 'Edit this event' }).click();
	await page.getByLabel('Begins at').fill('09:00');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('this one is different').waitFor();
	await page.goto(`${base}/events/${id}?at=20201015T080000Z`);
	await page.getByRole('link', { name: 'Edit this and following events' }).click();
	await page.getByLabel('Title').fill('Song');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	await comes('10-01T08:00 Choir,10-08T07:00 Choir,10-15T08:00 Song,10-22T08:00 Song');
	await page.goto(`${base}/events/${id}`);
	await page.getByRole('link', { name: 'Edit the whole series' }).click();
	await page.getByLabel('Title').fill('Choir, small');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Saved.').waitFor();
	await stands().getByText('In sync').waitFor();
	await comes(
		'10-01T08:00 Choir, small,10-08T07:00 Choir, small,' +
			'10-15T08:00 Song,10-22T08:00 Song',
	);
});

test('nothing was complained about in the browser', () => assert.deepEqual(complaints, []));
