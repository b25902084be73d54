/** How numbers are told. */

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) {
    return `${Math.max(0.1, seconds).toFixed(1)}\u00a0s`;
  }
  if (seconds < 90) {
    return `${Math.round(seconds)}\u00a0s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes}\u00a0min` : `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}

/** How long a job took. @param {any} job */
export function took(job) {
  return job.started && job.ended ? duration((Date.parse(job.ended) - Date.parse(job.started)) / 1000) : '';
}

/** @param {number} count @param {string} one @param {string} [more] */
export function counted(count, one, more = `${one}s`) {
  return `${count} ${count === 1 ? one : more}`;
}

/** How far a run is. @param {{step: number, steps: number, seconds_left: number}} run */
export function progress({ step, steps, seconds_left: left }) {
  return `Step ${step} of ${steps}${step > 0 && step < steps ? ` · about ${duration(left)} left` : ''}`;
}

/** What a model is called here. @param {string} name */
export function modelTitle(name) {
  return name === 'embedded' ? 'Shapes (built in)' : name;
}

/** @param {string} time */
export function moment(time) {
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
