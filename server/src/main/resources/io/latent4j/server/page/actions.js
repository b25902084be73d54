import { button, make } from './dom.js';
import { address } from './pictures.js';

/** What can be done with an image, as buttons. */

/** @typedef {import('./describe.js').Item} Item */

/**
 * @param {Item} item
 * @param {{
 *   use: (item: Item) => void,
 *   startFrom: (item: Item) => void,
 *   picks: import('./picks.js').Picks,
 * }} does
 * @param {() => void} [close] what the buttons are in
 */
export function actions(item, does, close = () => {}) {
  const download = make(
    'a',
    { className: 'button', download: `latent4j-${item.image.seed}.png`, href: item.image.url },
    'Download',
  );
  address(item.image.url).then((url) => {
    download.href = url;
  }, () => {});
  const pick = button('Compare', () => {
    does.picks.toggle(item);
    pick.setAttribute('aria-pressed', String(does.picks.has(item)));
    if (does.picks.has(item)) {
      close();
    }
  }, { 'aria-pressed': String(does.picks.has(item)) });
  return [
    button('Use these settings', () => {
      close();
      does.use(item);
    }),
    button('Start from it', () => {
      close();
      does.startFrom(item);
    }),
    pick,
    download,
  ];
}
