// form.js - what the form of a source asks without leaving the page: a look at the source, a
// preview, people by a word. The form is posted as without JavaScript, and the form of the page
// that is answered takes the place of the old one.
import { ask, renewed } from './level.js';
import { announce } from './progress.js';

const FORMS = '#add-form, #edit-form',
	SEEKS = ['find', 'enter'];
const make = (name, className, ...children) => {
	const e = document.createElement(name);
	if (className) e.className = className;
	e.append(...children);
	return e;
};

const send = (form, button) => {
	const body = new URLSearchParams(new FormData(form));
	body.append(button.name, button.value);
	return ask('POST', form.action, body);
};
async function post(form, button) {
	const found = ({ response }) => {
		const fresh = response?.getElementById(form.id);
		// What is wrong may be said at the head of the page; its looks are that page's.
		return (
			fresh && {
				fresh,
				problem: response.querySelector('[data-problem]'),
				looks: [...response.querySelectorAll('link[rel=stylesheet]')],
			}
		);
	};
	const answer = found(await send(form, button));
	if (answer) return answer;
	// The session may have ended since the page was loaded; or it is another one.
	if (await renewed()) return found(await send(form, button));
	throw new Error(
		'You are signed out. Sign in in another tab, then try again: ' +
			'what you have typed stays here.',
	);
}

// Enter in the form connects or saves, unless a word to look for is written.
const leaves = (form, { name, value }) =>
	name === 'do' &&
	(['connect', 'edit'].includes(value) ||
		(value === 'enter' && !form.elements.search?.value.trim()));

// What is typed or chosen.
const controls = (form) =>
	[...form.elements].filter((e) => e.matches('input:not([type=hidden]), textarea, select'));
const BOXES = '[type=checkbox], [type=radio]';
const held = (e) => (e.matches(BOXES) ? e.checked : e.value);

// What was typed while the answer was on its way is in the new form too. Gives the field in which
// somebody still types.
function carry(old, fresh, sent) {
	let hands = null;
	for (const e of controls(old).filter((c) => sent.get(c) !== held(c))) {
		const box = e.matches(BOXES),
			same = controls(fresh).find(
				(f) => f.name === e.name && f.type === e.type &&
					(!box || f.value === e.value),
			);
		if (!same) continue;
		same[box ? 'checked' : 'value'] = held(e);
		if (e === document.activeElement) hands = [same, e.selectionStart, e.selectionEnd];
	}
	return hands;
}

// What is under way is said where its answer will be.
function begin(form, button) {
	const sought = SEEKS.includes(button.value) && form.querySelector('.sought');
	form.dataset.busy = 'yes';
	button.setAttribute('aria-disabled', 'true');
	if (sought) {
		sought.replaceChildren(make('span', 'dot is-busy', 'Searching...'));
		announce('Searching', { quiet: true });
		return () => sought.replaceChildren();
	}
	const place = form.querySelector('#preview');
	place.setAttribute('aria-busy', 'true');
	place.replaceChildren(
		make('p', 'mut', 'Reading the source...'),
		...Array.from({ length: 3 }, () => make('div', 'skeleton')),
	);
	announce('Reading the source', { quiet: true });
	return () => place.removeAttribute('aria-busy');
}

document.getElementById('main').addEventListener('submit', async (event) => {
	const form = event.target,
		button = event.submitter;
	if (!form.matches(FORMS) || !button || leaves(form, button)) return;
	event.preventDefault();
	if (form.dataset.busy) return;
	const end = begin(form, button),
		sent = new Map(controls(form).map((e) => [e, held(e)]));
	try {
		const answer = await post(form, button);
		if (!answer)
			throw new Error('Tidemark gave an unexpected answer. Reload the page.');
		show(form, answer, button, sent);
	} catch (error) {
		end();
		form.querySelector('#preview').replaceChildren(
			make('p', 'note is-error', error.message),
		);
		announce(error.message, { quiet: true });
		delete form.dataset.busy;
		button.removeAttribute('aria-disabled');
	}
});

// How many are chosen, of a list that may be folded.
document.getElementById('main').addEventListener('change', ({ target }) => {
	const list = target.closest('fieldset'),
		count = list?.querySelector('[data-ticked]');
	if (count)
		count.textContent = list.querySelectorAll(':checked').length.toLocaleString('en');
});

// The keyboard stays where somebody types, or goes to the first field that is wrong, to what is to
// be chosen next, or stays where it was.
function show(old, answer, button, sent) {
	const fresh = document.adoptNode(answer.fresh),
		open = new Set([...old.querySelectorAll('details[open]')].map((d) => d.id));
	for (const d of fresh.querySelectorAll('details')) d.open ||= open.has(d.id);
	fresh.dataset.dirty = '';
	const here = new Set([...document.querySelectorAll('link')].map((link) => link.href));
	for (const link of answer.looks)
		if (!here.has(link.href)) document.head.append(document.adoptNode(link));
	const hands = carry(old, fresh, sent);
	old.replaceWith(fresh);
	if (answer.problem && !fresh.contains(answer.problem))
		fresh.querySelector('#preview').prepend(document.adoptNode(answer.problem));
	const wrong = fresh.querySelector('[aria-invalid]'),
		problem = fresh.querySelector('[data-problem]');
	const sought = SEEKS.includes(button.value) && fresh.querySelector('.seek');
	const next = sought
		? (fresh.querySelector('.seek + .ticks input:not(:checked)') ??
			sought.querySelector('input'))
		: button.name === 'cursor'
			? fresh.querySelector('#preview [tabindex]')
			: button.name === 'pick'
				? fresh.querySelector('.boxes input:enabled')
				: button.value === 'sources'
					? fresh.querySelector('.source')
					: null;
	const [typing, from, to] = hands ?? [];
	(
		typing ??
		wrong ??
		problem ??
		next ??
		[...fresh.querySelectorAll('button')].find((b) => b.value === button.value)
	)?.focus();
	// A number has none.
	if (Number.isInteger(from)) typing.setSelectionRange(from, to);
	announce(
		(
			problem ??
			(sought ? sought.querySelector('.sought') : null) ??
			fresh.querySelector('#preview p') ??
			fresh.querySelector('.source')
		)?.textContent ?? '',
		{ quiet: true },
	);
}
