// What the tests of pages share: the browser, the program that runs Tidemark (pages.t), and
// checks that hold for every page.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import readline from 'node:readline';
import { afterEach } from 'node:test';
import { chromium } from 'playwright-core';

export const { base, source, token, shop, google } = JSON.parse(process.env.TM);
const axeText = fs.readFileSync(
	createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
	'utf8',
);

// Asks pages.t to do something: await tidemark('put', '/a.csv', 'id\n1\n').
const answers = readline
	.createInterface({ input: fs.createReadStream('', { fd: 9 }) })
	[Symbol.asyncIterator]();
let queue = Promise.resolve();
export function tidemark(...command) {
	return (queue = queue.then(async () => {
		fs.writeSync(8, `${JSON.stringify(command)}\n`);
		const { error, value } = JSON.parse((await answers.next()).value);
		if (error) throw new Error(error);
		return value;
	}));
}

export async function api(method, path, body) {
	const reply = await fetch(base + path, {
		method,
		headers: {
			authorization: `Bearer ${token}`,
			...(body ? { 'content-type': 'application/json' } : {}),
		},
		body: body && JSON.stringify(body),
	});
	return { status: reply.status, json: await reply.json().catch(() => null) };
}

// As in tests/lib/Tidemark.pm.
export const PATIENCE = 8;
export async function until(check, what, seconds = 15) {
	const end = Date.now() + PATIENCE * seconds * 1000;
	for (;;) {
		const got = await check();
		if (got) return got;
		if (Date.now() > end) assert.fail(`not within ${seconds} s: ${what}`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

const settled = (id) =>
	until(
		async () => {
			const { json } = await api('GET', `/api/sync?syncId=${id}`);
			return ['complete', 'error'].includes(json.status) && json;
		},
		'the sync ends',
		30,
	);

// A connection whose first sync has ended.
export async function connected(name, path, more = {}) {
	const { json } = await api('POST', '/api/connections', {
		provider: 'csv',
		name,
		config: { url: source + path },
		...more,
	});
	assert.ok(json.id, JSON.stringify(json));
	const { json: saved } = await api('GET', `/api/connections/${json.id}`);
	if (saved.lastSync) await settled(saved.lastSync.syncId);
	return json;
}
export async function synced(id) {
	const started = await until(async () => {
		const { status, json } = await api('POST', '/api/sync', { connectionId: id });
		if (status === 429) await tidemark('cooled', id);
		return json.syncId;
	}, 'a sync starts');
	return settled(started);
}

export const people = (from, to, word = 'Person') =>
	'id,name,city\n' +
	Array.from(
		{ length: to - from + 1 },
		(_, i) => `${from + i},${word} ${from + i},Berlin\n`,
	).join('');

// Everything the browser complained about, in all tests: nothing may break the content security
// policy or throw.
export const complaints = [];
let browser, state;

// Where the pages stand when a test has failed: beside its TAP, as Browser.pm tells the rest.
const pages = new Set();
afterEach(async ({ passed }) => {
	if (passed !== false) return;
	for (const page of pages) {
		const where = page.url().replace(/\b(key|code|state|token)=[^&]*/g, '$1=...'),
			text = (e) => page.locator(e).first().innerText({ timeout: 1000 }),
			said = ['h1', '#live'].map((e) => text(e).catch(() => ''));
		console.error('#   %s: %j', where, await Promise.all(said));
	}
});
export async function start() {
	browser = await chromium.launch({
		executablePath: process.env.TIDEMARK_TEST_CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
	});
}
// With the question's end closed, pages.t closes the other one, and this process can end.
export async function stop() {
	await browser?.close();
	fs.closeSync(8);
}

export async function open(options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 900 },
		storageState: options.stranger ? undefined : state,
		...options,
	});
	context.setDefaultTimeout(PATIENCE * 15000);
	const page = await context.newPage();
	pages.add(page);
	page.on('close', () => pages.delete(page));
	page.on('pageerror', (error) => complaints.push(String(error)));
	page.on('console', (message) => {
		if (
			message.type() === 'error' &&
			!/status of (4\d\d|503)|ERR_FAILED|ERR_INTERNET/.test(message.text())
		)
			complaints.push(message.text());
	});
	return page;
}
export async function signIn(page) {
	await page.goto(await tidemark('link'));
	state = await page.context().storageState();
}
export async function closed(page) {
	await page.context().close();
}

export async function accessible(page, what) {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeText);
	const { violations } = await page.evaluate(() =>
		axe.run({
			resultTypes: ['violations'],
			runOnly: [
				'wcag2a',
				'wcag2aa',
				'wcag21a',
				'wcag21aa',
				'wcag22aa',
				'best-practice',
			],
		}),
	);
	assert.deepEqual(
		violations.map((v) => `${v.id}: ${v.nodes[0].html}`),
		[],
		what,
	);
}
export async function fits(page, what) {
	const wide = await page.evaluate(
		() =>
			document.documentElement.scrollWidth > innerWidth &&
			[...document.body.querySelectorAll('*')]
				.filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
				.map((e) => e.outerHTML.slice(0, 80))
				.slice(0, 3),
	);
	assert.equal(wide, false, `${what} scrolls sideways: ${wide}`);
	const cut = await page.evaluate(() =>
		[...document.querySelectorAll('.card:has(> .cards-at-320)')]
			.filter((e) => innerWidth < 864 && e.scrollWidth > e.clientWidth)
			.map((e) => e.innerText.slice(0, 80)),
	);
	assert.deepEqual(cut, [], `${what}: a table is cut off`);
}

// Fits and is accessible in each of these looks, [width, scheme, height], without being loaded
// again: the first look at a page is what takes time.
export async function looksWell(page, what, looks) {
	for (const [width, colorScheme, height = 700] of looks) {
		await page.emulateMedia({ colorScheme });
		await page.setViewportSize({ width, height });
		await fits(page, `${what} at ${width}`);
		await accessible(page, `${what} at ${width}, ${colorScheme}`);
	}
}
export const SMALL = [
	[320, 'light'],
	[320, 'dark'],
];

// A page of another origin with one of the elements for such pages, dressed badly. given: what
// stands in its configure(); more: code before that; before(page): what is done before it loads.
export async function hostPage(name, element, given, { options = {}, more = '', before } = {}) {
	const script = `import { configure } from '${base}/static/embed/1/tidemark.js';
		globalThis.told = [];
		for (const e of ['saved', 'error', 'expired'])
			addEventListener('tidemark-' + e, (event) => told.push([e, event.detail]));
		${more}
		configure({ ${given} });`;
	await tidemark('host', `/${name}.js`, script, 'text/javascript');
	const address = await tidemark(
		'host',
		`/${name}.html`,
		`<!doctype html><html lang="de"><meta charset="utf-8"><title>Shop</title>
		<meta name="viewport" content="width=device-width">
		<meta name="color-scheme" content="light dark">
		<style>label { display: none; } button { background: red; }</style>
		<script type="module" src="/${name}.js"></script>
		<main><h1>Shop</h1><${element}></${element}></main></html>`,
		'text/html',
	);
	const page = await open({ stranger: true, ...options });
	await before?.(page);
	await page.goto(address);
	return page;
}
