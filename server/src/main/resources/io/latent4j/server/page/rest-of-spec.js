/** What a job says beyond the fields of the form: kept when an image's settings are used, so that the same image comes out. */

/** Keys that the form has fields for, or that only say how a job is shown. */
const SHOWN = new Set([
  'model', 'prompt', 'negative_prompt', 'scheduler', 'steps', 'width', 'height', 'seed', 'count', 'source', 'adapters',
  'controls', 'preview',
]);

/** What the server writes where a job says nothing. */
const USUAL = new Map(Object.entries({
  prompt_syntax: '"weighted"',
  clip_skip: '1',
  batch_size: '1',
  range: '[0,1]',
  embeddings: '[]',
  scheduler_settings: '{}',
}));

const USUAL_GUIDANCE = new Map(Object.entries({ rescale: 0, start: 0, end: 1, plus_plus: false }));

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
  const guidance = restOfGuidance(spec.guidance ?? {});
  if (Object.keys(guidance).length > 0) {
    rest.guidance = guidance;
  }
  return rest;
}

/** @param {any} guidance */
function restOfGuidance(guidance) {
  /** @type {any} */
  const rest = {};
  for (const [key, value] of Object.entries(guidance)) {
    const off = key === 'perturbed' && /** @type {any} */ (value).scale === 0;
    if (key !== 'scale' && !off && USUAL_GUIDANCE.get(key) !== value) {
      rest[key] = value;
    }
  }
  return rest;
}

/** What to call the keys of a rest. @param {any} rest @returns {string} */
export function namesOf(rest) {
  return Object.keys(rest).filter((key) => key !== 'tiling').map((key) => key.replaceAll('_', ' ')).join(', ');
}
