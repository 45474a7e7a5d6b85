// ask.js - the question before what cannot be undone, in a dialog: what the button's data-ask says.
// Who says yes sends the form with the answer in it.
export function ask(form, button) {
	if (document.querySelector('dialog.ask')) return;
	const box = document.createElement('dialog'),
		text = document.createElement('p'),
		row = document.createElement('p');
	const yes = Object.assign(document.createElement('button'), {
		type: 'button',
		className: button.classList.contains('danger') ? 'danger' : 'primary',
		textContent: button.firstChild.textContent.trim(),
	});
	const no = Object.assign(document.createElement('button'), {
		type: 'button',
		textContent: 'Cancel',
	});
	text.textContent = button.dataset.ask;
	text.id = 'ask-text';
	box.setAttribute('aria-labelledby', 'ask-text');
	box.className = 'ask';
	row.className = 'actions';
	row.append(yes, no);
	box.append(text, row);
	document.body.append(box);
	no.addEventListener('click', () => box.close());
	yes.addEventListener('click', () => {
		button.dataset.asked = 'yes';
		form.append(
			Object.assign(document.createElement('input'), {
				type: 'hidden',
				name: 'sure',
				value: '1',
			}),
		);
		box.close();
		form.requestSubmit(button);
	});
	box.addEventListener('close', () => {
		box.remove();
		button.focus();
	});
	box.showModal();
	no.focus();
}
