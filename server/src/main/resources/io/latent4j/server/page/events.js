import { ApiError, send } from './api.js';
import { read } from './exact.js';

/**
 * A job's events until its end, by fetch: unlike EventSource it sends the key.
 * @param {string} id of the job
 * @param {AbortSignal} signal ends it
 * @returns {AsyncGenerator<{name: string, data: any}>}
 */
export async function* events(id, signal) {
  const response = await send(`/api/jobs/${id}/events`, { signal });
  if (!response.body) {
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(broken);
      if (done) {
        return;
      }
      text += value;
      const whole = text.split('\n\n');
      text = whole.pop() ?? '';
      for (const block of whole) {
        const event = parsed(block);
        if (event) {
          yield event;
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever reads no more is gone
  }
}

/** @returns {never} */
function broken() {
  throw new ApiError(0, 'unreachable', 'The connection broke.');
}

/** @param {string} block */
function parsed(block) {
  let name = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) {
      name = line.slice('event: '.length);
    } else if (line.startsWith('data: ')) {
      data += line.slice('data: '.length);
    }
  }
  return name ? { name, data: read(data) } : null; // others are comments
}
