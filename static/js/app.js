// app.js - what the pages do with JavaScript on top of their forms. Without it everything works the same, a page at a time.
import { api } from './api.js';
import './progress.js';
import './time.js';
import './preview.js';

const live = document.getElementById('live');
const say = (text) => { live.textContent = text; };

// A switch or frequency takes effect at once, and snaps back with the reason when it could not be saved.
document.addEventListener('change', async (event) => {
	const form = event.target.closest('form[data-schedule]');
	if (!form) return;
	const input = event.target, id = new URL(form.action).pathname.split('/')[2];
	const body = input.name === 'enabled' ? { enabled: input.checked } : { frequency: input.value };
	input.setAttribute('aria-busy', 'true');
	try {
		const { data } = await api(`/api/connections/${id}/schedule`, { method: 'PUT', body });
		say('Saved.');
		const next = form.parentElement.querySelector('[data-next]');
		if (next && !data.nextPollAt) next.textContent = 'No automatic sync';
		else if (next) {
			const t = document.createElement('time');
			t.dateTime = data.nextPollAt;
			t.dataset.rel = '';
			next.replaceChildren('next sync ', t);
			(await import('./time.js')).paint(next);
		}
		for (const option of form.querySelectorAll('option')) option.defaultSelected = option.selected;
	} catch (error) {
		if (input.type === 'checkbox') input.checked = !input.checked;
		else for (const option of input.options) option.selected = option.defaultSelected;
		say(`Not saved: ${error.message}`);
	} finally {
		input.removeAttribute('aria-busy');
	}
});

// "Sync now" starts in place and follows; a second click, here or in another tab, follows the running one.
document.addEventListener('submit', async (event) => {
	const button = event.submitter;
	if (!button?.dataset.start) return;
	event.preventDefault();
	button.disabled = true;
	try {
		const { data } = await api('/api/sync', { method: 'POST', body: { connectionId: button.dataset.start } });
		follow(button, data.syncId);
	} catch (error) {
		if (error.status === 409 && error.problem?.syncId) follow(button, error.problem.syncId);
		else {
			say(error.message);
			button.disabled = false;
		}
	}
});

function follow(button, id) {
	const place = button.closest('article, .tile, main'), card = place?.querySelector('tm-progress');
	say('Sync started.');
	if (card) card.follow(id);
	else location.href = `/syncs/${id}`;
}

// When a sync has ended, the page shows what it brought.
document.addEventListener('tm-done', () => {
	const typing = document.querySelector('form#add-form')?.contains(document.activeElement);
	if (!typing) setTimeout(() => location.reload(), 700);
});
