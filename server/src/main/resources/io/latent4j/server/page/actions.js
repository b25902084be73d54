import { button } from './dom.js';
import { download } from './download.js';

/** What can be done with an image, as buttons. */

/** @typedef {import('./describe.js').Item} Item */

/**
 * @param {Item} item
 * @param {{
 *   use: (item: Item) => void,
 *   vary: (item: Item) => void,
 *   enlarge: (item: Item) => void,
 *   startFrom: (item: Item) => void,
 *   picks: import('./picks.js').Picks,
 * }} does
 * @param {() => void} [close] what the buttons are in
 */
export function actions(item, does, close = () => {}) {
  const pick = button('Pick', () => {
    does.picks.toggle(item);
    pick.setAttribute('aria-pressed', String(does.picks.has(item)));
    if (does.picks.has(item)) {
      close();
    }
  }, { 'aria-pressed': String(does.picks.has(item)), title: 'To compare, save or delete several' });
  const closing = (/** @type {string} */ text, /** @type {(item: Item) => void} */ act, title = '') => button(text, () => {
    close();
    act(item);
  }, { title });
  return [
    closing('Use these settings', does.use, 'Takes over all settings, the seed too'),
    closing('More like it', does.vary, 'Four variations, near the same seed'),
    ...(canGrow(item) ? [closing('Enlarge', does.enlarge, 'The same image, with an upscaling run')] : []),
    closing('Start from it', does.startFrom, 'Makes a new image of this one'),
    pick,
    download(item),
  ];
}

/** Whether a second run at a larger size goes with the job. @param {Item} item */
function canGrow({ job: { spec } }) {
  return !spec.source && !spec.refiner && !spec.upscale && JSON.stringify(spec.range ?? [0, 1]) === '[0,1]';
}
