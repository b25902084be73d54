import { byId } from './dom.js';

/** Tells those who hear the page. The same text again is told again. */
export function announce(/** @type {string} */ text) {
  const announcer = byId('announcer');
  announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text;
}
