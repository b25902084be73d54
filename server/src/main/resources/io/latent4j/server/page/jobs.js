import { get, post, remove } from './api.js';
import { written } from './exact.js';

/** Jobs of the server. */

/** Hands a job in. @param {any} spec */
export function submit(spec) {
  return post('/api/jobs', written(spec));
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
