import { further } from './exact.js';
import { modelTitle, moment, took } from './words.js';

/** An image's settings in words, as labels and values. */

/** @typedef {{job: any, image: any}} Item an image and the job that it is of */

/** @param {Item} item @returns {[string, string][]} */
export function settings({ job, image }) {
  const { spec } = job;
  /** @type {[string, string|number|undefined][]} */
  const all = [
    ['Prompt', spec.prompt],
    ['Negative prompt', spec.negative_prompt],
    ['Model', modelTitle(spec.model ?? 'embedded')],
    ['Size', `${image.width} × ${image.height}`],
    ['Seed', image.seed],
    ['Steps', spec.steps ?? parameter(image, 'Steps')],
    ['Sampler', parameter(image, 'Sampler') || spec.scheduler],
    ['Guidance', spec.guidance?.scale ?? parameter(image, 'CFG scale')],
    ['Adapters', (spec.adapters ?? []).map((/** @type {any} */ use) => `${use.name} ${use.strength}`).join(', ')],
    ['Control', (spec.controls ?? []).map((/** @type {any} */ use) => `${use.name} ${use.scale}`).join(', ')],
    ['Started from', spec.source ? startedFrom(spec.source) : ''],
    ['Upscaled', spec.upscale ? `by ${spec.upscale.factor}, strength ${spec.upscale.strength}` : ''],
    ['Refiner', spec.refiner ? `${modelTitle(spec.refiner.model)}, from ${spec.refiner.from}` : ''],
    ['Variation', spec.variation ? `${spec.variation.strength} towards seed ${further(spec.variation.seed, image.index)}` : ''],
    ['CLIP skip', spec.clip_skip > 1 ? spec.clip_skip : ''],
    ['Eta', spec.eta],
  ];
  return all.filter(([, value]) => value !== undefined && value !== '').map(([label, value]) => [label, String(value)]);
}

/** When and how long. @param {Item} item @returns {[string, string][]} */
export function history({ job, image }) {
  /** @type {[string, string][]} */
  const all = [['Made', moment(image.made)]];
  if (took(job)) {
    all.push([job.images.length > 1 ? 'Took, all images' : 'Took', took(job)]);
  }
  return all;
}

/** The settings in which two images differ. @param {Item} one @param {Item} other */
export function differences(one, other) {
  const first = new Map(settings(one));
  const second = new Map(settings(other));
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((label) => first.get(label) !== second.get(label))
    .map((label) => ({ label, one: first.get(label) ?? '–', other: second.get(label) ?? '–' }));
}

/** @param {any} source */
function startedFrom(source) {
  const strength = source.strength === undefined ? '' : `, strength ${source.strength}`;
  return `an image${source.mask ? ', the masked part' : ''}${strength}`;
}

/** A value of the parameters text. @param {any} image @param {string} name */
export function parameter(image, name) {
  return new RegExp(`(?:^|, |\\n)${name}: ([^,\\n]+)`).exec(image.parameters)?.[1] ?? '';
}
