import { byId, button, field, make } from './dom.js';
import { fileChoice } from './file-choice.js';
import { paintMask } from './mask-dialog.js';
import { SentImage } from './sent-image.js';

/** The part of the form with the image to start from, and the mask that says which part of it is repainted. */

const STRENGTH = 0.8;
const REPAINTING_STRENGTH = 1;
const BLUR = 4;
const PADDING = 32;

export class Source {
  #image = /** @type {SentImage|null} */ (null);
  #mask = /** @type {SentImage|null} */ (null);
  #strength = STRENGTH;
  #strengthIsOurs = true;
  #blur = BLUR;
  #onlyMasked = false;
  #padding = PADDING;
  #rest = {};
  #sized;

  /** @param {(image: SentImage) => void} sized an image came whose size the result may have */
  constructor(sized) {
    this.#sized = sized;
    this.#draw();
  }

  /** Starts from an image. @param {Blob} blob */
  async start(blob) {
    const image = await SentImage.of(blob);
    this.clear();
    this.#image = image;
    this.#draw();
    this.#sized(image);
    byId('source-group').open = true;
  }

  clear() {
    this.#image?.close();
    this.#mask?.close();
    this.#image = null;
    this.#mask = null;
    this.#rest = {};
    this.#strength = STRENGTH;
    this.#strengthIsOurs = true;
    this.#draw();
  }

  /** Whether there is an image to start from. */
  get on() {
    return this.#image !== null;
  }

  async read() {
    if (this.#image === null) {
      return {};
    }
    /** @type {any} */
    const source = { ...this.#rest, image: await this.#image.id(), strength: this.#strength };
    if (this.#mask !== null) {
      source.mask = { image: await this.#mask.id(), blur: this.#blur };
      if (this.#onlyMasked) {
        source.mask.padding = this.#padding;
      }
    }
    return { source };
  }

  /** @param {any} spec */
  async write(spec) {
    this.clear();
    const { source } = spec;
    if (!source) {
      return;
    }
    const { image, strength, mask, ...rest } = source;
    this.#image = await SentImage.at(`/api/uploads/${image}`);
    this.#mask = mask ? await SentImage.at(`/api/uploads/${mask.image}`) : null;
    this.#rest = rest;
    this.#strength = strength ?? (mask ? REPAINTING_STRENGTH : STRENGTH);
    this.#strengthIsOurs = strength === undefined;
    this.#blur = mask?.blur ?? BLUR;
    this.#onlyMasked = mask?.padding !== undefined;
    this.#padding = mask?.padding ?? PADDING;
    byId('source-group').open = true;
    this.#draw();
  }

  async #paint() {
    if (this.#image === null) {
      return;
    }
    const painted = await paintMask(this.#image, this.#mask);
    if (painted !== undefined) {
      await this.#setMask(painted);
    }
  }

  /** @param {Blob|null} blob */
  async #setMask(blob) {
    this.#mask?.close();
    this.#mask = blob === null ? null : await SentImage.of(blob);
    if (this.#strengthIsOurs) {
      this.#strength = this.#mask === null ? STRENGTH : REPAINTING_STRENGTH;
    }
    this.#draw();
    byId('source-paint').focus();
  }

  #draw() {
    byId('source').dispatchEvent(new Event('change', { bubbles: true })); // for the parts that go with no image
    byId('source-badge').hidden = this.#image === null;
    byId('source-badge').textContent = this.#mask === null ? 'on' : 'with a mask';
    byId('source').replaceChildren(...(this.#image === null ? [this.#empty()] : this.#full(this.#image)));
  }

  #empty() {
    return make(
      'div',
      { className: 'drop-here' },
      make('p', {}, 'Drop or paste an image anywhere, or'),
      fileChoice('Choose a file', (file) => this.#choose(file), { id: 'source-choose' }),
      make('p', { className: 'error', id: 'source-error', role: 'alert', hidden: true }),
    );
  }

  async #choose(/** @type {File} */ file) {
    try {
      await this.start(file);
    } catch (error) {
      byId('source-error').textContent = /** @type {Error} */ (error).message;
      byId('source-error').hidden = false;
    }
  }

  /** @param {SentImage} image */
  #full(image) {
    const pictures = [make('img', { src: image.url, alt: 'The image to start from' })];
    if (this.#mask !== null) {
      pictures.push(make('img', { src: this.#mask.url, alt: 'The part that is repainted', className: 'mask' }));
    }
    const actions = [
      button(this.#mask === null ? 'Paint a mask' : 'Edit the mask', () => this.#paint(), { id: 'source-paint' }),
      button('Remove', () => this.clear(), { className: 'danger' }),
    ];
    if (this.#mask !== null) {
      actions.splice(1, 0, button('Remove the mask', () => this.#setMask(null)));
    }
    const head = make(
      'div',
      { className: 'thumb-row' },
      make('div', { className: 'thumb' }, ...pictures),
      make('div', { className: 'thumb-actions' }, ...actions),
    );
    const parts = [head, this.#strengthField()];
    if (this.#mask !== null) {
      parts.push(...this.#maskFields());
    }
    return parts;
  }

  #strengthField() {
    const number = make('input', {
      type: 'number', id: 'strength', min: '0.01', max: '1', step: 'any', inputmode: 'decimal', value: String(this.#strength),
    });
    const slider = make('input', {
      type: 'range', min: '0.05', max: '1', step: '0.05', value: String(this.#strength), 'aria-label': 'Strength',
    });
    const set = (/** @type {string} */ value) => {
      if (Number(value) > 0 && Number(value) <= 1) {
        this.#strength = Number(value);
        this.#strengthIsOurs = false;
      }
    };
    number.addEventListener('input', () => {
      slider.value = number.value;
      set(number.value);
    });
    slider.addEventListener('input', () => {
      number.value = slider.value;
      set(slider.value);
    });
    const place = field('Strength', number, 'field slider');
    place.append(slider, make('p', { className: 'hint wide' }, 'Low keeps the image, 1 keeps hardly more than its colours.'));
    return place;
  }

  #maskFields() {
    const blur = make('input', {
      type: 'number', id: 'mask-blur', min: '0', max: '256', step: '1', inputmode: 'numeric', value: String(this.#blur),
      input: () => {
        this.#blur = Math.min(256, Math.max(0, Math.round(Number(blur.value))));
      },
    });
    const only = make('input', {
      type: 'checkbox', id: 'only-masked', checked: this.#onlyMasked,
      change: () => {
        this.#onlyMasked = only.checked;
      },
    });
    return [
      field('Soft edge of the mask, in pixels', blur),
      make('div', { className: 'check' }, only, make('label', { htmlFor: 'only-masked' }, 'Work on the masked part alone, enlarged')),
    ];
  }
}
