import { get, post, remove } from './api.js';

/** Jobs of the server. */

/**
 * Hands a job in.
 * @param {any} spec
 * @param {string} seed a whole number of up to 64 bits, which no number of JavaScript holds; random if empty
 */
export function submit(spec, seed) {
  const text = JSON.stringify(spec);
  return post('/api/jobs', seed === '' ? text : `${text.slice(0, -1)},"seed":${BigInt(seed)}}`);
}

/** @param {string} id */
export function job(id) {
  return get(`/api/jobs/${id}`);
}

/** @param {string} id */
export function cancel(id) {
  return post(`/api/jobs/${id}/cancel`);
}

/** Forgets a job that has ended, with its images. @param {string} id */
export function forget(id) {
  return remove(`/api/jobs/${id}`);
}

/**
 * The newest first; `next` is there if there may be others, and what they are before.
 * @param {Record<string, string>} query @returns {Promise<{ jobs: any[], next?: number }>}
 */
export function list(query) {
  return get(`/api/jobs?${new URLSearchParams(query)}`);
}
