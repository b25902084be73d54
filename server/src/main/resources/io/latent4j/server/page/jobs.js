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

/** @param {Record<string, string>} query @returns {Promise<any[]>} the newest first */
export async function list(query) {
  return (await get(`/api/jobs?${new URLSearchParams(query)}`)).jobs;
}
