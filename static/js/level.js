// level.js - brings a page level with the server without loading it again: the same address is
// asked once more, and only what differs is changed. What a person holds stays as it is: the
// focus, a selection, what is open, what is being typed. A page on which somebody has typed is
// never left by itself.

// What Tidemark answers as a document: nothing on a page is made from a string. The request has
// ended well, whatever its status is; rejected: no answer.
export const ask = (method, address, body) =>
	new Promise((done, failed) => {
		const request = new XMLHttpRequest();
		request.open(method, address);
		request.responseType = 'document';
		request.timeout = 30000;
		request.onload = () => done(request);
		request.onerror = request.ontimeout = () =>
			failed(new Error('Tidemark cannot be reached just now.'));
		request.send(body);
	});

// With the status of the interface that fits.
const because = (status, words) => Object.assign(new Error(words), { status });
const signedOut = () => because(401, 'You are signed out.');
const somebodyElse = () => because(403, 'Somebody else is signed in here by now.');
const who = (page) => page.querySelector('.who span')?.textContent;

// Is whoever looks at the page still signed in? If so, also anew: what is sent from it is of the
// present session then. Rejected when that cannot be told, or somebody else is signed in by now.
export async function renewed() {
	const { response, status } = await ask('GET', '/sign-in');
	if (status >= 400 || !response) throw new Error('Tidemark cannot be reached just now.');
	const { csrf } = response.body.dataset;
	if (!csrf) return false;
	if (who(response) !== who(document)) throw somebodyElse();
	document.body.dataset.csrf = csrf;
	for (const input of document.querySelectorAll('input[name=csrf]')) input.value = csrf;
	return true;
}
// The same for who has nothing to do without it.
export async function signedIn() {
	if (!(await renewed())) throw signedOut();
}

// What the page itself has set, or the person; the server does not know of it.
const OWN = new Set(
	'open aria-disabled aria-busy data-busy data-asked data-typed list tabindex'.split(' '),
);
const TYPED = 'input:not([type=checkbox]):not([type=hidden]), textarea, select';

// What tells an element from its neighbours. A row of a list is what it leads to; a link, a button
// or a form never turns into another one under the finger.
const LEADS = { A: 'href', FORM: 'action', BUTTON: 'value', INPUT: 'name', SELECT: 'name' };
function key(e) {
	if (e.nodeType !== Node.ELEMENT_NODE) return '';
	const row = e.matches('tr, li, article') && e.querySelector('a[href]');
	return (
		e.getAttribute('id') ??
		e.getAttribute('data-connection') ??
		e.getAttribute('sync') ??
		(row || e).getAttribute(row ? 'href' : LEADS[e.nodeName]) ??
		''
	);
}
const alike = (a, b) => a.nodeName === b.nodeName && key(a) === key(b);

// A form that holds what somebody has typed and nobody has saved: it differs from what the server
// has written, or what the server has written is what was typed. Which were typed in, app.js says.
function differs(e) {
	if (e.matches('select')) {
		const first = [...e.options].findIndex((o) => o.defaultSelected);
		return e.selectedIndex !== Math.max(first, 0);
	}
	if (e.matches('[type=checkbox], [type=radio]')) return e.checked !== e.defaultChecked;
	return e.matches('input, textarea') && e.value !== e.defaultValue;
}
export const unsaved = (form) =>
	form.method === 'post' &&
	('dirty' in form.dataset ||
		('typed' in form.dataset && [...form.elements].some(differs)));
const typedIn = (root) => [...root.querySelectorAll('form')].some(unsaved);

// Under somebody's hands, or its own master.
const OWN_MASTERS = '#live, dialog[open], tidemark-progress, tidemark-auto-sync';
function held(e) {
	if (e.nodeType !== Node.ELEMENT_NODE) return false;
	if (e.matches(OWN_MASTERS) || (e.matches('form') && unsaved(e))) return true;
	const at = document.activeElement;
	return e.matches('form') && e.contains(at) && at.matches(TYPED);
}

function attributes(old, fresh) {
	for (const { name, value } of fresh.attributes) {
		if (OWN.has(name) || old.getAttribute(name) === value) continue;
		old.setAttribute(name, value);
		if (name === 'value' && 'value' in old) old.value = value;
		if (name === 'checked') old.checked = true;
		if (name === 'selected') old.selected = true;
	}
	for (const { name } of [...old.attributes]) {
		if (OWN.has(name) || fresh.hasAttribute(name)) continue;
		old.removeAttribute(name);
		if (name === 'checked') old.checked = false;
	}
}

function node(old, fresh) {
	if (old.isEqualNode(fresh) || held(old)) return;
	if (old.nodeType !== Node.ELEMENT_NODE) {
		old.data = fresh.data;
		return;
	}
	attributes(old, fresh);
	children(old, fresh);
}

// What was told once stays told, and nothing is taken away in which somebody has typed.
const stays = (e) =>
	e.nodeType === Node.ELEMENT_NODE &&
	(e.matches('[data-said]') || (e.matches('form') ? unsaved(e) : typedIn(e)));

function children(old, fresh) {
	const wanted = new Set([...fresh.children].map(key)),
		left = new Set();
	for (const e of [...old.children]) {
		if (e.matches('[data-said]') || (key(e) && !wanted.has(key(e)) && stays(e)))
			left.add(e);
		else if (key(e) && !wanted.has(key(e))) e.remove();
	}
	let at = old.firstChild;
	for (const next of [...fresh.childNodes]) {
		while (left.has(at)) at = at.nextSibling;
		let match = at;
		while (match && (left.has(match) || !alike(match, next))) match = match.nextSibling;
		if (match) node(match, next);
		else match = document.adoptNode(next);
		if (match === at) at = at.nextSibling;
		else old.insertBefore(match, at);
	}
	while (at) {
		const rest = at;
		at = at.nextSibling;
		if (!stays(rest)) rest.remove();
	}
}

// The page is not what it was: it is loaded again, unless somebody has typed on it.
function leave(problem) {
	if (typedIn(document)) throw problem;
	location.reload();
	return true;
}

// True: the page shows what the server would show now. Rejected: no answer; or, with a status, why
// it cannot while somebody has typed on it.
async function once() {
	// What somebody has sent is on it, and it cannot be asked for again.
	if (document.body.hasAttribute('data-posted')) return false;
	const reply = await ask('GET', location.href.replace(/#.*/, ''));
	const fresh = reply.response,
		here = location.pathname + location.search,
		there = new URL(reply.responseURL);
	if (reply.status >= 500 || [405, 429].includes(reply.status)) return false;
	const away = there.pathname + there.search !== here;
	if (away && there.pathname === '/sign-in') return leave(signedOut());
	if (who(fresh) !== who(document)) return leave(somebodyElse());
	if (away || reply.status >= 400)
		return leave(because(404, 'What this page is about is not there any more.'));
	const focus = document.activeElement;
	document.title = fresh.title;
	for (const part of ['header.top', 'main'])
		node(document.querySelector(part), fresh.querySelector(part));
	// What was moved among its neighbours has lost it.
	if (document.activeElement !== focus && focus.isConnected)
		focus.focus({ preventScroll: true });
	return true;
}

// One after another; who asks while one is under way gets one that begins after it.
let now = null,
	next = null;
export function level() {
	if (!now)
		return (now = once().finally(() => {
			now = null;
		}));
	return (next ??= now
		.catch(() => {})
		.then(() => {
			next = null;
			return level();
		}));
}
