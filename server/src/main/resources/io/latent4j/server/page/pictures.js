import { send } from './api.js';
import { key } from './key.js';

/** Images of the server in elements: by their address, or fetched with the key where one is needed. */

const MOST_KEPT = 400;

/** @type {Map<string, Promise<string>>} */
const fetched = new Map();

const whenSeen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      whenSeen.unobserve(entry.target);
      const image = /** @type {HTMLImageElement} */ (entry.target);
      address(image.dataset.path ?? '').then((url) => {
        image.src = url;
      }, () => image.classList.add('broken'));
    }
  }
});

/** @param {string} path @returns {Promise<string>} */
export function address(path) {
  if (!key()) {
    return Promise.resolve(path);
  }
  let known = fetched.get(path);
  if (!known) {
    known = bytes(path).then((blob) => URL.createObjectURL(blob));
    known.catch(() => fetched.delete(path));
    fetched.set(path, known);
    forgetOldest();
  }
  return known;
}

function forgetOldest() {
  if (fetched.size > MOST_KEPT) {
    const [path, url] = /** @type {[string, Promise<string>]} */ (fetched.entries().next().value);
    fetched.delete(path);
    url.then((u) => URL.revokeObjectURL(u), () => {});
  }
}

/** @param {string} path @returns {Promise<Blob>} */
export async function bytes(path) {
  return (await send(path)).blob();
}

/**
 * Shows an image of the server in an element, when it comes into view.
 * @param {HTMLImageElement} element
 * @param {string} path
 */
export function show(element, path) {
  if (!key()) {
    element.src = path;
    return;
  }
  element.dataset.path = path;
  whenSeen.observe(element);
}
