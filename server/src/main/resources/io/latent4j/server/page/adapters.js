import { byId, make } from './dom.js';
import { adder, badge, entry, strengthField } from './named-parts.js';

/** The part of the form with adapters and their strengths. */

const RANGE = { min: -1, max: 2, least: -100, most: 100, step: 0.05 };

export class Adapters {
  keeps = true;
  #names = /** @type {string[]} */ ([]);
  #uses = /** @type {any[]} */ ([]);

  /** @param {string[]} names that the server has */
  start(names) {
    this.#names = names;
    byId('adapters-group').hidden = names.length === 0;
    this.#draw();
  }

  read() {
    return this.#uses.length === 0 ? {} : { adapters: this.#uses };
  }

  /** @param {any} spec */
  write(spec) {
    this.#uses = (spec.adapters ?? []).map((/** @type {any} */ use) => ({ ...use }));
    byId('adapters-group').hidden = this.#names.length === 0 && this.#uses.length === 0;
    byId('adapters-group').open ||= this.#uses.length > 0;
    this.#draw();
  }

  #add(/** @type {string} */ name) {
    if (!this.#uses.some((use) => use.name === name)) {
      this.#uses.push({ name, strength: 1 });
      this.#draw();
    }
  }

  #draw() {
    badge('adapters-badge', this.#uses.length);
    byId('adapters').replaceChildren(
      ...this.#uses.map((use) => entry(
        use.name,
        () => {
          this.#uses = this.#uses.filter((other) => other !== use);
          this.#draw();
        },
        strengthField('Strength', { ...RANGE, value: use.strength }, (value) => {
          if (use.text_strength === use.strength) {
            use.text_strength = value;
          }
          use.strength = value;
        }),
        ...(this.#names.includes(use.name) ? [] : [make('p', { className: 'error' }, 'This server has no such adapter.')]),
      )),
      adder(this.#names, 'Adapter', 'This server has no adapters.', (name) => this.#add(name)),
    );
  }
}
