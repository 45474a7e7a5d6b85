// app.js - what Tidemark's own pages do on top of their forms. Without it everything works the
// same, a page at a time.
import { api, startSync } from './api.js';
import { announce, counts, relative } from './progress.js';
import { ended, listen, live, watchAll } from './watch.js';

// <time data-rel> stays true, in the same words as the server's; the exact time is its title.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function paint(root) {
	for (const t of root.querySelectorAll('time[data-rel]')) {
		const at = Date.parse(t.dateTime);
		if (Number.isNaN(at)) continue;
		const words = relative(at - Date.now());
		if (t.textContent !== words) t.textContent = words;
		t.title = exact.format(at);
	}
	// All times are those of the browser's zone.
	for (const t of root.querySelectorAll('time[data-clock], time[data-at]')) {
		const at = Date.parse(t.dateTime);
		if (Number.isNaN(at)) continue;
		const words = (t.matches('[data-clock]') ? clock : exact).format(at);
		if (t.textContent !== words) t.textContent = words;
		t.title = exact.format(at);
	}
}
// Seconds are counted as they go by, the rest now and then.
function tell() {
	paint(document);
	const young = [...document.querySelectorAll('time[data-rel]')].some(
		(t) => Math.abs(Date.now() - Date.parse(t.dateTime)) < 6e4,
	);
	setTimeout(tell, young ? 1000 : 15000);
}
tell();
if (document.querySelector('#add-form, #edit-form')) import('./form.js');

// Calendars are shown by the clock of the browser's zone: the server is told which that is.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone,
	told = `tidemark-zone=${own}`;
if (own && !document.cookie.split('; ').includes(told)) {
	document.cookie = `${told}; path=/; max-age=34560000; samesite=lax`;
	if (document.querySelector('[data-zone-unknown]') && document.cookie.includes(told))
		level();
}
if (document.querySelector('[data-calendar]')) import('./calendar.js');

// What is written is meant: its choice is made with it.
document.addEventListener('input', (e) => {
	const set = e.target.matches('[data-picks]') && e.target.closest('fieldset');
	if (set) set.querySelector('input[value=value]').checked = true;
});

// True: it is said.
function complain(text, { status }, how) {
	if (!announce(text, { bad: true, ...how })) return false;
	if (status !== 401) return true;
	const link = document.createElement('a');
	link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
	link.textContent = 'Sign in';
	// What is typed here would not be there any more.
	if ([...document.forms].some(holds)) link.target = '_blank';
	document.getElementById('live').append(' ', link);
	return true;
}

// Why the page cannot go on, while that is so. What has come by itself takes the place of nothing
// that somebody has to read.
const NEWS = { passing: true };
let stuck = '';
function words({ message, status }) {
	if (![...document.forms].some(holds)) return message;
	const before = status === 401 ? ' Sign in in another tab before you send this.' : '';
	return `${message}${before} What you have typed stays here.`;
}
function stick(problem, how) {
	const text = words(problem);
	if (stuck === text) return;
	goOn();
	if (complain(text, problem, how)) stuck = text;
}
function goOn() {
	if (stuck && document.getElementById('live').textContent.startsWith(stuck)) announce('');
	stuck = '';
}
async function lookIn() {
	const { signedIn } = await import('./level.js');
	await signedIn().then(goOn, (problem) => problem.status && stick(problem, NEWS));
}
function answered(problem) {
	if (!problem && stuck) lookIn();
	else if (problem?.status === 401) stick(problem, NEWS);
}

// The page is brought level, under the reader's eyes and without moving them. False: it is not;
// undefined: nor may it be, which is said.
async function level() {
	try {
		const shown = await import('./level.js').then((m) => m.level());
		if (shown) goOn();
		paint(document);
		return shown;
	} catch (problem) {
		if (!problem.status) return false;
		stick(problem, NEWS);
	}
}
async function refresh(say, how) {
	const shown = await level();
	if (shown !== undefined)
		announce(shown ? say : `${say} Reload the page to see it.`, how);
}
document.addEventListener('tidemark-done', (event) => {
	const s = event.detail,
		message = counts(s.message, (n) => n.toLocaleString('en')),
		say = s.status === 'complete' ? `Sync complete. ${message}` : message;
	setTimeout(() => refresh(say, NEWS), 600);
});
document.addEventListener('input', (event) => {
	const form = event.target.closest('form[data-dirty-guard]');
	if (form) form.dataset.dirty = '';
});

// What was asked for a moment ago is looked for again, in place.
async function look() {
	if (!document.querySelector('[data-again]')) return;
	await level();
	setTimeout(look, 1000);
}
setTimeout(look, 1000);

// Where the source tells of changes, the page shows them as soon.
const LIVE = 1500,
	SELDOM = 30000;

// Syncs that began or ended elsewhere: another tab, the schedule, a program.
const known = new Set();
if (document.querySelector('[data-watch] [data-connection], [data-watch][data-connection]')) {
	watchAll(
		({ data }) => {
			for (const s of data) {
				const place = document.querySelector(
					`[data-connection="${CSS.escape(s.connectionId)}"]`,
				);
				if (
					!place ||
					place.hasAttribute('data-only') ||
					document.querySelector(
						`tidemark-progress[sync="${CSS.escape(s.syncId)}"]`,
					)
				)
					continue;
				if (
					place.dataset.sync === s.syncId &&
					ended(place.dataset.state) === ended(s.status)
				)
					continue;
				const news = `${s.syncId} ${s.status}`;
				if (known.has(news)) continue;
				known.add(news);
				if (ended(s.status)) return refresh('Updated just now.', NEWS);
				if (slot(s.connectionId)) follow(s.connectionId, s.syncId);
			}
		},
		answered,
		document.querySelector('[data-live]') ? LIVE : undefined,
	);
}

// What calendars bring and get is seen at once, on pages that say so: after each sync, and when the
// stream tells of it; without one now and then.
if (document.querySelector('[data-follow]')) {
	let seen;
	watchAll(
		({ data }) => {
			const now = data.map((s) => `${s.syncId} ${ended(s.status)}`).join();
			if (seen !== undefined && seen !== now) level();
			seen = now;
		},
		answered,
		LIVE,
	);
}
if (document.querySelector('[data-follow], [data-calendar]')) {
	let revision;
	listen({
		events(calendar) {
			if (revision !== calendar.revision) level();
			revision = calendar.revision;
		},
	});
	setInterval(() => {
		if (!live() && !document.hidden) level();
	}, SELDOM);
}

const slot = (connection) => {
	const id = CSS.escape(connection);
	return document.querySelector(`[data-slot="${id}"], [data-connection="${id}"] [data-slot]`);
};

function follow(connection, sync) {
	const place = slot(connection);
	if (!place) {
		location.href = `/syncs/${sync}`;
		return;
	}
	if (place.querySelector(`tidemark-progress[sync="${CSS.escape(sync)}"]`)) return;
	const card = document.createElement('tidemark-progress');
	card.setAttribute('sync', sync);
	place.replaceChildren(card);
	const badge = (
		place.closest('[data-connection]') ?? document.querySelector('.head')
	)?.querySelector('.badge');
	if (badge) {
		badge.className = 'badge is-busy';
		badge.textContent = 'Syncing';
	}
	// The button stays where the keyboard is; what was before is not what is now.
	const last = document.querySelector('[data-last]');
	if (last) last.textContent = 'Syncing now';
}

// "Sync now" starts in place; a second click, here or in another tab, follows the one that runs.
document.addEventListener('submit', async (event) => {
	const form = event.target,
		connection = form.dataset.start,
		button = event.submitter;
	if (!connection) return;
	event.preventDefault();
	button.setAttribute('aria-disabled', 'true');
	if (form.dataset.busy) return;
	form.dataset.busy = 'yes';
	try {
		follow(connection, await startSync(connection));
	} catch (problem) {
		complain(problem.message, problem);
		await new Promise((done) => setTimeout(done, problem.retryAfter * 1000));
	}
	delete form.dataset.busy;
	button.removeAttribute('aria-disabled');
});

// A switch or a frequency takes effect at once, and snaps back with the reason when it could not
// be saved.
async function showNext(form, schedule) {
	const place = form.closest('.card').querySelector('[data-next]');
	if (!place) return;
	const labelled = place.matches('dd'); // "Next sync" stands before it
	if (!schedule.nextPollAt) {
		const { data } = await api(`/api/connections/${form.dataset.schedule}`);
		place.textContent = labelled ? data.nextSyncBrief : data.nextSyncText;
		return;
	}
	const t = document.createElement('time');
	t.dateTime = schedule.nextPollAt;
	t.dataset.rel = '';
	place.replaceChildren(...(labelled ? [t] : ['Next sync ', t]));
	paint(place);
}
let saving = Promise.resolve(); // one after another: two at once could undo each other
document.addEventListener('change', async (event) => {
	const form = event.target.closest('form[data-schedule]'),
		input = event.target;
	if (!form || !['enabled', 'frequency'].includes(input.name)) return;
	// These have fields of their own, and a button.
	if (input.name === 'frequency' && ['custom', 'hours', 'rule'].includes(input.value)) return;
	const body =
		input.name === 'enabled' ? { enabled: input.checked } : { frequency: input.value };
	input.setAttribute('aria-busy', 'true');
	try {
		const answer = saving.then(() =>
			api(`/api/connections/${form.dataset.schedule}/schedule`, {
				method: 'PUT',
				body,
			}),
		);
		saving = answer.catch(() => {});
		const { data } = await answer;
		if (input.name === 'enabled') input.defaultChecked = input.checked;
		else for (const option of input.options) option.defaultSelected = option.selected;
		await showNext(form, data);
		// The badge tells of it too.
		await refresh('Saved.');
	} catch (problem) {
		if (input.name === 'enabled') input.checked = input.defaultChecked;
		else for (const option of input.options) option.selected = option.defaultSelected;
		complain(`Not saved: ${problem.message}`, problem);
	} finally {
		input.removeAttribute('aria-busy');
	}
});

// The same of all address books together, which have one schedule.
if (document.querySelector('tidemark-auto-sync')) import('./auto_sync.js');
document.addEventListener('tidemark-saved', () => refresh('Saved.'));

// Without JavaScript the link leads to a page that asks the same.
const dialog = document.getElementById('remove');
document.addEventListener('click', (event) => {
	const link = event.target.closest('a[data-remove]');
	if (event.target.closest('[data-close]')) dialog.close();
	if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
	event.preventDefault();
	dialog.querySelector('form').action = new URL(link.href).pathname.replace(/\/remove$/, '');
	dialog.querySelector('[data-name]').textContent = link.dataset.remove;
	dialog.showModal();
});

if (document.querySelector('[data-zone], [data-copy]')) import('./fields.js');

// What cannot be undone asks first: a button with data-ask. Where it cannot here, the server does.
document.addEventListener('submit', (event) => {
	const button = event.submitter;
	if (!button?.dataset.ask || button.dataset.asked) return;
	event.preventDefault();
	import('./ask.js').then(
		(m) => m.ask(event.target, button),
		() => {
			button.dataset.asked = 'yes';
			event.target.requestSubmit(button);
		},
	);
});

// What was typed is sent only while its session is there: on the way to the sign-in page it would
// be lost, and likewise while Tidemark cannot be reached.
const sure = new WeakSet();
for (const kind of ['input', 'change'])
	document.addEventListener(kind, ({ target }) => {
		// This one saves what is set by itself.
		if (target.form && !target.closest('tidemark-auto-sync'))
			target.form.dataset.typed = '';
	});
function holds(form) {
	return form.method === 'post' && ('typed' in form.dataset || 'dirty' in form.dataset);
}
async function check(form, button) {
	const { signedIn } = await import('./level.js');
	await signedIn();
	sure.add(form);
	form.requestSubmit(button);
}

// Who comes back to a form hears that the session has ended before it is sent and lost.
document.addEventListener('visibilitychange', () => {
	if (!document.hidden && [...document.forms].some(holds)) lookIn();
});
document.addEventListener('submit', async (event) => {
	const form = event.target,
		button = event.submitter;
	if (event.defaultPrevented || !document.body.dataset.csrf || !holds(form)) return;
	if (sure.delete(form)) return;
	event.preventDefault();
	if (form.dataset.busy) return;
	form.dataset.busy = 'yes';
	stuck = '';
	await check(form, button).catch((problem) => stick(problem));
	delete form.dataset.busy;
});

// What is half typed is not lost without a word.
let sent = false;
document.addEventListener('submit', (event) => {
	if (!event.defaultPrevented) sent = true;
});
addEventListener('beforeunload', (event) => {
	if (!sent && document.querySelector('form[data-dirty]')) event.preventDefault();
});
