// time.js - keeps <time data-rel> true: "in 23 minutes", in the same words as the server's; the exact time is its title.
const UNITS = [['day', 864e5, 2], ['hour', 36e5, 1], ['minute', 6e4, 1], ['second', 1e3, 1]];
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export function relative(ms) {
	const size = Math.abs(ms);
	for (const [unit, length, least] of UNITS) {
		const n = Math.floor(size / length);
		if (n < least) continue;
		return ms > 0 ? `in ${n} ${unit}${n === 1 ? '' : 's'}` : `${n} ${unit}${n === 1 ? '' : 's'} ago`;
	}
	return 'now';
}

export function paint(root) {
	for (const t of root.querySelectorAll('time[data-rel]')) {
		const at = Date.parse(t.dateTime);
		if (Number.isNaN(at)) continue;
		const words = relative(at - Date.now());
		if (t.textContent !== words) t.textContent = words;
		t.title = exact.format(at);
	}
}
