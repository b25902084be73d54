import { byId } from './dom.js';
import { tieSlider } from './number-slider.js';
import { modelTitle } from './words.js';

/** The part of the form for a second model that does the last steps. */

const FROM = '0.8';

export class Refiner {
  keeps = true;
  #models = /** @type {string[]} */ ([]);
  #follow = tieSlider('refiner-from');

  /** @param {string[]} models of the server */
  start(models) {
    this.#models = models;
    byId('refiner-model').replaceChildren(
      new Option('None', ''),
      ...models.map((name) => new Option(modelTitle(name), name)),
    );
    byId('refiner-group').hidden = models.length < 2;
  }

  /** Whether a second model is chosen. */
  get on() {
    return byId('refiner-model').value !== '';
  }

  read() {
    const model = byId('refiner-model').value;
    return model === '' ? {} : { refiner: { model, from: Number(byId('refiner-from').value || FROM) } };
  }

  /** @param {any} spec */
  write({ refiner }) {
    const select = byId('refiner-model');
    const name = refiner?.model ?? '';
    if (name !== '' && !this.#models.includes(name)) {
      select.append(new Option(`${name}, which is not on this server`, name));
    }
    select.value = name;
    byId('refiner-from').value = refiner?.from ?? FROM;
    byId('refiner-group').hidden = this.#models.length < 2 && name === '';
    byId('refiner-group').open ||= name !== '';
  }

  /** Something was changed in the form. */
  changed() {
    this.#follow();
    byId('refiner-badge').hidden = !this.on;
  }
}
