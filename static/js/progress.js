// progress.js - follows syncs, and shows them:
//	<tidemark-progress sync="ID"></tidemark-progress>
//		the card: phases, bar, words, counts, cancel, error
//	<tidemark-badge></tidemark-badge>, <tidemark-badge connection="ID">
//		small; hidden while nothing runs
// On Tidemark's own pages they look as the style sheet says; for other pages embed/1/tidemark.js
// makes dressed ones of the same classes.
//
// Events, all bubbling out of shadow roots, detail being the status object of the sync:
//	tidemark-started, tidemark-progress (at each change), tidemark-done (however it ended),
//	tidemark-error (it failed, or there is no answer: detail.message), tidemark-expired (the
//	token is no longer taken; configure() with a new one goes on).
// Properties onSyncComplete and onSyncError are called with the same.
import { api, configured, mayChange, settings } from './api.js';
import { ended, watchAll, watchSync } from './watch.js';

// Polite live regions: what a person did is shown and said in #live; phases of a sync (quiet) are
// only said, and percentages are not. What comes by itself (passing) is only said, too, while
// there stands what is wrong, and of two things that are wrong the first one stays. False: it is
// not said.
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
export function announce(text, { quiet = false, bad = false, passing = false } = {}) {
	if (passing && document.querySelector('#live.bad:not(:empty)'))
		return !bad && announce(text, { quiet: true });
	const live = region(quiet ? 'tidemark-phase' : 'live');
	if (live.textContent !== text) live.textContent = text;
	if (quiet) return true;
	live.className = `said toast${bad ? ' bad' : ''}`;
	clearTimeout(announce.timer);
	if (!bad)
		announce.timer = setTimeout(() => {
			live.textContent = '';
		}, 8000);
	return true;
}

const PHASES = ['downloading', 'processing', 'saving'];
// Each can be said otherwise: configure({ labels }), the attribute labels (JSON) or the property.
const WORDS = {
	download: 'Download',
	compare: 'Compare',
	save: 'Save',
	downloading: 'Downloading',
	processing: 'Comparing',
	saving: 'Saving',
	waiting: 'Waiting to start',
	complete: 'Sync complete.',
	counts: '{added} added, {updated} updated, {deleted} deleted',
	cancel: 'Cancel',
	cancelling: 'The sync stops at its next checkpoint.',
	dismiss: 'Dismiss',
	syncing: 'Syncing',
	several: '{n} syncing',
	unreachable: 'Tidemark cannot be reached just now; trying again...',
	signedOut: 'You are signed out. Sign in to go on.',
	expired: 'This view has expired. Load the page again to go on.',
};
const STEPS = { downloading: 'download', processing: 'compare', saving: 'save' };

// A sentence that a run has left, with its counts as people read them.
export const counts = (text, number) =>
	text.replace(/\d{4,}/g, (digits) => number(Number(digits)));

// The same words as the server's.
const UNITS = [
	['day', 864e5, 2],
	['hour', 36e5, 1],
	['minute', 6e4, 1],
	['second', 1e3, 0],
];
export function relative(ms, language = 'en') {
	// What is to come in an hour is that also a second later.
	const size = Math.abs(ms) + (ms >= 6e4 ? 3e4 : 0);
	for (const [unit, length, least] of UNITS) {
		const n = Math.floor(size / length);
		if (n >= least)
			return new Intl.RelativeTimeFormat(language, {
				numeric: n ? 'always' : 'auto',
			}).format(ms > 0 ? n : -n, unit);
	}
}

export const make = (name, attributes = {}, ...children) => {
	const e = document.createElement(name);
	for (const [k, v] of Object.entries(attributes))
		if (v !== undefined) e.setAttribute(k, v);
	e.append(...children);
	return e;
};

export class Element extends HTMLElement {
	get words() {
		return WORDS;
	}
	get root() {
		return this.shadowRoot ?? this;
	}
	part(name) {
		return this.root.querySelector(`[data-part=${name}]`);
	}
	word(name, values = {}) {
		if (typeof this.labels !== 'object')
			try {
				this.labels = JSON.parse(this.getAttribute('labels') ?? '{}');
			} catch {
				this.labels = {};
			}
		return (this.labels?.[name] ?? settings.labels?.[name] ?? this.words[name]).replace(
			/\{(\w+)\}/g,
			(all, key) => values[key] ?? all,
		);
	}
	get language() {
		return settings.lang || this.closest('[lang]')?.lang || 'en';
	}
	number(n) {
		return n.toLocaleString(this.language);
	}
	fire(name, detail) {
		this.dispatchEvent(
			new CustomEvent(`tidemark-${name}`, {
				bubbles: true,
				composed: true,
				detail,
			}),
		);
	}
	// What a screen reader is told of what the person did.
	say(text) {
		announce(text);
	}
}

export class Progress extends Element {
	static observedAttributes = ['sync'];
	shown = 0;

	connectedCallback() {
		if (!this.root.querySelector('progress')) this.build();
		configured.add((this.again ??= () => this.anew()));
		// The script that brought the element says how it is configured right after.
		queueMicrotask(() => this.isConnected && this.follow());
	}
	// Somebody has configured something.
	anew() {
		for (const li of this.root.querySelectorAll('[data-phase]'))
			li.textContent = this.word(STEPS[li.dataset.phase]);
		if (this.announced && !this.expired) return;
		this.part('message').textContent = this.message ?? this.word('waiting');
		if (this.stop || this.expired) this.follow();
	}
	disconnectedCallback() {
		configured.delete(this.again);
		this.stop?.();
		this.stop = null;
	}
	attributeChangedCallback(name, old, value) {
		if (old && old !== value && this.isConnected) this.follow();
	}

	// The server writes the same parts, for pages without JavaScript.
	build() {
		const id = `p-${this.getAttribute('sync')}`;
		this.card.append(
			make(
				'ol',
				{ part: 'steps' },
				...PHASES.map((phase) =>
					make(
						'li',
						{
							'data-phase': phase,
							'data-step': 'next',
							part: 'step',
						},
						this.word(STEPS[phase]),
					),
				),
			),
			make(
				'p',
				{ class: 'line', part: 'line' },
				make(
					'label',
					{ for: id, 'data-part': 'message', part: 'message' },
					this.word('waiting'),
				),
				' ',
				make('span', {
					class: 'num',
					'data-part': 'percent',
					part: 'percent',
				}),
			),
			make('progress', { id, max: 100, part: 'bar' }),
		);
	}
	get card() {
		this.classList.add('progress');
		return this;
	}

	follow() {
		const id = this.getAttribute('sync');
		this.stop?.();
		this.stop = null;
		this.expired = false;
		if (!id || (this.hasAttribute('status') && ended(this.getAttribute('status'))))
			return;
		this.shown = Number(this.getAttribute('value')) || 0;
		if (!this.part('cancel') && mayChange())
			this.card.append(
				make(
					'p',
					{
						class: 'actions',
						'data-part': 'cancel',
						part: 'actions',
					},
					make(
						'button',
						{ type: 'button', part: 'button' },
						this.word('cancel'),
					),
				),
			);
		this.root.onclick = (event) => {
			if (event.target.closest('[data-part=cancel] button'))
				this.cancel(event);
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
				{
					method: 'POST',
					body: {},
				},
			);
			this.say(this.word('cancelling'));
		} catch (problem) {
			if (problem.status !== 409) this.say(problem.message);
		}
	}

	trouble(problem) {
		const message = this.part('message');
		if (!problem) message.textContent = this.message ?? '';
		else if (problem.status === 401) {
			// Nothing moves any more.
			this.expired = true;
			this.root.querySelector('progress').value = this.shown;
			message.textContent = this.word(
				settings.token ? 'expired' : 'signedOut',
			);
			this.fire('expired', problem);
		} else {
			message.textContent = this.word('unreachable');
			this.fire('error', problem);
		}
	}

	show(s) {
		if (s.resumedBy) {
			// interrupted: another run goes on where it stopped
			this.setAttribute('value', this.shown);
			this.setAttribute('sync', s.resumedBy);
			return;
		}
		const bar = this.root.querySelector('progress'),
			over = ended(s.status),
			now = PHASES.indexOf(s.status),
			first = !this.announced;
		// Never backwards.
		this.shown = Math.max(this.shown, s.status === 'complete' ? 100 : s.progress);
		if (this.shown > 0 || over) bar.value = this.shown;
		else bar.removeAttribute('value'); // not known yet
		this.message = counts(s.message, (n) => this.number(n)) || this.word('waiting');
		this.part('message').textContent = this.message;
		this.part('percent').textContent =
			this.shown > 0 && s.status !== 'error' ? `${this.shown} %` : '';
		if (now >= 0 || s.status === 'complete')
			this.root.querySelectorAll('[data-phase]').forEach((li, i) => {
				li.dataset.step =
					over || i < now ? 'done' : i === now ? 'now' : 'next';
			});
		if (this.getAttribute('status') !== s.status || first) {
			this.setAttribute('status', s.status);
			this.announced = true;
			announce(
				s.status === 'complete'
					? `${this.word('complete')} ${this.message}`
					: s.status === 'error'
						? this.message
						: this.word(s.status),
				{ quiet: true },
			);
		}
		if (first) this.fire('started', s);
		this.fire('progress', s);
		if (over) this.over(s);
	}

	over(s) {
		const well = s.status === 'complete',
			sums = {};
		this.card.classList.add(well ? 'is-done' : 'is-failed');
		this.part('cancel')?.remove();
		for (const name of ['added', 'updated', 'deleted'])
			sums[name] = this.number(s.stats[name]);
		this.card.append(
			s.error?.advice
				? make('p', { class: 'small', part: 'advice' }, s.error.advice)
				: make(
						'p',
						{ class: 'small num', part: 'counts' },
						this.word('counts', sums),
					),
		);
		const away = make(
			'button',
			{ type: 'button', part: 'button' },
			this.word('dismiss'),
		);
		away.addEventListener('click', () => this.remove());
		this.card.append(make('p', { class: 'actions', part: 'actions' }, away));
		if (!well) this.fire('error', s);
		this.fire('done', s);
		if (well) this.onSyncComplete?.(s);
		else this.onSyncError?.(s);
	}
}

export class Badge extends Element {
	connectedCallback() {
		this.hidden = true;
		this.stop = watchAll((o) =>
			this.show(
				o.active.filter(
					(s) =>
						!this.hasAttribute('connection') ||
						s.connectionId ===
							this.getAttribute('connection'),
				),
			),
		);
	}
	disconnectedCallback() {
		this.stop?.();
	}
	get place() {
		this.className = 'badge is-busy';
		return this;
	}
	show(active) {
		const [one] = active;
		this.hidden = !one;
		if (active.length > 1)
			this.place.textContent = this.word('several', {
				n: this.number(active.length),
			});
		else {
			const percent = one?.progress ? ` ${one.progress} %` : '';
			this.place.textContent = this.word('syncing') + percent;
		}
	}
}

// Whoever imports this may define dressed ones first, right after.
queueMicrotask(() => {
	if (customElements.get('tidemark-progress')) return;
	customElements.define('tidemark-progress', class extends Progress {});
	customElements.define('tidemark-badge', class extends Badge {});
});
