// api.js - requests to Tidemark's interface. Any page can use it: same origin by cookie, or
// configure({ base, token }).
export const settings = { base: '', token: '', lang: '', labels: {} };
// Called when something of it has changed.
export const configured = new Set();

export function configure(changes) {
	Object.assign(settings, changes);
	if ('token' in changes) given = '';
	for (const tell of configured) tell();
}
// The token, which may be a function that gets one: it is kept until it is refused.
let given = '';
// A progress token only reads; what a function will give is not known before.
export const mayChange = () =>
	typeof settings.token === 'string'
		? !settings.token.startsWith('tmp_')
		: /^(?!tmp_)./.test(given);

export async function bearer(again) {
	if (typeof settings.token === 'string') return settings.token;
	if (again || !given) given = await settings.token();
	return given;
}

export class Problem extends Error {
	constructor(status, body, retryAfter) {
		super(body?.detail ?? body?.title ?? 'Tidemark did not answer as expected.');
		Object.assign(this, {
			status,
			code: body?.code ?? '',
			title: body?.title ?? this.message,
			errors: body?.errors ?? [],
			syncId: body?.syncId ?? null,
			retryAfter,
		});
	}
}

async function ask(path, { method, body, headers, signal }, again) {
	const token = await bearer(again);
	if (token) headers.Authorization = `Bearer ${token}`;
	else if (method !== 'GET') headers['X-CSRF-Token'] = document.body.dataset.csrf ?? '';
	return fetch(settings.base + path, {
		method,
		headers,
		body: body === undefined ? undefined : JSON.stringify(body),
		credentials: 'same-origin',
		cache: 'no-store',
		signal,
	});
}

// { data, etag }, or { unchanged: true } for 304. Throws a Problem; status 0 when Tidemark could
// not be reached.
export async function api(path, { method = 'GET', body, etag, signal } = {}) {
	const headers = { Accept: 'application/json' };
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (etag) headers['If-None-Match'] = etag;
	let reply;
	try {
		const how = { method, body, headers, signal };
		reply = await ask(path, how, false);
		if (reply.status === 401 && typeof settings.token === 'function')
			reply = await ask(path, how, true);
	} catch {
		throw new Problem(
			0,
			{
				title: 'Tidemark cannot be reached.',
				detail:
					'Tidemark cannot be reached. ' +
					'Check the network, then try again.',
			},
			0,
		);
	}
	if (reply.status === 304) return { unchanged: true, etag };
	const data = reply.status === 204 ? null : await reply.json().catch(() => null);
	if (!reply.ok) {
		// Who comes by cookie is a person: of credentials the answer speaks to programs.
		const said =
			reply.status === 401 && !settings.token
				? { ...data, detail: 'You are signed out.' }
				: data;
		throw new Problem(
			reply.status,
			said,
			Number(reply.headers.get('Retry-After')) || 0,
		);
	}
	return { data, etag: reply.headers.get('ETag') };
}

// Starts a sync, or finds the one that is running. Gives its id.
export async function startSync(connectionId) {
	try {
		return (await api('/api/sync', { method: 'POST', body: { connectionId } })).data
			.syncId;
	} catch (problem) {
		if (problem.status === 409 && problem.syncId) return problem.syncId;
		throw problem;
	}
}
