// progress.js - follows syncs, and shows them on any page:
//	<tidemark-progress sync="ID"></tidemark-progress>
//		the card: phases, bar, words, counts, cancel, error
//	<tidemark-badge></tidemark-badge>, <tidemark-badge connection="ID">
//		small; hidden while nothing runs
// One poller per sync however many elements follow it: 1 s while it runs, slower for what is
// idle, none while the page is hidden.
// When a sync ends, the element fires "tidemark-done" (detail: the status object), so that the
// page can refresh its data.
import { api, mayChange } from './api.js';

const RUNNING = 1000,
	ACTIVE = 5000,
	IDLE = 30000,
	SLOWEST = 30000;
const PHASES = [
	['downloading', 'Download'],
	['processing', 'Compare'],
	['saving', 'Save'],
];
const SAID = { downloading: 'Downloading', processing: 'Comparing', saving: 'Saving' };
export const ended = (status) => status === 'complete' || status === 'error' || status === 'idle';

// Polls one address and hands each new answer to its listeners; wait(data) is the pause until the
// next question, 0: that was all.
class Watch {
	static all = new Map();
	listeners = new Set();
	timer = 0;
	failures = 0;

	static on(path, wait, listener, trouble) {
		let w = Watch.all.get(path);
		if (!w) Watch.all.set(path, (w = Object.assign(new Watch(), { path, wait })));
		const entry = { listener, trouble };
		w.listeners.add(entry);
		if (w.data) listener(w.data);
		else if (w.listeners.size === 1) w.poll();
		return () => {
			w.listeners.delete(entry);
			if (!w.listeners.size) w.stop();
		};
	}

	stop() {
		clearTimeout(this.timer);
		this.stopped = true;
		if (Watch.all.get(this.path) === this) Watch.all.delete(this.path);
	}

	async poll() {
		if (this.stopped) return;
		if (document.hidden) {
			document.addEventListener('visibilitychange', () => this.poll(), {
				once: true,
			});
			return;
		}
		let pause;
		try {
			const { data, etag, unchanged } = await api(this.path, { etag: this.etag });
			if (this.stopped) return;
			if (this.failures) this.tell((l) => l.trouble?.(null));
			this.failures = 0;
			if (!unchanged) {
				this.etag = etag;
				this.data = data;
				this.tell((l) => l.listener(data));
			}
			pause = this.wait(this.data);
		} catch (problem) {
			if (problem.status === 401 || problem.status === 404) pause = 0;
			else
				pause = Math.max(
					problem.retryAfter * 1000,
					Math.min(RUNNING * 2 ** ++this.failures, SLOWEST),
				);
			this.tell((l) => l.trouble?.(problem));
		}
		if (!pause) this.stop();
		else if (!this.stopped) this.timer = setTimeout(() => this.poll(), pause);
	}

	tell(call) {
		for (const l of [...this.listeners]) call(l);
	}
}

// Calls listener(status) at each change until the sync has ended. trouble(problem): no answer for
// now; trouble(null): it answers again.
export const watchSync = (id, listener, trouble) =>
	Watch.on(
		`/api/sync?syncId=${encodeURIComponent(id)}`,
		(s) => (ended(s.status) ? 0 : RUNNING),
		listener,
		trouble,
	);
// The same for all of the user's syncs: listener({ active, data, tickAlive }).
export const watchAll = (listener, trouble, idle = IDLE) =>
	Watch.on(
		'/api/sync',
		(o) => (o.active.length ? Math.min(ACTIVE, idle) : idle),
		listener,
		trouble,
	);

// Polite live regions: what a person did is shown and said in #live; phases of a sync (quiet) are
// only said, and percentages are not.
function region(id) {
	let live = document.getElementById(id);
	if (!live) {
		live = Object.assign(document.createElement('p'), { id });
		live.setAttribute('role', 'status');
		live.style.cssText =
			'position:absolute;inline-size:1px;block-size:1px;margin:0;' +
			'overflow:hidden;clip-path:inset(50%)';
		document.body.append(live);
	}
	return live;
}
export function announce(text, { quiet = false, bad = false } = {}) {
	const live = region(quiet ? 'tidemark-phase' : 'live');
	if (live.textContent !== text) live.textContent = text;
	if (quiet) return;
	live.className = `said toast${bad ? ' bad' : ''}`;
	clearTimeout(announce.timer);
	if (!bad)
		announce.timer = setTimeout(() => {
			live.textContent = '';
		}, 8000);
}

const make = (name, attributes = {}, ...children) => {
	const e = document.createElement(name);
	for (const [k, v] of Object.entries(attributes)) if (v !== undefined) e.setAttribute(k, v);
	e.append(...children);
	return e;
};
const number = (n) => n.toLocaleString('en');
const part = (root, name) => root.querySelector(`[data-part=${name}]`);

class TidemarkProgress extends HTMLElement {
	static observedAttributes = ['sync'];
	shown = 0;

	connectedCallback() {
		if (!this.querySelector('progress')) this.build();
		this.follow();
	}
	disconnectedCallback() {
		this.stop?.();
		this.stop = null;
	}
	attributeChangedCallback(name, old, value) {
		if (old && old !== value && this.isConnected) this.follow();
	}

	// The server writes the same parts, for pages without JavaScript.
	build() {
		const id = `p-${this.getAttribute('sync')}`;
		this.classList.add('progress');
		this.append(
			make(
				'ol',
				{},
				...PHASES.map(([phase, name]) =>
					make(
						'li',
						{ 'data-phase': phase, 'data-step': 'next' },
						name,
					),
				),
			),
			make(
				'p',
				{ class: 'line' },
				make(
					'label',
					{ for: id, 'data-part': 'message' },
					'Waiting to start',
				),
				make('span', { class: 'num', 'data-part': 'percent' }),
			),
			make('progress', { id, max: 100 }),
		);
	}

	follow() {
		const id = this.getAttribute('sync');
		this.stop?.();
		this.stop = null;
		if (!id || (this.hasAttribute('status') && ended(this.getAttribute('status'))))
			return;
		this.shown = Number(this.getAttribute('value')) || 0;
		const cancel = part(this, 'cancel');
		if (!cancel && mayChange())
			this.append(
				make(
					'p',
					{ class: 'actions', 'data-part': 'cancel' },
					make('button', { type: 'button' }, 'Cancel'),
				),
			);
		this.onclick = (event) => {
			if (event.target.closest('[data-part=cancel] button')) this.cancel(event);
		};
		this.stop = watchSync(
			id,
			(s) => this.show(s),
			(problem) => this.trouble(problem),
		);
	}

	async cancel(event) {
		event.preventDefault();
		const button = event.target.closest('button');
		button.disabled = true;
		try {
			await api(
				`/api/sync/${encodeURIComponent(this.getAttribute('sync'))}/cancel`,
				{ method: 'POST', body: {} },
			);
			announce('The sync stops at its next checkpoint.');
		} catch (problem) {
			if (problem.status !== 409) announce(problem.message);
		}
	}

	trouble(problem) {
		part(this, 'message').textContent = problem
			? problem.status === 401
				? 'You are signed out. Sign in to go on.'
				: 'Tidemark cannot be reached just now; trying again...'
			: (this.message ?? '');
	}

	show(s) {
		if (s.resumedBy) {
			// interrupted: another run goes on where it stopped
			this.setAttribute('value', this.shown);
			this.setAttribute('sync', s.resumedBy);
			return;
		}
		const bar = this.querySelector('progress'),
			over = ended(s.status),
			now = PHASES.findIndex(([phase]) => phase === s.status);
		// Never backwards.
		this.shown = Math.max(this.shown, s.status === 'complete' ? 100 : s.progress);
		if (this.shown > 0 || over) bar.value = this.shown;
		else bar.removeAttribute('value'); // not known yet
		this.message = s.message || 'Waiting to start';
		part(this, 'message').textContent = this.message;
		part(this, 'percent').textContent =
			this.shown > 0 && s.status !== 'error' ? `${this.shown} %` : '';
		if (now >= 0 || s.status === 'complete')
			this.querySelectorAll('[data-phase]').forEach((li, i) => {
				li.dataset.step =
					over || i < now ? 'done' : i === now ? 'now' : 'next';
			});
		if (this.getAttribute('status') !== s.status || !this.announced) {
			this.setAttribute('status', s.status);
			this.announced = true;
			announce(
				s.status === 'complete'
					? `Sync complete. ${this.message}`
					: s.status === 'error'
						? this.message
						: SAID[s.status],
				{ quiet: true },
			);
		}
		if (over) this.over(s);
	}

	over(s) {
		this.classList.add(s.status === 'complete' ? 'is-done' : 'is-failed');
		part(this, 'cancel')?.remove();
		if (s.error?.advice) this.append(make('p', { class: 'small' }, s.error.advice));
		else {
			const [added, updated, deleted] = [
				s.stats.added,
				s.stats.updated,
				s.stats.deleted,
			].map(number);
			this.append(
				make(
					'p',
					{ class: 'small num' },
					`${added} added, ${updated} updated, ${deleted} deleted`,
				),
			);
		}
		const away = make('button', { type: 'button' }, 'Dismiss');
		away.addEventListener('click', () => this.remove());
		this.append(make('p', { class: 'actions' }, away));
		this.dispatchEvent(new CustomEvent('tidemark-done', { bubbles: true, detail: s }));
	}
}

class TidemarkBadge extends HTMLElement {
	connectedCallback() {
		this.hidden = true;
		this.stop = watchAll((o) =>
			this.show(
				o.active.filter(
					(s) =>
						!this.hasAttribute('connection') ||
						s.connectionId === this.getAttribute('connection'),
				),
			),
		);
	}
	disconnectedCallback() {
		this.stop?.();
	}
	show(active) {
		this.hidden = !active.length;
		this.className = 'badge is-busy';
		this.textContent =
			active.length === 1
				? `Syncing${active[0].progress ? ` ${active[0].progress} %` : ''}`
				: `${active.length} syncing`;
	}
}

if (!customElements.get('tidemark-progress')) {
	customElements.define('tidemark-progress', TidemarkProgress);
	customElements.define('tidemark-badge', TidemarkBadge);
}
