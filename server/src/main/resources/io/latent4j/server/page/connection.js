import { byId } from './dom.js';

/** Says at the top of the page that the server does not answer, until it does. */

let lost = false;

export function isLost() {
  return lost;
}

export function lose() {
  lost = true;
  byId('banner').textContent = 'The server does not answer. The page tries again, and goes on when it is back.';
  byId('banner').hidden = false;
}

export function regain() {
  if (lost) {
    lost = false;
    byId('banner').hidden = true;
  }
}
