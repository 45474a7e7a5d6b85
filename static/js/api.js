// api.js - requests to Tidemark's interface. Throws an Error with .status and .problem for everything but success.
const csrf = () => document.body?.dataset.csrf ?? '';

export async function api(path, { method = 'GET', body, etag, token } = {}) {
	const headers = { Accept: 'application/json' };
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (token) headers.Authorization = `Bearer ${token}`;
	else if (method !== 'GET') headers['X-CSRF-Token'] = csrf();
	if (etag) headers['If-None-Match'] = etag;
	const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
	if (reply.status === 304) return { unchanged: true, etag };
	const data = reply.status === 204 ? null : await reply.json().catch(() => null);
	if (!reply.ok) {
		const error = new Error(data?.detail ?? data?.title ?? 'The server did not answer as expected.');
		throw Object.assign(error, { status: reply.status, problem: data, retryAfter: Number(reply.headers.get('Retry-After')) || 0 });
	}
	return { data, etag: reply.headers.get('ETag') };
}
