/** How numbers are told. */

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) {
    return `${seconds < 1 ? Math.max(0.1, seconds).toFixed(1) : seconds.toFixed(1)} s`;
  }
  if (seconds < 90) {
    return `${Math.round(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long a job took. @param {any} job */
export function took(job) {
  return job.started && job.ended ? duration((Date.parse(job.ended) - Date.parse(job.started)) / 1000) : '';
}

/** @param {number} count @param {string} one @param {string} [more] */
export function counted(count, one, more = `${one}s`) {
  return `${count} ${count === 1 ? one : more}`;
}

/** @param {string} time */
export function moment(time) {
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
