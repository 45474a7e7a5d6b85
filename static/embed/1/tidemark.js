// tidemark.js - the elements of Tidemark for pages of your own; tidemark.d.ts has their types.
//
//	<script type="module">
//		import { configure } from 'https://sync.example.com/static/embed/1/tidemark.js';
//		configure({ token: async () => (await fetch('/my/progress-token')).text() });
//	</script>
//	<tidemark-progress sync="SYNC ID"></tidemark-progress>
//	<tidemark-badge connection="CONNECTION ID"></tidemark-badge>
//	<tidemark-auto-sync></tidemark-auto-sync>
//	<tidemark-calendar></tidemark-calendar>
//
// They bring their looks with them, which the page does not disturb and can change:
//	tidemark-progress { --tidemark-accent: #b3005e; --tidemark-radius: 0; }
//	tidemark-progress::part(message) { font-style: italic; }
// The "1" in the address stays as long as this does what it does now.
import { configure as change, Problem } from '../../js/api.js';
import { AutoSync } from '../../js/auto_sync.js';
import { Calendars } from '../../js/calendar_card.js';
import { Badge, Progress } from '../../js/progress.js';

// Where this came from answers too, unless somebody says otherwise.
change({ base: new URL(import.meta.url).origin });
export const configure = change;
export { Problem };

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
	--ink: var(--tidemark-ink, light-dark(#0f2329, #e5eef0));
	--mut: var(--tidemark-muted, light-dark(#4d626a, #9fb2b8));
	--acc: var(--tidemark-accent, light-dark(#0a6173, #5fcbdd));
	--bg: var(--tidemark-bg, light-dark(#e0f1f3, #12313a));
	--ok: var(--tidemark-ok-bg, light-dark(#e2f4ea, #10291e));
	--err: var(--tidemark-error-bg, light-dark(#fdeaeb, #351a1c));
	display: block;
	color: var(--ink);
	font: var(--tidemark-font, .9375rem/1.5 system-ui, sans-serif);
}
:host([hidden]) { display: none; }
:host(tidemark-badge) { display: inline-block; }
* { box-sizing: border-box; margin: 0; }
.card {
	display: grid;
	gap: .6em;
	padding: 1em 1.25em;
	background: var(--bg);
	border-radius: var(--tidemark-radius, .75em);
	overflow-wrap: anywhere;
}
.card.is-done { background: var(--ok); }
.card.is-failed { background: var(--err); }
ol, ul { list-style: none; padding: 0; }
ol {
	display: flex;
	flex-wrap: wrap;
	gap: .25em 1.25em;
	font-size: .875em;
	font-weight: 560;
	color: var(--mut);
}
ul { display: grid; gap: .8em; }
ol > li { display: flex; align-items: center; gap: .4em; }
ol > li::before {
	content: "";
	inline-size: .6em;
	block-size: .6em;
	border: 2px solid currentColor;
	border-radius: 50%;
}
li[data-step=done]::before { background: currentColor; }
li[data-step=now] { color: var(--acc); }
li[data-step=now]::before { border-radius: .15em; background: currentColor; rotate: 45deg; }
.line { display: flex; gap: 1em; justify-content: space-between; align-items: baseline; }
.line > :first-child { font-weight: 560; min-inline-size: 0; }
.num { font-variant-numeric: tabular-nums; white-space: nowrap; }
.small { font-size: .9em; }
.asks { font-weight: 560; }
progress {
	appearance: none;
	display: block;
	inline-size: 100%;
	block-size: .6em;
	border: 0;
	border-radius: 1em;
	background: color-mix(in srgb, var(--acc) 25%, transparent);
	overflow: hidden;
	color: var(--acc);
}
progress::-webkit-progress-bar { background: transparent; }
progress::-webkit-progress-value { background: var(--acc); border-radius: 1em; }
progress::-moz-progress-bar { background: var(--acc); border-radius: 1em; }
button {
	font: inherit;
	color: inherit;
	background: transparent;
	border: 1px solid currentColor;
	border-radius: calc(var(--tidemark-radius, .75em) / 1.5);
	padding: .3em .9em;
	cursor: pointer;
}
:focus-visible { outline: 3px solid var(--acc); outline-offset: 2px; }
form { display: flex; flex-wrap: wrap; gap: .6em 1.25em; align-items: center; }
form > [hidden] { display: none; }
label { display: inline-flex; align-items: center; gap: .6em; font-weight: 560; }
.often { flex-wrap: wrap; }
select {
	font: inherit;
	color: inherit;
	background: var(--bg);
	border: 1px solid var(--mut);
	border-radius: calc(var(--tidemark-radius, .75em) / 1.5);
	padding: .3em .5em;
	max-inline-size: 100%;
}
[role=switch] {
	appearance: none;
	flex: none;
	position: relative;
	inline-size: 2.9em;
	block-size: 1.6em;
	border-radius: 1em;
	background: var(--mut);
	cursor: pointer;
}
[role=switch]::after {
	content: "";
	position: absolute;
	inset-block-start: .2em;
	inset-inline-start: .2em;
	inline-size: 1.2em;
	block-size: 1.2em;
	border-radius: 50%;
	background: var(--bg);
}
[role=switch]:checked { background: var(--acc); }
[role=switch]:checked::after { inset-inline-start: 1.5em; }
.next { color: var(--mut); }
[data-part=said], [data-part=error]:empty {
	position: absolute;
	inline-size: 1px;
	block-size: 1px;
	overflow: hidden;
	clip-path: inset(50%);
}
[data-part=error] { flex: 1 0 100%; font-weight: 560; }
:disabled { cursor: not-allowed; }
form[aria-busy=true] [role=switch] { opacity: .6; }
.skeleton {
	block-size: 1.6em;
	inline-size: 40%;
	border-radius: .4em;
	background: var(--mut);
	opacity: .3;
}
.badge {
	padding: .15em .7em;
	border-radius: 1em;
	font-size: .875em;
	font-weight: 600;
	color: var(--acc);
	background: var(--bg);
}
@media (prefers-reduced-motion: no-preference) {
	progress::-webkit-progress-value { transition: inline-size .4s; }
	.skeleton { animation: breathe 1.2s ease-in-out infinite alternate; }
}
@keyframes breathe { to { opacity: .15; } }
@media (forced-colors: active) {
	.card, .badge { border: 1px solid; }
	[role=switch] { border: 2px solid ButtonText; }
	[role=switch]::after { background: ButtonText; }
	[role=switch]:checked { background: Highlight; }
}
`);

// The page's own live regions are its own.
const dressed = (Base, name) =>
	class extends Base {
		constructor() {
			super();
			this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
		}
		get card() {
			return this.box;
		}
		get place() {
			return this.box;
		}
		get box() {
			let box = this.shadowRoot.firstElementChild;
			if (!box) {
				box = document.createElement('div');
				box.className = name;
				box.setAttribute('part', name);
				this.shadowRoot.append(box);
			}
			return box;
		}
		say() {}
	};

if (!customElements.get('tidemark-progress')) {
	customElements.define('tidemark-progress', dressed(Progress, 'card'));
	customElements.define('tidemark-badge', dressed(Badge, 'badge'));
	customElements.define('tidemark-auto-sync', dressed(AutoSync, 'card'));
	customElements.define('tidemark-calendar', dressed(Calendars, 'card'));
}
