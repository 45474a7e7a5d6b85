// api.js - requests to Tidemark's interface. Any page can use it: same origin by cookie, or
// configure({ base, token }).
const settings = { base: '', token: '' };

export const configure = (changes) => Object.assign(settings, changes);
// A progress token only reads.
export const mayChange = () => !settings.token.startsWith('tmp_');

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

// { data, etag }, or { unchanged: true } for 304. Throws a Problem; status 0 when Tidemark could
// not be reached.
export async function api(path, { method = 'GET', body, etag, signal } = {}) {
	const headers = { Accept: 'application/json' };
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (settings.token) headers.Authorization = `Bearer ${settings.token}`;
	else if (method !== 'GET') headers['X-CSRF-Token'] = document.body.dataset.csrf ?? '';
	if (etag) headers['If-None-Match'] = etag;
	let reply;
	try {
		reply = await fetch(settings.base + path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
			credentials: 'same-origin',
			cache: 'no-store',
			signal,
		});
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
	if (!reply.ok)
		throw new Problem(
			reply.status,
			data,
			Number(reply.headers.get('Retry-After')) || 0,
		);
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
