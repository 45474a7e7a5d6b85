// progress.js - follows syncs: one poller per sync for all elements of a page, 1 s while it runs, none while the page is hidden.
// <tm-progress data-sync="ID"> is a progress card, <tm-badge data-sync="ID"> a compact badge, hidden when idle; any page can use them.
import { api } from './api.js';

const RUNNING = 1000, SLOWEST = 15000, ENDED = ['complete', 'error', 'idle'];
const watched = new Map();

// Calls fn(status) at every change until the sync has ended; returns a function that stops it.
export function watch(id, fn, options = {}) {
	let w = watched.get(id);
	if (!w) {
		w = { fns: new Set(), etag: undefined, wait: RUNNING, timer: 0, last: null, options };
		watched.set(id, w);
		poll(id, w);
	} else if (w.last) fn(w.last);
	w.fns.add(fn);
	return () => { w.fns.delete(fn); if (!w.fns.size) { clearTimeout(w.timer); watched.delete(id); } };
}

async function poll(id, w) {
	if (document.hidden) {
		document.addEventListener('visibilitychange', () => poll(id, w), { once: true });
		return;
	}
	try {
		const reply = await api(`${w.options.base ?? ''}/api/sync?syncId=${encodeURIComponent(id)}`, { etag: w.etag, token: w.options.token });
		w.wait = RUNNING;
		w.etag = reply.etag;
		if (!reply.unchanged) {
			w.last = reply.data;
			for (const fn of w.fns) fn(reply.data);
			if (ENDED.includes(reply.data.status)) { watched.delete(id); return; }
		}
	} catch (error) {
		if (error.status === 404 || error.status === 401) { watched.delete(id); return; }
		w.wait = Math.min(w.wait * 2, SLOWEST); // the server is busy or away
	}
	if (watched.get(id) === w) w.timer = setTimeout(() => poll(id, w), w.wait);
}

const say = (text) => { const live = document.getElementById('live'); if (live && live.textContent !== text) live.textContent = text; };

class Progress extends HTMLElement {
	connectedCallback() {
		if (!ENDED.includes(this.dataset.status)) this.follow(this.dataset.sync);
	}
	disconnectedCallback() { this.stop?.(); }
	follow(id) {
		this.stop?.();
		this.dataset.sync = id;
		this.hidden = false;
		this.shown = 0;
		this.stop = watch(id, (s) => this.show(s));
	}
	show(s) {
		const bar = this.querySelector('progress'), text = this.querySelector('.phase'), pct = this.querySelector('.pct');
		this.shown = Math.max(this.shown ?? 0, s.progress); // never backwards
		if (bar) bar.value = this.shown;
		if (text) text.textContent = s.message;
		if (pct) pct.textContent = `${this.shown} %`;
		if (this.phase !== s.status) { // phases are announced, percentages are not
			this.phase = s.status;
			say({ downloading: 'Downloading', processing: 'Processing', saving: 'Saving', complete: `Sync complete. ${s.message}`, error: s.message }[s.status] ?? '');
		}
		if (s.status === 'error' && s.resumedBy) { this.follow(s.resumedBy); return; }
		if (ENDED.includes(s.status)) this.dispatchEvent(new CustomEvent('tm-done', { bubbles: true, detail: s }));
	}
}

class Badge extends HTMLElement {
	connectedCallback() {
		if (this.dataset.sync) this.stop = watch(this.dataset.sync, (s) => {
			this.textContent = ENDED.includes(s.status) ? '' : `Syncing ${s.progress} %`;
			this.className = 'badge busy';
		});
	}
	disconnectedCallback() { this.stop?.(); }
}

customElements.define('tm-progress', Progress);
customElements.define('tm-badge', Badge);
