/** What a job says beyond the fields of the form: kept when an image's settings are used, so that the same image comes out. */

/** Keys that the form has fields for, or that only say how a job is shown. */
const SHOWN = new Set([
  'model', 'prompt', 'negative_prompt', 'scheduler', 'steps', 'width', 'height', 'seed', 'count', 'source', 'adapters',
  'controls', 'preview', 'upscale', 'refiner', 'variation', 'clip_skip', 'batch_size', 'eta', 'prompt_syntax',
]);

/** The same of guidance. */
const SHOWN_GUIDANCE = new Set(['scale', 'rescale', 'start', 'end', 'plus_plus', 'perturbed']);

/** What the server writes where a job says nothing. */
const USUAL = new Map(Object.entries({
  range: '[0,1]',
  embeddings: '[]',
  scheduler_settings: '{}',
}));

/**
 * @param {any} spec
 * @returns {any} a part of it
 */
export function restOf(spec) {
  /** @type {any} */
  const rest = {};
  for (const [key, value] of Object.entries(spec)) {
    if (!SHOWN.has(key) && key !== 'guidance' && JSON.stringify(value) !== USUAL.get(key)) {
      rest[key] = value;
    }
  }
  const guidance = Object.entries(spec.guidance ?? {}).filter(([key]) => !SHOWN_GUIDANCE.has(key));
  if (guidance.length > 0) {
    rest.guidance = Object.fromEntries(guidance);
  }
  return rest;
}

/** What to call the keys of a rest. @param {any} rest @returns {string} */
export function namesOf(rest) {
  return Object.keys(rest).filter((key) => key !== 'tiling').map((key) => key.replaceAll('_', ' ')).join(', ');
}
