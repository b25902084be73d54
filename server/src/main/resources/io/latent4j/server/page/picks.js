import { announce } from './announce.js';
import { byId } from './dom.js';
import { download } from './download.js';
import { counted } from './words.js';

/** The images that were picked: two are compared, any number is saved or deleted. */

/** @typedef {import('./describe.js').Item} Item */

export class Picks {
  #items = /** @type {Item[]} */ ([]);
  #listeners = /** @type {(() => void)[]} */ ([]);

  /**
   * @param {(one: Item, other: Item) => void} compare
   * @param {(item: Item) => Promise<void>} remove forgets the job of an image
   */
  constructor(compare, remove) {
    byId('pick-compare').addEventListener('click', () => compare(this.#items[0], this.#items[1]));
    byId('pick-save').addEventListener('click', () => this.#save());
    byId('pick-delete').addEventListener('click', () => this.askToDelete());
    byId('pick-sure').addEventListener('click', () => this.#delete(remove));
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

  /** Picks an image, or picks it no more. @param {Item} item */
  toggle(item) {
    this.#set(this.has(item) ? this.#items.filter((one) => !isSame(one, item)) : [...this.#items, item]);
  }

  /** Images of a job are gone. @param {string} id */
  drop(id) {
    this.#set(this.#items.filter((item) => item.job.id !== id));
  }

  /** Asks whether to delete what is picked. */
  askToDelete() {
    byId('pick-delete').hidden = true;
    byId('pick-sure').hidden = false;
    byId('pick-sure').focus();
  }

  #save() {
    for (const item of this.#items) {
      download(item).click();
    }
  }

  /** @param {(item: Item) => Promise<void>} remove */
  async #delete(remove) {
    const jobs = new Map(this.#items.map((item) => [item.job.id, item]));
    for (const item of jobs.values()) {
      await remove(item);
    }
  }

  #set(/** @type {Item[]} */ items) {
    this.#items = items;
    byId('pick-bar').hidden = items.length === 0;
    byId('pick-compare').disabled = items.length !== 2;
    byId('pick-delete').hidden = false;
    byId('pick-sure').hidden = true;
    const jobs = new Map(items.map(({ job }) => [job.id, job.images.length]));
    const gone = [...jobs.values()].reduce((sum, images) => sum + images, 0);
    byId('pick-sure').textContent = gone > items.length
      ? `Delete all ${gone} images of ${counted(jobs.size, 'job')}?`
      : `Really delete ${counted(gone, 'image')}?`;
    const word = `${counted(items.length, 'image')} picked${items.length === 1 ? '; pick another to compare.' : '.'}`;
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
