// preview.js - the preview of a source in the add form, without leaving the page.
import { api } from './api.js';

const form = document.getElementById('add-form');
const place = document.getElementById('preview');
const make = (name, text, attributes = {}) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text }, attributes);

form?.addEventListener('submit', async (event) => {
	if (event.submitter?.value !== 'preview') return;
	event.preventDefault();
	const button = event.submitter;
	button.setAttribute('aria-busy', 'true');
	button.disabled = true;
	place.replaceChildren(make('p', 'Reading the source...', { className: 'muted' }));
	try {
		const { data } = await api('/api/preview', { method: 'POST', body: body() });
		show(data);
	} catch (error) {
		complain(error);
	} finally {
		button.removeAttribute('aria-busy');
		button.disabled = false;
	}
});

function body() {
	const config = {}, secret = {};
	for (const input of form.querySelectorAll('[name^=f_]')) {
		if (input.type === 'checkbox' ? !input.checked : !input.value.trim()) continue;
		(input.type === 'password' ? secret : config)[input.name.slice(2)] = input.type === 'checkbox' ? true : input.value;
	}
	return { provider: form.elements.provider.value, config, secret };
}

function complain(error) {
	for (const field of form.querySelectorAll('.field')) field.classList.remove('bad');
	const box = make('div', undefined, { className: 'banner error' });
	const line = make('p');
	line.append(make('strong', error.problem?.title ?? 'The preview did not work.'), ` ${error.message}`);
	box.append(line);
	for (const { field, message } of error.problem?.errors ?? []) {
		const input = form.querySelector(`[name="f_${field.split('.').pop()}"]`);
		input?.closest('.field')?.classList.add('bad');
		input?.setAttribute('aria-invalid', 'true');
		box.append(make('p', `${field.split('.').pop()}: ${message}`));
	}
	place.replaceChildren(box);
}

function show(data) {
	const count = data.plan.fetched.toLocaleString('en');
	const scroll = make('div', undefined, { className: 'scroll', tabIndex: 0 });
	scroll.setAttribute('role', 'region');
	scroll.setAttribute('aria-label', 'First rows');
	const table = make('table'), head = make('tr'), rows = make('tbody');
	for (const column of data.columns) {
		const th = make('th', `${column.name} `, { scope: 'col' });
		th.append(make('span', column.type, { className: 'type' }));
		head.append(th);
	}
	for (const row of data.rows.slice(0, 10)) {
		const tr = make('tr');
		for (const cell of row) tr.append(make('td', cell === null ? '' : typeof cell === 'string' ? cell : JSON.stringify(cell)));
		rows.append(tr);
	}
	const top = make('thead');
	top.append(head);
	table.append(top, rows);
	scroll.append(table);
	place.replaceChildren(make('h3', 'Preview'), make('p', `${count} records${data.complete ? '' : ' in the part that was read'}. Nothing has been saved yet.`),
		...data.warnings.map((w) => make('p', w.message, { className: 'note' })), scroll);
}
