import { byId, make } from './dom.js';
import { list } from './jobs.js';
import { show } from './pictures.js';

/** All finished images, the newest first, a page at a time; a search; arrow keys from image to image. */

const PAGE = 60;
const LATELY = 20; // jobs
const PAUSE = 250; // milliseconds without a letter before a search

/** @typedef {import('./describe.js').Item} Item */

export class Gallery {
  #items = /** @type {Item[]} */ ([]);
  #oldest = 0;
  #search = '';
  #timer = 0;
  #reading = 0;
  #open;
  #picks;

  /**
   * @param {(index: number) => void} open
   * @param {import('./picks.js').Picks} picks images that are picked
   */
  constructor(open, picks) {
    this.#open = open;
    this.#picks = picks;
    byId('more').addEventListener('click', () => this.#more(true));
    byId('tiles').addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.#key(event));
    byId('search').addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#searched(), PAUSE);
    });
    picks.onChange(() => this.#markPicks());
  }

  /** What is shown, the newest first. */
  get items() {
    return this.#items;
  }

  /** Shows it from the newest. */
  async refresh() {
    this.#items = [];
    this.#oldest = 0;
    byId('tiles').replaceChildren();
    await this.#more(false);
  }

  /** A job has ended. @param {any} job */
  add(job) {
    const text = this.#search.toLowerCase();
    if (!(job.spec.prompt ?? '').toLowerCase().includes(text)) {
      return;
    }
    const fresh = this.#fresh([job]);
    this.#items.unshift(...fresh);
    byId('tiles').prepend(...fresh.map((item) => this.#tile(item)));
    this.#settle();
  }

  /** The images of jobs that are not shown yet. @param {any[]} jobs @returns {Item[]} */
  #fresh(jobs) {
    const known = new Set(this.#items.map(key));
    return jobs.flatMap(itemsOf).filter((item) => !known.has(key(item)));
  }

  /** Adds what ended lately, of others too. */
  async freshen() {
    const { jobs } = await list({ state: 'done,cancelled,failed', limit: String(LATELY) });
    jobs.reverse().forEach((/** @type {any} */ job) => this.add(job));
  }

  /** Takes out the images of a job. @param {string} id */
  drop(id) {
    this.#items = this.#items.filter((item) => item.job.id !== id);
    byId('tiles').querySelectorAll('.tile').forEach((/** @type {HTMLElement} */ tile) => {
      if (tile.dataset.job === id) {
        tile.remove();
      }
    });
    this.#settle();
  }

  #searched() {
    const text = byId('search').value.trim();
    if (text !== this.#search) {
      this.#search = text;
      this.refresh();
    }
  }

  async #more(/** @type {boolean} */ focus) {
    const reading = ++this.#reading;
    const before = this.#items.length;
    let next;
    do {
      /** @type {Record<string, string>} */
      const query = { state: 'done,cancelled,failed', limit: String(PAGE) };
      if (this.#search !== '') {
        query.text = this.#search;
      }
      if (this.#oldest > 0) {
        query.before = String(this.#oldest);
      }
      const page = await list(query);
      if (reading !== this.#reading) {
        return; // another search has begun
      }
      const fresh = this.#fresh(page.jobs); // a job may have ended, and be shown, meanwhile
      this.#items.push(...fresh);
      byId('tiles').append(...fresh.map((item) => this.#tile(item)));
      next = page.next;
      this.#oldest = next ?? this.#oldest;
    } while (next !== undefined && this.#items.length === before);
    byId('more').hidden = next === undefined;
    this.#settle();
    if (focus) {
      this.#buttons()[before]?.focus();
    }
  }

  /** @param {Item} item */
  #tile(item) {
    const { job, image } = item;
    const picture = make('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: false });
    show(picture, image.url);
    const prompt = job.spec.prompt || 'Image without a prompt';
    const open = make('button', {
      type: 'button',
      className: 'tile-open',
      tabIndex: -1,
      'aria-label': `${prompt}, seed ${image.seed}`,
      title: prompt,
      click: () => this.#open(this.#items.indexOf(item)),
      focus: () => this.#rove(open),
    }, picture);
    const pick = make('button', {
      type: 'button',
      className: 'tile-pick',
      tabIndex: -1,
      'aria-label': 'Pick',
      title: 'Pick, to compare, save or delete (C)',
      'aria-pressed': String(this.#picks.has(item)),
      click: () => this.#picks.toggle(item),
    }, '✓');
    const tile = make('li', { className: 'tile' }, open, pick);
    tile.dataset.job = job.id;
    tile.dataset.image = key(item);
    return tile;
  }

  #buttons() {
    return /** @type {HTMLElement[]} */ ([...byId('tiles').querySelectorAll('.tile-open')]);
  }

  /** One image is in the order of the tab key, the arrows reach the others. @param {HTMLElement} [chosen] */
  #rove(chosen) {
    const buttons = this.#buttons();
    const one = chosen ?? buttons.find((button) => button.tabIndex === 0) ?? buttons[0];
    buttons.forEach((button) => {
      button.tabIndex = button === one ? 0 : -1;
    });
  }

  #settle() {
    this.#rove();
    const empty = byId('gallery-empty');
    empty.hidden = this.#items.length > 0;
    empty.textContent = this.#search === ''
      ? 'Your images will be here.'
      : `No prompt has “${this.#search}” in it.`;
  }

  #markPicks() {
    byId('tiles').querySelectorAll('.tile').forEach((/** @type {HTMLElement} */ tile, /** @type {number} */ i) => {
      tile.querySelector('.tile-pick')?.setAttribute('aria-pressed', String(this.#picks.has(this.#items[i])));
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const buttons = this.#buttons();
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const top = buttons[0].offsetTop;
    const columns = buttons.filter((button) => button.offsetTop === top).length;
    const to = {
      ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns, Home: 0, End: buttons.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      buttons[Math.min(buttons.length - 1, Math.max(0, to))].focus();
    } else if (event.key === 'c') {
      this.#picks.toggle(this.#items[at]);
    } else if (event.key === 'Delete') {
      if (!this.#picks.has(this.#items[at])) {
        this.#picks.toggle(this.#items[at]);
      }
      this.#picks.askToDelete();
    }
  }
}

/** Tells images apart. @param {Item} item */
function key({ job, image }) {
  return `${job.id} ${image.index}`;
}

/** @param {any} job @returns {Item[]} */
function itemsOf(job) {
  return job.images.map((/** @type {any} */ image) => ({ job, image }));
}
