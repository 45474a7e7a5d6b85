// Are the pages full of attacks the same elements as those full of plain words, and does nothing
// of them happen in a browser? Run by xss.t.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { parse } from 'parse5';
import { chromium } from 'playwright-core';

const file = (name) => fs.readFileSync(`${process.env.TM_XSS}/${name}`, 'utf8');
const { payloads, base, cookie, source, open } = JSON.parse(file('plan.json'));
const [plain, hostile] = ['plain', 'hostile'].map((kind) =>
	JSON.parse(file(`${kind}.json`)).map((p, i) => ({ ...p, html: file(`${kind}-${i}`) })),
);
assert.deepEqual(
	plain.map((p) => p.name),
	hostile.map((p) => p.name),
);

const LINKS = new Set(
	'href src action formaction data poster srcset ping background xlink:href cite'.split(' '),
);

// [element, its attributes] in order, and all text and values.
function read(html) {
	const elements = [],
		links = [],
		texts = [];
	const walk = (node) => {
		if (node.tagName) {
			elements.push(
				[node.tagName, ...node.attrs.map((a) => a.name).sort()].join(' '),
			);
			for (const { name, value } of node.attrs) {
				texts.push(value);
				if (LINKS.has(name)) links.push(value);
			}
		} else if (node.nodeName === '#text') texts.push(node.value);
		else if (node.nodeName === '#comment') elements.push('comment');
		for (const child of node.childNodes ?? []) walk(child);
		if (node.content) walk(node.content);
	};
	walk(parse(html));
	return { elements, links, text: texts.join('\n') };
}
const told = hostile.map((p, i) => ({
	name: p.name,
	html: p.html,
	status: [plain[i].status, p.status],
	a: read(plain[i].html),
	b: read(p.html),
}));
const known = new Set(told.flatMap((p) => p.a.elements));
const html = told.filter((p) => /^<!doctype html>/i.test(p.html));

test('the pages are pages, and full of attacks', () => {
	assert.ok(payloads.length >= 40, `${payloads.length} attacks`);
	assert.ok(html.length > 500, `${html.length} pages`);
	assert.deepEqual(
		told
			.filter((p) => !p.name.startsWith('form') && p.status[0] !== p.status[1])
			.map((p) => `${p.name}: ${p.status}`),
		[],
	);
	assert.deepEqual(
		told.filter((p) => p.status.some((s) => s >= 500)).map((p) => p.name),
		[],
	);
	// Character for character, as a person reads it; blanks and marks that reading drops do
	// not count.
	const flat = (s) => s.replace(/[\s\u0000-\u001f\u200b-\u200f\u202a-\u202e\ufeff]+/g, '');
	for (const [kind, least] of [
		['connection', 1],
		['/settings', 1],
		['/integrations-overview', 1],
		['sync', 0.05],
		['question', 0.2],
		['form', 0.9],
		['/settings?tab=tokens', 0.9],
	]) {
		const text = flat(
			html
				.filter((p) => p.name.startsWith(kind))
				.map((p) => p.b.text)
				.join('\n'),
		);
		const seen = payloads.filter(
			(p) =>
				text.includes(flat(p.replace(/[^ -~]/g, '')).slice(0, 40)) ||
				text.includes(flat(p).slice(0, 40)),
		);
		if (html.some((p) => p.name.startsWith(kind)))
			assert.ok(
				seen.length >= payloads.length * least,
				`${kind} shows ${seen.length} of them`,
			);
	}
});

test('a page full of attacks has the elements and attributes of one full of plain words', () => {
	const wrong = [];
	for (const p of html) {
		const strange = p.b.elements.filter((e) => !known.has(e) || /(?:^| )on\w+/.test(e));
		if (strange.length) wrong.push(`${p.name}: ${strange.slice(0, 3)}`);
		else if (
			!p.name.startsWith('form') &&
			!p.name.startsWith('echo') &&
			p.a.elements.join('\n') !== p.b.elements.join('\n')
		) {
			const i = p.a.elements.findIndex((e, n) => e !== p.b.elements[n]);
			wrong.push(`${p.name}: ${p.a.elements[i]} became ${p.b.elements[i]}`);
		}
	}
	assert.deepEqual(wrong, []);
});

test('every link leads into Tidemark, or to the web openly', () => {
	const wrong = html.flatMap((p) =>
		p.b.links
			.filter((to) => !/^(?:\/(?![/\\])|#|\?|https?:\/\/|mailto:)/.test(to))
			.map((to) => `${p.name}: ${to}`),
	);
	assert.deepEqual([...new Set(wrong)], []);
});

// As a page has a text in its source: what a reader sees of one that was escaped twice.
const escaped = (text) =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');

test('no attack is a template, and none is escaped twice', () => {
	const meant = payloads.join('\n');
	const twice = payloads.map(escaped).filter((text) => !meant.includes(text));
	assert.ok(twice.length > 30, `${twice.length} attacks that could be`);
	const wrong = html.filter((p) => twice.some((text) => p.b.text.includes(text)));
	assert.deepEqual(
		wrong.map((p) => p.name),
		[],
	);
	assert.ok(
		html.some((p) => p.b.text.includes('{{{csrf}}}{{&csrf}}{{>head}}')),
		'braces stay braces',
	);
});

test('nothing happens in a browser', async () => {
	const browser = await chromium.launch({
		executablePath: process.env.TIDEMARK_TEST_CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-dev-shm-usage'],
	});
	try {
		const context = await browser.newContext();
		const [name, value] = cookie.split('=');
		await context.addCookies([{ name, value, url: base }]);
		const events = [];
		// Whatever runs would call this.
		await context.addInitScript(() => {
			window.alert = (x) => console.error(`ran: ${x}`);
			document.addEventListener('securitypolicyviolation', (e) =>
				console.error(`violates: ${e.violatedDirective} ${e.blockedURI}`),
			);
		});
		const page = await context.newPage();
		page.on('dialog', (d) => {
			// The browser's own question about what is half filled in.
			if (d.type() === 'beforeunload') return d.accept();
			events.push(`dialog: ${d.message()}`);
			d.dismiss();
		});
		const where = () => page.url().slice(base.length, base.length + 60);
		page.on('pageerror', (e) => events.push(`error: ${e}`));
		page.on('console', (m) => {
			if (m.type() === 'error' && !/status of (4\d\d|503)/.test(m.text()))
				events.push(`${where()}: ${m.text()}`);
		});
		page.on('request', (r) => {
			if (!r.url().startsWith(base) && !r.url().startsWith('data:image/'))
				events.push(`asks ${r.url()}`);
		});
		for (const path of open) {
			await page.goto(base + path, { waitUntil: 'load' });
			await page.evaluate(() => {
				for (const d of document.querySelectorAll('details')) d.open = true;
			});
		}
		// What scripts put into the page: a preview of hostile data.
		for (const i of [0, 14, 48]) {
			await page.goto(`${base}/settings?tab=integrations&add=csv`);
			await page.getByLabel('Address of the CSV file').fill(`${source}/${i}.csv`);
			await page.getByLabel('Name', { exact: true }).fill(payloads[i]);
			await page.getByRole('button', { name: 'Preview' }).click();
			await page
				.getByRole('region', { name: 'First rows of the preview' })
				.waitFor();
			const text = (s) => s.replace(/\s+/g, ' ');
			assert.ok(
				text(await page.locator('#preview').innerText()).includes(
					text(payloads[i]).trim(),
				),
				`the preview shows ${payloads[i]}`,
			);
		}
		assert.deepEqual(events, []);
	} finally {
		await browser.close();
	}
});
