// form.js - looking at a source from the form that adds it, without leaving the page: the form is
// posted as without JavaScript, and the part of the answer's page that holds the form takes the
// place of the old one.
import { ask, renewed } from './level.js';
import { announce } from './progress.js';

const section = document.getElementById('add');
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
	const found = (answer) => answer.response?.getElementById('add-form');
	const fresh = found(await send(form, button));
	if (fresh) return fresh;
	// The session may have ended since the page was loaded; or it is another one.
	if (await renewed()) return found(await send(form, button));
	throw new Error(
		'You are signed out. Sign in in another tab, then try again: ' +
			'what you have typed stays here.',
	);
}

// Enter in the form connects, unless a word to look for is written.
const connects = (form, { name, value }) =>
	name === 'do' &&
	(value === 'connect' || (value === 'enter' && !form.elements.search?.value.trim()));

section.addEventListener('submit', async (event) => {
	const form = event.target,
		button = event.submitter;
	if (!button || connects(form, button)) return;
	event.preventDefault();
	if (form.dataset.busy) return;
	form.dataset.busy = 'yes';
	button.setAttribute('aria-disabled', 'true');
	const place = document.getElementById('preview');
	place.setAttribute('aria-busy', 'true');
	place.replaceChildren(
		make('p', 'mut', 'Reading the source...'),
		...Array.from({ length: 3 }, () => make('div', 'skeleton')),
	);
	announce('Reading the source', { quiet: true });
	try {
		const fresh = await post(form, button);
		if (!fresh) throw new Error('Tidemark gave an unexpected answer. Reload the page.');
		show(form, document.adoptNode(fresh), button);
	} catch (error) {
		place.removeAttribute('aria-busy');
		place.replaceChildren(make('p', 'note is-error', error.message));
		announce(error.message, { quiet: true });
		delete form.dataset.busy;
		button.removeAttribute('aria-disabled');
	}
});

// The keyboard goes to the first field that is wrong, to what is to be chosen next, or stays
// where it was.
function show(old, fresh, button) {
	const open = [...old.querySelectorAll('details')].map((d) => d.open);
	[...fresh.querySelectorAll('details')].forEach((d, i) => {
		d.open ||= open[i];
	});
	fresh.dataset.dirty = '';
	old.replaceWith(fresh);
	const wrong = fresh.querySelector('[aria-invalid]'),
		problem = fresh.querySelector('#problem .note');
	const sought = ['find', 'enter'].includes(button.value) && fresh.querySelector('.seek');
	const next = sought
		? (sought.parentElement.querySelector('[type=checkbox]:not(:checked)') ??
			sought.querySelector('input'))
		: button.name === 'cursor'
			? fresh.querySelector('#preview [tabindex]')
			: button.name === 'pick'
				? fresh.querySelector('.boxes input:enabled')
				: button.value === 'sources'
					? fresh.querySelector('.source')
					: null;
	(
		wrong ??
		(problem ? problem.parentElement : next) ??
		[...fresh.querySelectorAll('button')].find((b) => b.value === button.value)
	)?.focus();
	announce(
		(
			problem ??
			(sought ? sought.querySelector('.sought') : null) ??
			fresh.querySelector('#preview > p') ??
			fresh.querySelector('.source')
		)?.textContent ?? '',
		{ quiet: true },
	);
}
