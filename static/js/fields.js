// fields.js - what some fields and texts of forms do more: time zones are offered, and what is
// shown once is copied with one click.
import { announce } from './progress.js';

// Time zones are offered, and the browser's own one is where nothing was chosen.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone,
	zones = document.querySelectorAll('[data-zone]');
if (zones.length) {
	const list = document.createElement('datalist');
	list.id = 'zones';
	list.append(
		...(Intl.supportedValuesOf?.('timeZone') ?? []).map((z) =>
			Object.assign(document.createElement('option'), { value: z }),
		),
	);
	document.body.append(list);
	for (const input of zones) {
		input.setAttribute('list', 'zones');
		if (input.value === 'UTC' && own && !input.dataset.zone) input.value = own;
	}
}

// Texts that are shown once are copied with one click: a button with data-copy, the id of the text.
document.addEventListener('click', async (event) => {
	const button = event.target.closest('[data-copy]');
	if (!button) return;
	const from = document.getElementById(button.dataset.copy);
	try {
		await navigator.clipboard.writeText(from.textContent.trim());
		announce('Copied.');
	} catch {
		getSelection().selectAllChildren(from);
		announce('Press Ctrl+C to copy.');
	}
});
