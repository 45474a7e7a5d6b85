// calendar.js - the calendar by the keyboard. All it does is to follow links of the page.
const cal = document.querySelector('[data-calendar]'),
	days = () => [...cal.querySelectorAll('[data-day]')],
	FOCUS = 'tidemark-calendar-focus',
	KEYS = 'tidemark-calendar-keys';

// One day of all is in the order of the tab key: the one that the arrows have come to.
function rove(day) {
	for (const d of days()) d.tabIndex = d === day ? 0 : -1;
}
rove(days().find((d) => d.dataset.day === cal.dataset.date) ?? days()[0]);

const later = (date, n) => {
	const at = new Date(`${date}T00:00:00Z`);
	at.setUTCDate(at.getUTCDate() + n);
	return at.toISOString().slice(0, 10);
};
const weekday = (date) => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

// Another page of the calendar begins where the keyboard is.
function go(href, focus) {
	if (focus) sessionStorage.setItem(FOCUS, '1');
	location.href = href;
}
const address = (view, date) => `/calendar?view=${view}&date=${date}`;
if (sessionStorage.getItem(FOCUS)) {
	sessionStorage.removeItem(FOCUS);
	days()
		.find((d) => d.tabIndex === 0)
		?.focus();
}

// On a narrow screen a week begins with today.
const today = cal.querySelector('.daycol.today');
if (today) cal.querySelector('.weekscroll').scrollLeft = today.offsetLeft - 56;

const MOVES = {
	ArrowLeft: () => -1,
	ArrowRight: () => 1,
	ArrowUp: () => -7,
	ArrowDown: () => 7,
	Home: (date) => -weekday(date),
	End: (date) => 6 - weekday(date),
};
function move(event) {
	const from = event.target.closest?.('[data-day]')?.dataset.day;
	if (!from) return false;
	if (event.key === 'PageUp' || event.key === 'PageDown') {
		go(event.key === 'PageUp' ? cal.dataset.back : cal.dataset.on, true);
		return true;
	}
	const n = MOVES[event.key]?.(from);
	if (n === undefined) return false;
	const to = days().find((d) => d.dataset.day === later(from, n));
	if (to) {
		rove(to);
		to.focus();
	} else go(address(cal.dataset.view, later(from, n)), true);
	return true;
}

// Single letters, which a person can switch off.
const toggle = document.getElementById('keys-on');
toggle.checked = localStorage.getItem(KEYS) !== 'off';
toggle.addEventListener('change', () =>
	localStorage.setItem(KEYS, toggle.checked ? 'on' : 'off'),
);
const at = () => document.activeElement?.dataset?.day ?? cal.dataset.date;
const LETTERS = {
	n: () => go(`/calendar/new?date=${at()}`),
	t: () => go(cal.dataset.today, true),
	j: () => go(cal.dataset.on, true),
	k: () => go(cal.dataset.back, true),
	m: () => go(address('month', at()), true),
	w: () => go(address('week', at()), true),
	a: () => go(address('agenda', at())),
};
document.addEventListener('keydown', (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.target.closest?.('input, textarea, select, dialog')) return;
	const letter = toggle.checked && !event.shiftKey && LETTERS[event.key];
	if (letter) letter();
	else if (!move(event)) return;
	event.preventDefault();
});
