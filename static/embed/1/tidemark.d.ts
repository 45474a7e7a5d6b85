// Types of tidemark.js.

export interface SyncError {
	code: string;
	detail: string;
	title: string;
	advice: string;
	action: string;
}
export interface Sync {
	syncId: string;
	connectionId: string;
	status: 'idle' | 'downloading' | 'processing' | 'saving' | 'complete' | 'error';
	progress: number;
	message: string;
	lastUpdated: string;
	stats: Record<
		| 'size'
		| 'lines'
		| 'fetched'
		| 'added'
		| 'updated'
		| 'deleted'
		| 'unchanged'
		| 'skipped',
		number
	>;
	error: SyncError | null;
}
export interface Settings {
	/** Where Tidemark is; by default where tidemark.js came from. */
	base?: string;
	/** A progress token, or what gives one: asked again when one has ended. */
	token?: string | (() => string | Promise<string>);
	/** For numbers, like "de"; by default the language of the page. */
	lang?: string;
	/** Other words: download, compare, save, waiting, complete, counts, dismiss, expired ... */
	labels?: Record<string, string>;
}
export function configure(settings: Settings): void;
export class Problem extends Error {
	status: number;
	code: string;
	title: string;
	retryAfter: number;
}
export interface TidemarkProgress extends HTMLElement {
	labels?: Record<string, string>;
	onSyncComplete?: (sync: Sync) => void;
	onSyncError?: (sync: Sync) => void;
}
export interface AutoSync {
	enabled: boolean;
	interval_hours: number;
	last_sync_at: string | null;
	next_sync_at: string | null;
}
/** Its attribute connection shows that one; without it, all that the token may see. */
export interface TidemarkCalendar extends HTMLElement {
	labels?: Record<string, string>;
}
export interface TidemarkAutoSync extends HTMLElement {
	labels?: Record<string, string>;
	/** Saves in place of the card, which a progress token does not let; gives what
	 * PUT /api/auto-sync/config has answered. */
	onSave?: (change: { enabled: boolean; interval_hours: number }) => Promise<AutoSync>;
}
declare global {
	interface HTMLElementTagNameMap {
		'tidemark-progress': TidemarkProgress;
		'tidemark-badge': HTMLElement;
		'tidemark-auto-sync': TidemarkAutoSync;
		'tidemark-calendar': TidemarkCalendar;
	}
	interface HTMLElementEventMap {
		'tidemark-started': CustomEvent<Sync>;
		'tidemark-progress': CustomEvent<Sync>;
		'tidemark-done': CustomEvent<Sync>;
		'tidemark-error': CustomEvent<Sync | Problem>;
		'tidemark-saved': CustomEvent<AutoSync>;
		'tidemark-expired': CustomEvent<Problem>;
	}
}
