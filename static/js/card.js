// card.js - a card that shows what one address of the interface says, and keeps it true: it asks
// when it appears, when a sync has ended and now and then, and goes on showing what it knows while
// nobody answers. What extends it says where to ask (path), draws the answer (show) and how often
// that may be another one (pause).
import { api, configured, settings } from './api.js';
import { Element, make, relative } from './progress.js';

// How often the words are looked after, and the server is asked: now and then; when something is
// about to happen, or nobody answers, sooner.
const TICK = 1000;
export const SELDOM = 300000,
	SOON = 30000;

export class Card extends Element {
	state = null; // as the server has it; null: not known yet
	asked = 0; // when it was asked for
	turn = 0; // an answer to an older question is not shown
	saving = null; // what was set, while it is being saved

	// Of the page's own, or the dressed one's.
	get card() {
		return this;
	}
	connectedCallback() {
		configured.add((this.anew ??= () => this.look()));
		// A sync that has ended changes what there is to say.
		document.addEventListener('tidemark-done', this.anew);
		this.timer = setInterval(() => this.tick(), TICK);
		// The script that brought the element says how it is configured right after.
		queueMicrotask(() => this.isConnected && !this.asked && this.look());
	}
	disconnectedCallback() {
		clearInterval(this.timer);
		configured.delete(this.anew);
		document.removeEventListener('tidemark-done', this.anew);
	}

	async look() {
		const { turn } = this;
		this.asked = Date.now();
		this.refused = false;
		try {
			const { data, etag, unchanged } = await api(this.path, { etag: this.etag });
			// What was set meanwhile is newer.
			if (turn !== this.turn) return;
			this.etag = etag;
			if (!unchanged) this.state = data;
			this.complain('');
			this.show(this.state);
		} catch (problem) {
			this.trouble(problem);
		}
	}
	trouble(problem) {
		const expired = problem.status === 401;
		this.refused = problem.status >= 400 && problem.status < 500;
		if (!this.state || expired)
			this.complain(
				expired
					? this.word(settings.token ? 'expired' : 'signedOut')
					: problem.message,
			);
		if (!this.state) this.ready(false);
		this.fire(expired ? 'expired' : 'error', problem);
	}
	tick() {
		if (document.hidden) return;
		const pause = this.state ? this.pause() : SOON;
		if (this.state) this.tell();
		if (this.saving || this.refused || Date.now() - this.asked <= pause) return;
		this.look();
	}

	// What moves by itself, like "in 3 minutes".
	tell() {}
	// Known: the skeleton has given way. Not known: to what can be done about it.
	ready(known) {
		for (const e of this.root.querySelectorAll('[data-part=skeleton]')) e.remove();
		const again = this.part('again');
		if (again) again.hidden = known;
	}
	// A sentence with a moment in it, by the clock of now. A language of its own goes with
	// words of one's own.
	when(name, time) {
		const [before, after = ''] = this.word(name).split('{when}'),
			own = this.labels?.[name] ?? settings.labels?.[name],
			title = new Date(time).toLocaleString(),
			words = relative(
				Date.parse(time) - Date.now(),
				own ? this.language : 'en',
			);
		return [before, make('time', { datetime: time, title }, words), after];
	}
	complain(text) {
		this.part('error').textContent = text;
	}
}
