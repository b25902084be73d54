import { ApiError, get } from './api.js';
import { byId } from './dom.js';
import { tieSlider } from './number-slider.js';
import { namesOf, restOf } from './rest-of-spec.js';
import { Sampler } from './sampler.js';
import { startShapes } from './shapes.js';
import { modelTitle } from './words.js';

/** The form of settings: reads what a job is to make, and shows the settings of one. */

const MOST_AREAS = 2.25; // of what the model makes best, for an image that it starts from
const KEPT = 'latent4j.form';
const FACTS = { width: 512, height: 512, multiple: 8, steps: 25, guidance_scale: 7.5, takes_text: true, scheduler: '' };

/** Keys of a job and the fields for them. @type {[string, string][]} */
const FIELDS = [
  ['prompt', 'prompt'], ['negative_prompt', 'negative'], ['width', 'width'], ['height', 'height'], ['steps', 'steps'],
  ['guidance', 'guidance'], ['count', 'count'], ['seed', 'seed'],
];

/**
 * Reads and shows some keys of a job, and may want to know that something was changed. What it reads is kept for the next
 * time if it says so.
 * @typedef {{
 *   read: () => Promise<any>|any,
 *   write: (spec: any) => Promise<void>|void,
 *   changed?: () => void,
 *   keeps?: boolean,
 * }} Part
 */

export class Form {
  #facts = FACTS;
  #rest = {};
  #parts = /** @type {Part[]} */ ([]);
  #shapes;
  #sampler = new Sampler();
  #follow = [tieSlider('steps'), tieSlider('guidance')];
  #kept = keptSpec();
  #started = false;
  #usual = '';
  #touched = /** @type {Set<string>} */ (new Set());
  #filled = /** @type {Record<string, string>} */ ({});

  constructor() {
    this.#shapes = startShapes(() => this.#facts, (size) => this.#setSize(size.width, size.height));
    byId('swap').addEventListener('click', () => this.#setSize(byId('height').value, byId('width').value));
    byId('seed-clear').addEventListener('click', () => {
      byId('seed').value = '';
      this.#keep();
    });
    byId('model').addEventListener('change', () => this.#readFacts());
    byId('form').addEventListener('change', () => this.#changed());
    byId('form').addEventListener('input', (/** @type {Event} */ event) => {
      this.#touched.add(/** @type {HTMLElement} */ (event.target).id);
      this.tell([]); // not at each change, as a field tells its own when it only loses the focus
      this.#changed();
    });
    byId('rest-forget').addEventListener('click', () => this.#showRest({}));
  }

  /**
   * Fills the lists, and the fields as they were left.
   * @param {any} listed what there is on the server
   * @param {string} prompt where nothing was left
   */
  start(listed, prompt) {
    byId('model').replaceChildren(...listed.models.map((/** @type {string} */ name) => new Option(modelTitle(name), name)));
    byId('model-field').hidden = listed.models.length < 2;
    this.#sampler.start(listed);
    const kept = this.#kept ?? { prompt };
    this.#usual = listed.usual;
    byId('model').value = listed.models.includes(kept.model) ? kept.model : listed.usual;
    for (const [key, id] of FIELDS) {
      const value = key === 'guidance' ? kept.guidance?.scale : kept[key];
      if (value !== undefined && !this.#touched.has(id)) {
        byId(id).value = value;
      }
    }
    this.#sampler.name = kept.scheduler ?? '';
    for (const part of this.#parts.filter((each) => each.keeps)) {
      part.write(kept);
    }
    this.#started = true;
    this.#changed();
    return this.#readFacts();
  }

  /** @param {Part} part */
  add(part) {
    this.#parts.push(part);
  }

  /** What the model makes best. */
  get facts() {
    return this.#facts;
  }

  /** Writes the prompts. @param {string} prompt @param {string} negative */
  prompts(prompt, negative) {
    byId('prompt').value = prompt;
    byId('negative').value = negative;
    this.#changed();
  }

  /** Makes all as it is by itself, for the chosen model, and leaves the prompts. */
  reset() {
    return this.use({
      model: byId('model').value, prompt: byId('prompt').value, negative_prompt: byId('negative').value,
    }, '');
  }

  /** The size of an image, as near as the model can make it. @param {number} width @param {number} height */
  fit(width, height) {
    const { multiple } = this.#facts;
    const factor = Math.min(1, Math.sqrt((MOST_AREAS * this.#facts.width * this.#facts.height) / (width * height)));
    const whole = (/** @type {number} */ side) => Math.max(multiple, Math.round((side * factor) / multiple) * multiple);
    this.#setSize(whole(width), whole(height));
  }

  #setSize(/** @type {number|string} */ width, /** @type {number|string} */ height) {
    byId('width').value = width;
    byId('height').value = height;
    this.#changed();
  }

  async #readFacts() {
    const model = byId('model').value;
    try {
      const facts = await get(`/api/defaults?model=${encodeURIComponent(model)}`);
      if (model === byId('model').value) {
        this.#setFacts({ ...FACTS, ...facts });
      }
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0) {
        this.fail(error);
        return;
      }
      throw error;
    }
  }

  /** Fields that still hold the last model's values get this one's. @param {typeof FACTS} facts */
  #setFacts(facts) {
    this.#facts = facts;
    for (const id of ['width', 'height']) {
      byId(id).step = facts.multiple;
      byId(id).min = facts.multiple;
    }
    this.#sampler.own = facts.scheduler;
    const values = { width: facts.width, height: facts.height, steps: facts.steps, guidance: facts.guidance_scale };
    for (const [id, value] of Object.entries(values)) {
      const input = byId(id);
      input.placeholder = value;
      if (input.value === '' || input.value === this.#filled[id]) {
        input.value = value;
      }
      this.#filled[id] = String(value);
    }
    for (const id of ['prompt', 'negative', 'guidance', 'guidance-slider']) {
      byId(id).disabled = !facts.takes_text;
    }
    byId('prompt').placeholder = facts.takes_text ? 'What the image shows' : 'This model takes no text';
    this.#changed();
  }

  #changed() {
    this.#follow.forEach((follow) => follow());
    this.#sampler.changed();
    this.#parts.forEach((part) => part.changed?.());
    this.#shapes.mark(Number(byId('width').value), Number(byId('height').value));
    this.#keep();
  }

  #keep() {
    if (!this.#started) {
      return; // what was left the last time is still to be read
    }
    const spec = this.#own();
    for (const part of this.#parts.filter((each) => each.keeps)) {
      add(spec, part.read());
    }
    localStorage.setItem(KEPT, JSON.stringify(spec));
  }

  /** The job that the form describes. @returns {Promise<any>} */
  async read() {
    this.tell([]);
    const seed = byId('seed').value.trim();
    if (seed !== '' && !/^[0-9]{1,20}$/.test(seed)) {
      throw new ApiError(400, 'invalid_request', `The seed is “${seed}”; expected a whole number, or nothing.`, 'seed');
    }
    /** @type {any} */
    const rest = this.#rest;
    const spec = { ...rest };
    add(spec, this.#own());
    if (rest.timesteps || rest.sigmas) {
      delete spec.steps;
    }
    for (const part of this.#parts) {
      add(spec, await part.read());
    }
    return spec;
  }

  #own() {
    const text = this.#facts.takes_text;
    /** @type {any} */
    const spec = { model: byId('model').value };
    const put = (/** @type {string} */ key, /** @type {any} */ value) => {
      if (value !== '' && !Number.isNaN(value)) {
        spec[key] = value;
      }
    };
    put('prompt', text ? byId('prompt').value : '');
    put('negative_prompt', text ? byId('negative').value : '');
    put('width', number('width'));
    put('height', number('height'));
    put('steps', number('steps'));
    put('scheduler', this.#sampler.name);
    put('count', number('count'));
    put('seed', byId('seed').value.trim());
    if (text && !Number.isNaN(number('guidance'))) {
      spec.guidance = { scale: number('guidance') };
    }
    return spec;
  }

  /**
   * Takes over the settings of a job.
   * @param {any} spec
   * @param {string} seed of the image, exactly
   */
  async use(spec, seed) {
    const model = byId('model');
    const wanted = spec.model ?? this.#usual;
    const known = [...model.options].some((option) => option.value === wanted);
    if (known && wanted !== model.value) {
      model.value = wanted;
      await this.#readFacts();
    }
    const facts = this.#facts;
    this.#show({
      width: facts.width,
      height: facts.height,
      steps: facts.steps,
      guidance: { scale: facts.guidance_scale },
      ...spec,
      seed,
    });
    this.#showRest(restOf(spec));
    for (const part of this.#parts) {
      await part.write(spec);
    }
    this.#changed();
    return known ? [] : [`The model “${wanted}” is not on this server.`];
  }

  #show(/** @type {any} */ spec) {
    byId('prompt').value = spec.prompt ?? '';
    byId('negative').value = spec.negative_prompt ?? '';
    for (const id of ['width', 'height', 'steps', 'count', 'seed']) {
      byId(id).value = spec[id] ?? '';
    }
    byId('count').value ||= '1';
    byId('guidance').value = spec.guidance?.scale ?? '';
    this.#sampler.name = spec.scheduler ?? '';
    this.#changed();
  }

  #showRest(/** @type {any} */ rest) {
    this.#rest = rest;
    byId('rest').hidden = namesOf(rest) === '';
    byId('rest-word').textContent = `Also as in the image: ${namesOf(rest)}.`;
  }

  /** Says something, beside the button, until something else is written; what was wrong is forgotten. @param {string[]} notes */
  tell(notes) {
    byId('form-error').hidden = true;
    byId('form-note').hidden = notes.length === 0;
    byId('form-note').textContent = notes.join(' ');
  }

  /** Says what is wrong, beside the button. @param {Error} error */
  fail(error) {
    this.tell([]);
    const place = byId('form-error');
    place.textContent = error.message;
    place.hidden = false;
    const wrong = error instanceof ApiError ? document.getElementById(error.field) : null;
    if (wrong instanceof HTMLElement && byId('form').contains(wrong)) {
      wrong.focus();
    }
  }
}

/** Adds keys to a job; guidance has several places in the form. @param {any} spec @param {any} keys */
function add(spec, { guidance, ...others }) {
  Object.assign(spec, others);
  if (guidance) {
    spec.guidance = { ...spec.guidance, ...guidance };
  }
}

/** @param {string} id */
function number(id) {
  return byId(id).value === '' ? NaN : Number(byId(id).value);
}

function keptSpec() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null');
  } catch {
    return null;
  }
}

