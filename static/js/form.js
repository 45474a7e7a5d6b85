// form.js - test and preview in the form that adds a source, without leaving the page. The answers stand where the server would have put them.
import { api } from './api.js';
import { announce } from './progress.js';

const form = document.getElementById('add-form'), place = document.getElementById('preview'), problem = document.getElementById('problem');
const make = (name, className, ...children) => {
	const e = document.createElement(name);
	if (className) e.className = className;
	e.append(...children);
	return e;
};

form.addEventListener('submit', async (event) => {
	const verb = event.submitter?.value;
	if (verb !== 'preview' && verb !== 'test') return;
	event.preventDefault();
	if (form.dataset.busy) return;
	form.dataset.busy = 'yes';
	event.submitter.setAttribute('aria-disabled', 'true');
	clean();
	place.setAttribute('aria-busy', 'true');
	place.replaceChildren(make('p', 'mut', 'Reading the source...'), ...Array.from({ length: 3 }, () => make('div', 'skeleton')));
	announce('Reading the source', { quiet: true });
	try {
		const { data } = await api(`/api/${verb}`, { method: 'POST', body: asked() });
		if (verb === 'test') place.replaceChildren(make('p', 'note is-ok', data.message));
		else show(data);
		announce(verb === 'test' ? data.message : `Preview: ${data.plan.fetched.toLocaleString('en')} records`, { quiet: true });
	} catch (error) {
		complain(error);
	} finally {
		delete form.dataset.busy;
		place.removeAttribute('aria-busy');
		event.submitter.removeAttribute('aria-disabled');
	}
});

function asked() {
	const config = {}, secret = {};
	for (const input of form.querySelectorAll('[name^=f_]')) {
		const name = input.name.slice(2);
		if (input.type === 'checkbox') {
			if (input.checked) config[name] = true;
		} else if (!input.value.trim()) continue;
		else if (input.type === 'password') secret[name] = input.value;
		else config[name] = input.type === 'number' ? Number(input.value) : input.value;
	}
	return { provider: form.elements.provider.value, config, secret };
}

function clean() {
	problem.replaceChildren();
	for (const e of form.querySelectorAll('[data-error]')) e.textContent = '';
	for (const e of form.querySelectorAll('[aria-invalid]')) e.removeAttribute('aria-invalid');
}

// Each complaint beside its field; the keyboard goes to the first.
function complain(error) {
	let first = null;
	place.replaceChildren();
	for (const { field, message } of error.errors) {
		const name = field.replace(/^(config|secret)\./, '').split('.')[0], input = form.elements[`f_${name}`], line = form.querySelector(`[data-error="${CSS.escape(name)}"]`);
		if (!input || !line) continue;
		line.textContent = message;
		input.setAttribute('aria-invalid', 'true');
		input.closest('details')?.setAttribute('open', '');
		first ??= input;
	}
	const box = make('div', 'note is-error', make('p', '', make('strong', '', error.title), first || error.message === error.title ? '' : ` ${error.message}`));
	problem.replaceChildren(box);
	announce(error.title, { quiet: true });
	(first ?? problem).focus();
}

function show(data) {
	const top = make('tr'), rows = make('tbody');
	for (const column of data.columns) {
		const th = make('th', '', `${column.name} `, make('span', 'type', column.type));
		th.scope = 'col';
		top.append(th);
	}
	for (const row of data.rows.slice(0, 10))
		rows.append(make('tr', '', ...row.map((cell) => make('td', '', cell === null ? '' : typeof cell === 'string' ? cell : JSON.stringify(cell)))));
	const scroll = make('div', 'scroll', make('table', 'data', make('thead', '', top), rows));
	scroll.tabIndex = 0;
	scroll.setAttribute('role', 'region');
	scroll.setAttribute('aria-label', 'First rows of the preview');
	place.replaceChildren(make('h3', '', 'Preview'),
		make('p', '', `${data.plan.fetched.toLocaleString('en')} records${data.complete ? '' : ' in the part that was read'}, ${data.columns.length} columns. Nothing has been saved yet.`),
		...data.warnings.map((w) => make('p', 'note is-warning', w.message)), scroll);
}
