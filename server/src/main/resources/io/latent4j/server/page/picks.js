import { announce } from './announce.js';
import { byId } from './dom.js';

/** The one or two images that were picked to be compared. */

/** @typedef {import('./describe.js').Item} Item */

export class Picks {
  #items = /** @type {Item[]} */ ([]);
  #listeners = /** @type {(() => void)[]} */ ([]);

  /** @param {(one: Item, other: Item) => void} compare */
  constructor(compare) {
    byId('pick-compare').addEventListener('click', () => compare(this.#items[0], this.#items[1]));
    byId('pick-clear').addEventListener('click', () => this.#set([]));
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** @param {Item} item */
  has(item) {
    return this.#items.some((one) => isSame(one, item));
  }

  /** Picks an image, or picks it no more; a third takes the place of the second. @param {Item} item */
  toggle(item) {
    this.#set(this.has(item)
      ? this.#items.filter((one) => !isSame(one, item))
      : [...this.#items.slice(0, 1), item]);
  }

  /** Images of a job are gone. @param {string} id */
  drop(id) {
    this.#set(this.#items.filter((item) => item.job.id !== id));
  }

  #set(/** @type {Item[]} */ items) {
    this.#items = items;
    byId('pick-bar').hidden = items.length === 0;
    byId('pick-compare').disabled = items.length < 2;
    const word = items.length === 1 ? 'One image picked; pick another.' : 'Two images picked.';
    byId('pick-word').textContent = word;
    if (items.length > 0) {
      announce(word);
    }
    this.#listeners.forEach((listener) => listener());
  }
}

/** @param {Item} one @param {Item} other */
function isSame(one, other) {
  return one.job.id === other.job.id && one.image.index === other.image.index;
}
