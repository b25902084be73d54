import { byId, make } from './dom.js';
import { fileChoice } from './file-choice.js';
import { adder, badge, entry, strengthField } from './named-parts.js';
import { SentImage } from './sent-image.js';

/** The part of the form with ControlNet inputs: a network, the image that steers, and how strongly. */

const RANGE = { min: 0, max: 2, least: 0, most: 10, step: 0.05 };

/** @typedef {{name: string, scale: number, rest: any, image: SentImage|null}} Use */

export class Controls {
  #names = /** @type {string[]} */ ([]);
  #uses = /** @type {Use[]} */ ([]);

  /** @param {string[]} names that the server has */
  start(names) {
    this.#names = names;
    byId('controls-group').hidden = names.length === 0;
    this.#draw();
  }

  async read() {
    if (this.#uses.length === 0) {
      return {};
    }
    const controls = [];
    for (const use of this.#uses) {
      if (use.image === null) {
        throw new Error(`The ControlNet ${use.name} has no image; choose one, or remove it.`);
      }
      controls.push({ ...use.rest, name: use.name, image: await use.image.id(), scale: use.scale });
    }
    return { controls };
  }

  /** @param {any} spec */
  async write(spec) {
    this.#uses.forEach((use) => use.image?.close());
    this.#uses = [];
    for (const { name, image, scale, ...rest } of spec.controls ?? []) {
      this.#uses.push({ name, scale, rest, image: await SentImage.at(`/api/uploads/${image}`) });
    }
    byId('controls-group').hidden = this.#names.length === 0 && this.#uses.length === 0;
    byId('controls-group').open ||= this.#uses.length > 0;
    this.#draw();
  }

  #draw() {
    badge('controls-badge', this.#uses.length);
    byId('controls').replaceChildren(
      ...this.#uses.map((use) => this.#entry(use)),
      adder(this.#names, 'Network', 'This server has no control networks.', (name) => {
        this.#uses.push({ name, scale: 1, rest: {}, image: null });
        this.#draw();
      }),
    );
  }

  /** @param {Use} use */
  #entry(use) {
    const { image } = use;
    const thumb = image === null ? [] : [make('div', { className: 'thumb' }, make('img', { src: image.url, alt: `The image for ${use.name}` }))];
    const error = make('p', { className: 'error', role: 'alert', hidden: true });
    const choose = fileChoice(image === null ? 'Choose an image' : 'Another image', async (file) => {
      try {
        const chosen = await SentImage.of(file);
        use.image?.close();
        use.image = chosen;
        this.#draw();
      } catch (e) {
        error.textContent = /** @type {Error} */ (e).message;
        error.hidden = false;
      }
    });
    return entry(
      use.name,
      () => {
        use.image?.close();
        this.#uses = this.#uses.filter((other) => other !== use);
        this.#draw();
      },
      make('div', { className: 'thumb-row' }, ...thumb, make('div', { className: 'thumb-actions' }, choose)),
      error,
      strengthField('Strength', { ...RANGE, value: use.scale }, (value) => {
        use.scale = value;
      }),
    );
  }
}
