// stream.js - what happens, told by the server as it happens (GET /api/sync/stream). One stream for
// the page, while somebody listens and the page is seen. There may be none: the browser has no
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
import { bearer, configured, settings } from './api.js';

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
