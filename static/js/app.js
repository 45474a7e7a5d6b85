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
		import('./level.js').then((m) => m.level());
}
if (document.querySelector('[data-calendar]')) import('./calendar.js');

// What is written is meant: its choice is made with it.
document.addEventListener('input', (e) => {
	const set = e.target.matches('[data-picks]') && e.target.closest('fieldset');
	if (set) set.querySelector('input[value=value]').checked = true;
});

function complain(text, { status }) {
	announce(text, { bad: true });
	if (status !== 401) return;
	const link = document.createElement('a');
	link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
	link.textContent = 'Sign in';
	// What is typed here would not be there any more.
	if ([...document.forms].some(holds)) link.target = '_blank';
	document.getElementById('live').append(' ', link);
}

// The page shows what a sync has brought, under the reader's eyes and without moving them.
async function refresh(say) {
	const shown = await import('./level.js').then((m) => m.level()).catch(() => false);
	paint(document);
	announce(shown ? say : `${say} Reload the page to see it.`);
}
document.addEventListener('tidemark-done', (event) => {
	const s = event.detail,
		message = counts(s.message, (n) => n.toLocaleString('en')),
		say = s.status === 'complete' ? `Sync complete. ${message}` : message;
	setTimeout(() => refresh(say), 600);
});
document.addEventListener('input', (event) => {
	const form = event.target.closest('form[data-dirty-guard]');
	if (form) form.dataset.dirty = '';
});

// What was asked for a moment ago is looked for again, in place.
async function look() {
	if (!document.querySelector('[data-again]')) return;
	await import('./level.js').then((m) => m.level()).catch(() => {});
	paint(document);
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
				if (ended(s.status)) return refresh('Updated just now.');
				follow(s.connectionId, s.syncId);
			}
		},
		undefined,
		document.querySelector('[data-live]') ? LIVE : undefined,
	);
}

// What calendars bring and get is seen at once, on pages that say so: after each sync, and when the
// stream tells of it; without one now and then.
const again = () => import('./level.js').then((m) => m.level()).catch(() => {});
if (document.querySelector('[data-follow]')) {
	let seen;
	watchAll(
		({ data }) => {
			const now = data.map((s) => `${s.syncId} ${ended(s.status)}`).join();
			if (seen !== undefined && seen !== now) again();
			seen = now;
		},
		undefined,
		LIVE,
	);
}
if (document.querySelector('[data-follow], [data-calendar]')) {
	let revision;
	listen({
		events(calendar) {
			if (revision !== calendar.revision) again();
			revision = calendar.revision;
		},
	});
	setInterval(() => {
		if (!live() && !document.hidden) again();
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
function showNext(form, schedule) {
	const place = form.closest('.card').querySelector('[data-next]');
	if (!place) return;
	if (!schedule.nextPollAt) {
		place.textContent = schedule.enabled
			? 'Stopped until it is fixed'
			: 'No automatic sync';
		return;
	}
	const t = document.createElement('time');
	t.dateTime = schedule.nextPollAt;
	t.dataset.rel = '';
	place.replaceChildren(...(place.matches('dd') ? [t] : ['Next sync ', t]));
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
		showNext(form, data);
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

// Time zones are offered, and the browser's own one is where nothing was chosen.
const zones = document.querySelectorAll('[data-zone]');
if (zones.length) {
	const list = document.createElement('datalist');
	list.id = 'zones';
	list.append(
		...(Intl.supportedValuesOf?.('timeZone') ?? []).map((z) =>
			Object.assign(document.createElement('option'), { value: z }),
		),
	);
	document.body.append(list);
	for (const input of zones) {
		input.setAttribute('list', 'zones');
		if (input.value === 'UTC' && own && !input.dataset.zone) input.value = own;
	}
}

// What cannot be undone asks first: a button with data-ask.
document.addEventListener('submit', (event) => {
	const button = event.submitter,
		question = button?.dataset.ask;
	if (!question || button.dataset.asked) return;
	event.preventDefault();
	const box = document.createElement('dialog'),
		text = document.createElement('p'),
		row = document.createElement('p');
	const yes = Object.assign(document.createElement('button'), {
		type: 'button',
		className: button.classList.contains('danger') ? 'danger' : 'primary',
		textContent: button.firstChild.textContent.trim(),
	});
	const no = Object.assign(document.createElement('button'), {
		type: 'button',
		textContent: 'Cancel',
	});
	text.textContent = question;
	text.id = 'ask-text';
	box.setAttribute('aria-labelledby', 'ask-text');
	box.className = 'ask';
	row.className = 'actions';
	row.append(yes, no);
	box.append(text, row);
	document.body.append(box);
	no.addEventListener('click', () => box.close());
	yes.addEventListener('click', () => {
		button.dataset.asked = 'yes';
		event.target.append(
			Object.assign(document.createElement('input'), {
				type: 'hidden',
				name: 'sure',
				value: '1',
			}),
		);
		box.close();
		event.target.requestSubmit(button);
	});
	box.addEventListener('close', () => {
		box.remove();
		button.focus();
	});
	box.showModal();
	no.focus();
});

// Texts that are shown once are copied with one click: a button with data-copy, the id of the text.
document.addEventListener('click', async (event) => {
	const button = event.target.closest('[data-copy]');
	if (!button) return;
	const from = document.getElementById(button.dataset.copy);
	try {
		await navigator.clipboard.writeText(from.textContent.trim());
		announce('Copied.');
	} catch {
		getSelection().selectAllChildren(from);
		announce('Press Ctrl+C to copy.');
	}
});

const SIGNED_OUT = 'You are signed out. Sign in in another tab before you send this.';

// Who comes back to a form hears that the session has ended before it is sent and lost.
document.addEventListener('visibilitychange', async () => {
	if (document.hidden || !document.querySelector('form[data-dirty]')) return;
	const still = await import('./level.js').then((m) => m.renewed()).catch(() => true);
	if (!still)
		announce(SIGNED_OUT, { bad: true });
});

// What was typed is sent only while its session is there: on the way to the sign-in page it would
// be lost, and likewise while Tidemark cannot be reached.
const typed = new WeakSet(),
	sure = new WeakSet();
for (const kind of ['input', 'change'])
	document.addEventListener(kind, ({ target }) => target.form && typed.add(target.form));
const holds = (form) => form.method === 'post' && (typed.has(form) || 'dirty' in form.dataset);
async function check(form, button) {
	const { renewed } = await import('./level.js');
	if (!(await renewed())) throw Object.assign(new Error(SIGNED_OUT), { status: 401 });
	sure.add(form);
	form.requestSubmit(button);
}
document.addEventListener('submit', async (event) => {
	const form = event.target,
		button = event.submitter;
	if (event.defaultPrevented || !document.body.dataset.csrf || !holds(form)) return;
	if (sure.delete(form)) return;
	event.preventDefault();
	if (form.dataset.busy) return;
	form.dataset.busy = 'yes';
	await check(form, button).catch((problem) =>
		complain(`${problem.message} What you have typed stays here.`, problem),
	);
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
