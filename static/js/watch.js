// watch.js - what is known of syncs and events, for all of a page that wants to know. While the
// stream stands it tells; else there is one who asks per sync however many follow it: each second
// while it runs, slower for what is idle, nobody while the page is hidden.
import { api, bearer, configured, settings } from './api.js';

// The stream: what happens, told by the server as it happens (GET /api/sync/stream). One for the
// page, while somebody listens and the page is seen. There may be none: the browser has no
// EventSource, the server no room, a network breaks it off. Then those who listen ask, as they hear
// by live(false); the stream comes back by itself.
//
//	const stop = listen({
//		live(on) {},        // it stands, or does not any more: ask once, now
//		sync(status) {},    // of a sync, as GET /api/sync?syncId= says it
//		events({ revision }) {},
//	});
//
// events: the person's calendar, once when the stream begins, and again with another number when
// any event of it has changed, or where it stands at a provider. Whoever shows it looks again then,
// and now and then while !live().

// Who only passes by opens none.
const FIRST = 1000,
	AGAIN = 15000,
	LATEST = 300000;
const all = new Set();
let source = null,
	stands = false,
	opening = 0,
	refusals = 0,
	timer = 0;

export const live = () => stands;
const tell = (name, value) => {
	for (const on of [...all]) on[name]?.(value);
};

function standing(on) {
	if (stands === on) return;
	stands = on;
	tell('live', on);
}

function close() {
	clearTimeout(timer);
	timer = 0;
	opening++;
	source?.close();
	source = null;
	standing(false);
}

// A program's token does not belong into an address, and no server takes it there.
async function address() {
	const path = `${settings.base}/api/sync/stream`,
		token = await bearer(false);
	if (!token) return path;
	return token.startsWith('tmp_') ? `${path}?access_token=${encodeURIComponent(token)}` : '';
}

async function open() {
	clearTimeout(timer);
	timer = 0;
	if (source || document.hidden || !navigator.onLine || !all.size) return;
	if (typeof EventSource === 'undefined') return;
	const turn = ++opening,
		url = await address().catch(() => '');
	if (turn !== opening || source || !url) return;
	const s = (source = new EventSource(url));
	s.onopen = () => {
		refusals = 0;
		standing(true);
	};
	for (const name of ['sync', 'events'])
		s.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
	s.onerror = () => {
		if (s !== source) return;
		standing(false);
		// A network that broke off is tried again by the browser, a refusal is not.
		if (s.readyState !== EventSource.CLOSED) return;
		close();
		timer = setTimeout(open, Math.min(AGAIN * 2 ** refusals++, LATEST));
	};
}

export function listen(on) {
	all.add(on);
	if (stands) on.live?.(true);
	else if (!source && !timer) timer = setTimeout(open, FIRST);
	return () => {
		all.delete(on);
		if (!all.size) close();
	};
}

document.addEventListener('visibilitychange', () => {
	if (document.hidden) close();
	else open();
});
// The browser knows it before a connection on which nothing comes does.
addEventListener('offline', close);
addEventListener('online', open);
configured.add(() => {
	close();
	open();
});

const RUNNING = 1000,
	ACTIVE = 5000,
	IDLE = 30000,
	SLOWEST = 30000;
const ALL = '/api/sync';
export const ended = (status) =>
	status === 'complete' || status === 'error' || status === 'idle';

const one = (id) => `/api/sync?syncId=${encodeURIComponent(id)}`;

// Asks one address and hands each new answer to its listeners; wait(data) is the pause until the
// next question, 0: that was all. While the stream tells what is new, questions are few.
class Watch {
	static all = new Map();
	listeners = new Set();
	timer = 0;
	failures = 0;
	heard = 0; // of the stream

	static on(path, wait, listener, trouble) {
		let w = Watch.all.get(path);
		if (!w) Watch.all.set(path, (w = Object.assign(new Watch(), { path, wait })));
		Watch.quit ??= listen({ live: Watch.live, sync: Watch.hear });
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
		if (Watch.all.size) return;
		Watch.quit?.();
		Watch.quit = null;
	}

	// The stream stands: what was before it is asked for once. It has broken off: not all at
	// the same moment.
	static live(on) {
		for (const w of Watch.all.values()) w.ask(on ? 0 : Math.random() * RUNNING);
	}

	static hear(sync) {
		Watch.all.get(one(sync.syncId))?.told(sync);
		if (!Watch.level(sync)) Watch.all.get(ALL)?.soon();
	}

	told(data) {
		this.heard++;
		this.news(data);
		if (!this.wait(data)) this.stop();
	}

	// It may be what is known already.
	news(data) {
		const same = JSON.stringify(data) === JSON.stringify(this.data);
		this.data = data;
		if (!same) this.tell((l) => l.listener(data));
	}

	ask(pause) {
		clearTimeout(this.timer);
		this.due = Date.now() + pause;
		this.timer = setTimeout(() => this.poll(), pause);
	}

	// At most each second, however often.
	soon() {
		const at = Math.max(Date.now(), (this.asked ?? 0) + RUNNING);
		if (!(this.due <= at)) this.ask(at - Date.now());
	}

	async poll() {
		if (this.stopped) return;
		if (document.hidden) {
			if (!this.hidden)
				document.addEventListener(
					'visibilitychange',
					() => {
						this.hidden = false;
						this.poll();
					},
					{ once: true },
				);
			this.hidden = true;
			return;
		}
		clearTimeout(this.timer);
		this.asked = Date.now();
		this.due = Infinity;
		const heard = this.heard;
		let pause;
		try {
			const { data, etag, unchanged } = await api(this.path, {
				etag: this.etag,
			});
			if (this.stopped) return;
			// What the stream has told meanwhile is newer.
			if (this.heard !== heard) return this.ask(RUNNING);
			if (this.failures) this.tell((l) => l.trouble?.(null));
			this.failures = 0;
			if (!unchanged) {
				this.etag = etag;
				this.news(data);
				if (data.syncId) Watch.level(data);
			}
			pause = this.wait(this.data);
			if (pause && live()) pause = SLOWEST;
		} catch (problem) {
			// A token that is refused stays so; who signs in elsewhere goes on here.
			const over = problem.status === 401 && settings.token;
			if (over || problem.status === 404) pause = 0;
			else
				pause = Math.max(
					problem.retryAfter * 1000,
					Math.min(RUNNING * 2 ** ++this.failures, SLOWEST),
				);
			this.tell((l) => l.trouble?.(problem));
		}
		if (!pause) this.stop();
		else if (!this.stopped) this.ask(pause);
	}

	// What one sync is known to be, the list of all knows at once: a card and a badge that
	// stand side by side tell the same.
	static level(sync) {
		const all = Watch.all.get(ALL);
		if (!all?.data) return true;
		const at = all.data.data.findIndex((s) => s.syncId === sync.syncId);
		if (at < 0) return false;
		all.told({
			...all.data,
			data: all.data.data.with(at, sync),
			active: all.data.active
				.map((s) => (s.syncId === sync.syncId ? sync : s))
				.filter((s) => !ended(s.status)),
		});
		return true;
	}

	tell(call) {
		for (const l of [...this.listeners]) call(l);
	}
}

// Calls listener(status) at each change until the sync has ended. trouble(problem): no answer for
// now; trouble(null): it answers again.
export const watchSync = (id, listener, trouble) =>
	Watch.on(
		one(id),
		(s) => (ended(s.status) ? 0 : RUNNING),
		listener,
		trouble,
	);
// The same for all of the user's syncs: listener({ active, data, tickAlive }).
export const watchAll = (listener, trouble, idle = IDLE) =>
	Watch.on(
		ALL,
		(o) => (o.active.length ? Math.min(ACTIVE, idle) : idle),
		listener,
		trouble,
	);
