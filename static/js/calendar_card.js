// calendar_card.js - the card that says of connected calendars whether they are level, since when,
// and what is still on its way or waits for somebody:
//	<tidemark-calendar></tidemark-calendar>
//		all of the person's; with a progress token, the one it is for
//	<tidemark-calendar connection="ID"></tidemark-calendar>
//
// Events as of progress.js: tidemark-error, tidemark-expired.
import { Card, SOON } from './card.js';
import { make } from './progress.js';
import { ended, listen } from './watch.js';

const WORDS = {
	calendars: 'Calendars',
	GOOGLE: 'Google Calendar',
	NOTION: 'Notion',
	lastSynced: 'Last synced {when}',
	notSyncedYet: 'Not synced yet',
	paused: 'Paused',
	triedAgain: 'It is tried again by itself.',
	onItsWay: '1 change is on its way there',
	onTheirWay: '{n} changes are on their way there',
	oneHeld: '1 change waits for an approval',
	someHeld: '{n} changes wait for an approval',
	oneFailed: '1 change could not be written there',
	someFailed: '{n} changes could not be written there',
	oneConflict: '1 conflict waits for an answer',
	someConflicts: '{n} conflicts wait for an answer',
	noCalendar: 'No calendar is connected.',
	loading: 'Loading...',
	again: 'Try again',
};
// What there may be to tell of, and whether somebody has to do something about it.
const COUNTS = [
	['waiting', 'onItsWay', 'onTheirWay', false],
	['held', 'oneHeld', 'someHeld', true],
	['failed', 'oneFailed', 'someFailed', true],
	['conflicts', 'oneConflict', 'someConflicts', true],
];
const MOVING = 3000;

export class Calendars extends Card {
	path = '/api/calendar/integrations';

	get words() {
		return { ...super.words, ...WORDS };
	}
	connectedCallback() {
		if (!this.part('calendars')) this.build();
		// What a sync has done there is known when it ends.
		this.quit = listen({ sync: (s) => ended(s.status) && this.look() });
		super.connectedCallback();
	}
	disconnectedCallback() {
		this.quit();
		super.disconnectedCallback();
	}
	build() {
		const again = make(
			'button',
			{ type: 'button', 'data-part': 'again', part: 'button', hidden: '' },
			this.word('again'),
		);
		again.addEventListener('click', () => this.look());
		this.card.append(
			make('div', { class: 'skeleton', 'data-part': 'skeleton' }),
			make('ul', { 'data-part': 'calendars', part: 'calendars' }),
			make('p', { 'data-part': 'error', part: 'error', role: 'alert' }),
			again,
		);
	}

	get shown() {
		const only = this.getAttribute('connection');
		return this.state.data.filter((c) => !only || c.id === only);
	}
	// While something is on its way, it soon is another answer.
	pause() {
		return this.shown.some((c) => c.waiting) ? MOVING : SOON;
	}
	show() {
		this.ready(true);
		this.part('calendars').setAttribute('aria-label', this.word('calendars'));
		this.tell();
	}
	tell() {
		const rows = this.shown.map((c) => this.row(c)),
			none = make('li', { part: 'calendar' }, this.word('noCalendar'));
		const list = make('ul', {}, ...(rows.length ? rows : [none]));
		// Nothing is drawn anew that says the same: a selection stays.
		if (list.innerHTML !== this.part('calendars').innerHTML)
			this.part('calendars').replaceChildren(...list.children);
	}
	counted(n, one, some) {
		return this.word(n === 1 ? one : some, { n: this.number(n) });
	}
	row(c) {
		const text = (name, part, words, more = {}) =>
			make(name, { part, ...more }, ...words);
		const small = { class: 'small' },
			asks = { class: 'asks' };
		const counts = COUNTS.filter(([name]) => c[name]).map(([name, one, some, waits]) =>
			text(
				'p',
				'count',
				[this.counted(c[name], one, some)],
				{ class: waits ? 'small asks' : 'small' },
			),
		);
		const line = [
			text('span', 'name', [c.name]),
			text('span', 'service', [this.word(c.provider)], small),
		];
		return text('li', 'calendar', [
			text('p', 'line', line, { class: 'line' }),
			text('p', 'message', this.stands(c), c.lastSyncError ? asks : {}),
			...counts,
		]);
	}
	stands(c) {
		if (c.lastSyncError)
			return [
				c.isActive
					? `${c.lastSyncError} ${this.word('triedAgain')}`
					: c.lastSyncError,
			];
		if (!c.isActive) return [this.word('paused')];
		if (!c.lastSyncAt) return [this.word('notSyncedYet')];
		return this.when('lastSynced', c.lastSyncAt);
	}
}
