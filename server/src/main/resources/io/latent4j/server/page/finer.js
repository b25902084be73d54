import { badge } from './named-parts.js';
import { byId } from './dom.js';

/** The part of the form with settings that are seldom changed. What is as usual is left out of the job. */

/** Number fields, the keys of a job that they stand for, and what is usual. @type {[string, string[], number|undefined][]} */
const NUMBERS = [
  ['clip-skip', ['clip_skip'], 1],
  ['batch-size', ['batch_size'], 1],
  ['eta', ['eta'], undefined],
  ['rescale', ['guidance', 'rescale'], 0],
  ['guidance-start', ['guidance', 'start'], 0],
  ['guidance-end', ['guidance', 'end'], 1],
  ['perturbed', ['guidance', 'perturbed', 'scale'], 0],
];

export class Finer {
  keeps = true;
  #layers = /** @type {string[]|undefined} */ (undefined);

  read() {
    /** @type {any} */
    const spec = {};
    for (const [id, keys, usual] of NUMBERS) {
      const { value } = byId(id);
      if (value !== '' && Number(value) !== usual) {
        put(spec, keys, Number(value));
      }
    }
    if (spec.guidance?.perturbed && this.#layers) {
      spec.guidance.perturbed.layers = this.#layers;
    }
    if (byId('plus-plus').checked) {
      put(spec, ['guidance', 'plus_plus'], true);
    }
    if (byId('plain').checked) {
      spec.prompt_syntax = 'plain';
    }
    const strength = Number(byId('variation-strength').value);
    if (strength > 0) {
      spec.variation = { seed: byId('variation-seed').value.trim() || '0', strength };
    }
    return spec;
  }

  /** @param {any} spec */
  write(spec) {
    for (const [id, keys, usual] of NUMBERS) {
      const value = keys.reduce((/** @type {any} */ part, key) => part?.[key], spec);
      byId(id).value = value === undefined || value === usual ? '' : value;
    }
    this.#layers = spec.guidance?.perturbed?.layers;
    byId('plus-plus').checked = spec.guidance?.plus_plus === true;
    byId('plain').checked = spec.prompt_syntax === 'plain';
    byId('variation-seed').value = spec.variation?.seed ?? '';
    byId('variation-strength').value = spec.variation?.strength ?? '';
    byId('finer-group').open ||= this.#count() > 0;
  }

  #count() {
    const { guidance = {}, ...others } = this.read();
    return Object.keys(guidance).length + Object.keys(others).length;
  }

  /** Something was changed in the form. */
  changed() {
    badge('finer-badge', this.#count());
  }
}

/** @param {any} target @param {string[]} keys that lead to the place @param {any} value */
function put(target, keys, value) {
  const [first, ...rest] = keys;
  if (rest.length === 0) {
    target[first] = value;
  } else {
    target[first] ??= {};
    put(target[first], rest, value);
  }
}
