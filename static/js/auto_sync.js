// auto_sync.js - the card that says whether and how often a person's contacts are kept level, and
// when next:
//	<tidemark-auto-sync></tidemark-auto-sync>
// On Tidemark's own pages the server has written its form, which works without this too; for other
// pages embed/1/tidemark.js makes a dressed one, which asks for its state first. What a person
// sets is shown at once and saved; what could not be saved goes back, with the reason.
//
// Who may only read, as with a progress token, gives it the property onSave: a function that gets
// { enabled, interval_hours }, has them saved (by PUT /api/auto-sync/config with the token of a
// program, which no browser sees) and gives what that has answered.
//
// Events as of progress.js: tidemark-saved (detail: the state as it is now), tidemark-error,
// tidemark-expired.
import { api, mayChange } from './api.js';
import { Card, SELDOM, SOON } from './card.js';
import { announce, make } from './progress.js';

const PATH = '/api/auto-sync/config';
const HOURS = [4, 12, 24, 48],
	HOUR = 36e5;

const WORDS = {
	autoSync: 'Auto-sync of contacts',
	howOften: 'How often',
	everyHour: 'Every hour',
	everyHours: 'Every {n} hours',
	nextSync: 'Next sync {when}',
	off: 'No automatic sync',
	stopped: 'Stopped until it is fixed',
	loading: 'Loading...',
	saved: 'Saved.',
	notSaved: 'Not saved: {reason}',
	again: 'Try again',
};

export class AutoSync extends Card {
	path = PATH;

	get words() {
		return { ...super.words, ...WORDS };
	}
	get form() {
		return this.root.querySelector('form');
	}

	connectedCallback() {
		if (!this.form) this.build();
		else if (!this.state) this.adopt();
		this.form.onchange = () => this.change();
		this.form.onsubmit = (event) => {
			event.preventDefault();
			this.look();
		};
		super.connectedCallback();
	}

	// What the server has written is how it was a moment ago.
	adopt() {
		const { enabled, interval_hours: hours } = this.form.elements;
		this.state = {
			enabled: enabled.checked,
			interval_hours: Number(hours.value),
			last_sync_at: this.getAttribute('last'),
			next_sync_at: this.part('next').querySelector('time')?.dateTime ?? null,
		};
		this.asked = Date.now();
		this.show(this.state);
	}
	build() {
		const bone = () => make('div', { class: 'skeleton', 'data-part': 'skeleton' });
		this.card.append(
			make(
				'form',
				{ 'aria-busy': 'true' },
				bone(),
				bone(),
				make(
					'label',
					{ class: 'switch', part: 'switch', hidden: '' },
					make('input', {
						type: 'checkbox',
						role: 'switch',
						name: 'enabled',
					}),
					make('span', { 'data-word': 'autoSync' }),
				),
				make(
					'label',
					{ class: 'often', part: 'interval', hidden: '' },
					make('span', { 'data-word': 'howOften' }),
					make('select', { name: 'interval_hours' }),
				),
				make(
					'p',
					{ class: 'next', 'data-part': 'next', part: 'next' },
					this.word('loading'),
				),
				make('p', { 'data-part': 'said', role: 'status' }),
				make('p', { 'data-part': 'error', part: 'error', role: 'alert' }),
				make(
					'button',
					{ 'data-part': 'again', part: 'button', hidden: '' },
					this.word('again'),
				),
			),
		);
	}

	// Sooner when the next sync is due.
	pause() {
		return Date.parse(this.state.next_sync_at) < Date.now() ? SOON : SELDOM;
	}
	ready(known) {
		super.ready(known);
		for (const e of this.root.querySelectorAll('label')) e.hidden = !known;
		this.part('next').hidden = !known;
		this.form.removeAttribute('aria-busy');
	}
	// Those to choose from, and the one that is, when somebody has chosen another.
	offer(select, now) {
		const all = HOURS.includes(now) ? HOURS : [...HOURS, now];
		const option = (n) =>
			make(
				'option',
				{ value: n },
				this.word(n === 1 ? 'everyHour' : 'everyHours', {
					n: this.number(n),
				}),
			);
		// One that is open stays open.
		if ([...select.options].map((o) => o.value).join() !== all.join())
			select.replaceChildren(...all.map(option));
		select.value = now;
	}
	show(state) {
		const { enabled, interval_hours: hours } = this.form.elements;
		this.shown = state;
		for (const e of this.root.querySelectorAll('[data-word]'))
			e.textContent = this.word(e.dataset.word);
		this.offer(hours, state.interval_hours);
		enabled.checked = state.enabled;
		enabled.disabled = hours.disabled = !this.onSave && !mayChange();
		this.ready(true);
		this.tell();
	}
	tell() {
		const { enabled, next_sync_at: next } = this.shown,
			place = this.part('next');
		if (!next) {
			place.textContent = this.word(enabled ? 'stopped' : 'off');
			return;
		}
		const words = this.when('nextSync', next),
			text = words.map((part) => part.textContent ?? part).join('');
		if (place.textContent !== text) place.replaceChildren(...words);
	}

	// As the server will most likely say: an interval after the last sync, or now.
	wanted() {
		const { enabled, interval_hours: hours } = this.form.elements,
			every = Number(hours.value) * HOUR,
			last = Date.parse(this.state.last_sync_at),
			now = Date.now(),
			next = Number.isNaN(last) ? now : Math.max(last + every, now);
		return {
			...this.state,
			enabled: enabled.checked,
			interval_hours: Number(hours.value),
			next_sync_at: enabled.checked ? new Date(next).toISOString() : null,
		};
	}
	save(body) {
		return this.onSave
			? this.onSave(body)
			: api(PATH, { method: 'PUT', body }).then(({ data }) => data);
	}
	async change() {
		const turn = ++this.turn,
			want = this.wanted(),
			{ enabled, interval_hours } = want;
		this.show(want);
		this.complain('');
		this.form.setAttribute('aria-busy', 'true');
		// One after another: two at once could undo each other.
		const answer = (this.saving ?? Promise.resolve()).then(() =>
			this.save({ enabled, interval_hours }),
		);
		this.saving = answer.catch(() => {});
		let problem;
		try {
			this.state = await answer;
		} catch (e) {
			problem = e;
		}
		// What was set after that is still on its way.
		if (turn !== this.turn) return;
		this.saving = this.etag = null;
		this.show(this.state);
		if (problem) {
			this.complain(this.word('notSaved', { reason: problem.message }));
			this.fire(problem.status === 401 ? 'expired' : 'error', problem);
		} else {
			const said = this.part('said'),
				now = this.part('next').textContent;
			if (said) said.textContent = `${this.word('saved')} ${now}`;
			this.fire('saved', this.state);
		}
	}
	complain(text) {
		const place = this.part('error');
		if (place) place.textContent = text;
		else if (text) announce(text, { bad: true });
	}
}

// As in progress.js.
queueMicrotask(() => {
	if (!customElements.get('tidemark-auto-sync'))
		customElements.define('tidemark-auto-sync', class extends AutoSync {});
});
