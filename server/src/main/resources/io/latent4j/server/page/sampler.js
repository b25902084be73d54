import { byId } from './dom.js';

/** The fields of the sampling method and of the noise schedule that may follow its name, as in “DPM++ 2M Karras”. */

/** @typedef {{name: string, title: string}} Named */

const SPACED = ' karras'; // methods that are listed with this one have all

export class Sampler {
  #methods = /** @type {Named[]} */ ([]);
  #spacings = /** @type {Named[]} */ ([]);
  #spaced = /** @type {Set<string>} */ (new Set());

  /** @param {{schedulers: Named[], spacings: Named[]}} listed */
  start({ schedulers, spacings }) {
    this.#spaced = new Set(
      schedulers.map(({ name }) => name).filter((name) => name.endsWith(SPACED)).map((name) => name.slice(0, -SPACED.length)),
    );
    this.#methods = schedulers.filter(({ name }) => !name.endsWith(SPACED));
    this.#spacings = spacings;
    byId('scheduler').replaceChildren(new Option('The model’s own', ''), ...this.#methods.map(option));
    byId('spacing').replaceChildren(new Option('The sampler’s own', ''), ...spacings.map(option));
  }

  /** What the model's own is called; empty if it has no name. */
  set own(/** @type {string} */ title) {
    byId('scheduler').options[0].text = title ? `The model’s own (${title})` : 'The model’s own';
  }

  /** The name for a job; empty for the model's own. */
  get name() {
    const spacing = byId('spacing').disabled ? '' : byId('spacing').value;
    return [byId('scheduler').value, spacing].filter((part) => part !== '').join(' ');
  }

  /** Shows a method by its name or title. */
  set name(/** @type {string} */ name) {
    const [method, spacing] = this.#parts(name);
    const select = byId('scheduler');
    if (![...select.options].some((each) => each.value === method)) {
      select.append(new Option(method, method));
    }
    select.value = method;
    byId('spacing').value = spacing;
    this.changed();
  }

  /** @param {string} name @returns {[string, string]} of the method and the spacing */
  #parts(name) {
    const same = (/** @type {Named} */ one, /** @type {string} */ text) =>
      [one.name, one.title].some((each) => each.toLowerCase() === text.toLowerCase());
    for (const spacing of [{ name: '', title: '' }, ...this.#spacings]) {
      const end = [spacing.name, spacing.title].find((each) => each !== '' && name.toLowerCase().endsWith(` ${each.toLowerCase()}`));
      if (spacing.name === '' || end) {
        const bare = end ? name.slice(0, -end.length - 1) : name;
        const method = this.#methods.find((one) => same(one, bare));
        if (method) {
          return [method.name, spacing.name];
        }
      }
    }
    return [name, ''];
  }

  /** Another method was chosen. */
  changed() {
    byId('spacing').disabled = !this.#spaced.has(byId('scheduler').value);
  }
}

/** @param {Named} named */
function option({ name, title }) {
  return new Option(title, name);
}
