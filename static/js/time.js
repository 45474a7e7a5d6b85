// time.js - keeps <time data-rel> true: "in 23 minutes" as the server wrote it, then by the browser's own words.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || 'en', { numeric: 'auto' });
const UNITS = [['day', 864e5, 2], ['hour', 36e5, 1], ['minute', 6e4, 1], ['second', 1e3, 1]];

export function relative(ms) {
	for (const [unit, size, least] of UNITS)
		if (Math.abs(ms) >= size * least) return words.format(Math.trunc(ms / size), unit);
	return 'now';
}

export function paint(root = document) {
	for (const t of root.querySelectorAll('time[data-rel]')) {
		const at = new Date(t.dateTime);
		if (Number.isNaN(at.getTime())) continue;
		t.title = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
		t.textContent = relative(at - Date.now());
	}
}

paint();
setInterval(paint, 15000);
