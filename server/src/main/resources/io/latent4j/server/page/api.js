import { read } from './exact.js';
import { askForKey, key, keyHeaders } from './key.js';

/** What the server answers when it refuses. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {string} [field]
   */
  constructor(status, code, message, field = '') {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/**
 * Sends a request, with the key where there is one; asks for it where the server wants one.
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} that is a success
 */
export async function send(path, init = {}) {
  for (;;) {
    const sent = key();
    const response = await reach(path, { ...init, headers: { ...init.headers, ...keyHeaders() } });
    if (response.ok) {
      return response;
    }
    if (response.status !== 401) {
      throw await refusal(response);
    }
    await askForKey(sent);
  }
}

/** @param {string} path @param {RequestInit} init */
async function reach(path, init) {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error;
    }
    throw new ApiError(0, 'unreachable', 'The server does not answer.');
  }
}

/** @param {Response} response */
async function refusal(response) {
  try {
    const { error } = await response.json();
    return new ApiError(response.status, error.code, error.message, error.field);
  } catch {
    return new ApiError(response.status, 'unknown', `The server answers ${response.status}.`);
  }
}

/** @param {string} path @returns {Promise<any>} */
export async function get(path) {
  return read(await (await send(path)).text());
}

/** @param {string} path @param {BodyInit} [body] @param {string} [type] @returns {Promise<any>} */
export async function post(path, body, type = 'application/json') {
  return read(await (await send(path, { method: 'POST', body, headers: { 'Content-Type': type } })).text());
}

/** @param {string} path */
export async function remove(path) {
  await send(path, { method: 'DELETE' });
}

/**
 * Sends an image.
 * @param {Blob} image
 * @returns {Promise<string>} the id by which jobs name it
 */
export async function upload(image) {
  return (await post('/api/uploads', image, 'application/octet-stream')).id;
}
