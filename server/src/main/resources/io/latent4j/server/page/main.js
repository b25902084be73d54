import { actions } from './actions.js';
import { Adapters } from './adapters.js';
import { announce } from './announce.js';
import { ApiError, get, post } from './api.js';
import { compare } from './compare.js';
import { lose, regain } from './connection.js';
import { Controls } from './controls.js';
import { parameter } from './describe.js';
import { byId, button } from './dom.js';
import { startDrop } from './drop.js';
import { further, randomSeed } from './exact.js';
import { fileChoice } from './file-choice.js';
import { Finer } from './finer.js';
import { Form } from './form.js';
import { Gallery } from './gallery.js';
import { openHelp } from './help.js';
import * as jobs from './jobs.js';
import { Lines } from './lines.js';
import { Picks } from './picks.js';
import { bytes } from './pictures.js';
import { openHistory, remember } from './prompt-history.js';
import { Queue } from './queue.js';
import { Refiner } from './refiner.js';
import { Source } from './source.js';
import { Stage } from './stage.js';
import { startTheme } from './theme.js';
import { Upscale } from './upscale.js';
import { Viewer } from './viewer.js';
import { startWeights } from './weights.js';
import { startWords } from './word-list.js';
import { settingsIn } from './written-settings.js';

/** Starts the parts of the page and ties them together. */

/** @typedef {import('./describe.js').Item} Item */

const EXAMPLES = [
  'a red circle above a blue square on a white background',
  'a big yellow star on a black background',
  'a green triangle to the left of a purple circle on a grey background',
];
const AGAIN = 2000; // milliseconds until a server that did not answer is asked again
const VARIATIONS = 4;
const VARIATION_STRENGTH = 0.3;
const ENLARGING_STRENGTH = 0.35; // keeps what is there
const NARROW = matchMedia('(max-width: 860px)');

startTheme();
const form = new Form();
const source = new Source((image) => form.fit(image.width, image.height));
const adapters = new Adapters();
const controls = new Controls();
const refiner = new Refiner();
[source, adapters, controls, new Upscale(clashOfUpscaling), refiner, new Finer()].forEach((part) => form.add(part));
const lines = new Lines();
form.add(lines);
const queue = new Queue(() => gallery.freshen().catch(() => {})); // it is read again at the next change
const picks = new Picks(compare, remove);
const does = { use: useSettings, vary, enlarge, startFrom, picks };
const viewer = new Viewer((item, close) => actions(item, does, close), remove);
const gallery = new Gallery((index) => viewer.open(gallery.items, index), picks);
const stage = new Stage({
  actions: (job, image) => actions({ job, image }, does),
  open: (job, image) => {
    const index = gallery.items.findIndex((item) => item.job.id === job.id && item.image.index === image.index);
    viewer.open(index < 0 ? [{ job, image }] : gallery.items, Math.max(0, index));
  },
  ended: (job) => {
    gallery.add(job);
    queue.refresh();
  },
});

/** What is on and goes with no second run at a larger size. */
function clashOfUpscaling() {
  if (source.on) {
    return 'An image to start from is scaled to width and height, without a second run: take it away, or set the factor to 1.';
  }
  return refiner.on ? 'A refiner goes with no second run: choose none, or set the factor to 1.' : '';
}

async function generate() {
  const go = byId('generate');
  go.disabled = true;
  try {
    for (const spec of lines.jobs(await form.read())) {
      await begin(spec);
      remember(spec);
    }
  } catch (error) {
    form.fail(/** @type {Error} */ (error));
  } finally {
    go.disabled = false;
  }
}

/** Hands a job in, and follows it. @param {any} spec */
async function begin(spec) {
  stage.follow(await jobs.submit(spec));
  queue.refresh();
  if (NARROW.matches) {
    byId('stage').scrollIntoView({ behavior: 'smooth', block: 'start' });
  }
}

/** Makes images that are like one. @param {Item} item */
async function vary({ job, image }) {
  await tried(() => begin({
    ...job.spec, seed: image.seed, count: VARIATIONS, variation: { seed: randomSeed(), strength: VARIATION_STRENGTH },
  }));
}

/** Makes an image again, and larger. @param {Item} item */
async function enlarge({ job, image }) {
  const steps = Number(parameter(image, 'Steps'));
  const strength = steps > 0 ? Math.max(ENLARGING_STRENGTH, 1 / steps) : ENLARGING_STRENGTH; // at least a step of it
  await tried(() => begin({ ...specOf({ job, image }), seed: image.seed, count: 1, upscale: { factor: 2, strength } }));
}

/** @param {Item} item */
async function useSettings({ job, image }) {
  await tried(async () => {
    form.tell([...await form.use(specOf({ job, image }), image.seed), 'The settings are those of the image.']);
    showForm();
  });
}

/** The job that makes this image first. @param {Item} item */
function specOf({ job, image }) {
  const { variation } = job.spec;
  return variation ? { ...job.spec, variation: { ...variation, seed: further(variation.seed, image.index) } } : job.spec;
}

/** @param {Item} item */
async function startFrom({ image }) {
  await tried(async () => {
    await source.start(await bytes(image.url));
    showForm('source-group');
    byId('source-paint').focus({ preventScroll: true });
  });
}

/** @param {Item} item */
async function remove({ job }) {
  try {
    await jobs.forget(job.id);
  } catch (error) {
    form.fail(/** @type {Error} */ (error));
    throw error; // or the image would seem to be gone
  }
  gallery.drop(job.id);
  picks.drop(job.id);
  stage.drop(job.id);
  announce('Deleted.');
}

/** Takes over the settings that an image file has in it. @param {File} file */
async function readSettings(file) {
  await tried(async () => {
    const text = await settingsIn(file);
    const { spec, missing, warnings } = await post('/api/parameters', text, 'text/plain');
    const seed = /(?:^|, |\n)Seed: ([0-9]+)/.exec(text)?.[1] ?? '';
    const notes = await form.use(spec, seed);
    if (missing.length > 0) {
      notes.push(`The file does not hold: ${missing.join(', ')}.`);
    }
    form.tell([...notes, ...warnings, `The settings are those of ${file.name}.`]);
    showForm();
  });
}

/** @param {() => Promise<void>} work */
async function tried(work) {
  try {
    await work();
  } catch (error) {
    form.fail(/** @type {Error} */ (error));
  }
}

function showForm(id = 'prompt') {
  byId(id).scrollIntoView({ block: 'nearest' });
  if (id === 'prompt') {
    byId(id).focus({ preventScroll: NARROW.matches === false });
  }
}

byId('form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  generate();
});

document.addEventListener('keydown', (event) => {
  if (document.querySelector('dialog[open]')) {
    return; // its own affair
  }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    byId('form').requestSubmit();
  } else if (event.key === 'Escape' && stage.busy && !event.defaultPrevented) {
    stage.cancel();
  } else if (event.key === '?' && !(event.target instanceof Element && event.target.matches('textarea, input, select'))) {
    openHelp();
  }
});
byId('help-button').addEventListener('click', openHelp);
byId('recent').addEventListener('click', () => openHistory(({ prompt, negative }) => {
  form.prompts(prompt, negative);
  byId('prompt').focus();
}));
byId('reset').addEventListener('click', () => tried(async () => {
  await form.reset();
  form.tell(['All settings but the prompts are the model’s own again.']);
}));
['prompt', 'negative'].forEach((id) => startWeights(byId(id)));

startDrop(readSettings, (file) => tried(() => source.start(file)));
byId('read-settings').append(fileChoice('From an image…', readSettings, {
  className: 'link', title: 'Read the settings out of a PNG, JPEG or WebP file',
}));
byId('examples').append(
  ...EXAMPLES.map((text) => button(text, () => {
    form.prompts(text, byId('negative').value);
    generate();
  })),
);

async function start() {
  const listed = await get('/api/models');
  adapters.start(listed.adapters);
  controls.start(listed.controls);
  refiner.start(listed.models);
  startWords(listed.words, () => byId('form').dispatchEvent(new Event('change')));
  queue.refresh();
  await form.start(listed, EXAMPLES[0]);
  await Promise.all([stage.resume(), gallery.refresh()]);
}

/** Begins, as soon as the server can be reached. */
async function begun() {
  try {
    await start();
    regain();
  } catch (error) {
    if (error instanceof ApiError && error.status === 0) {
      lose();
      setTimeout(begun, AGAIN);
      return;
    }
    byId('banner').textContent = error instanceof ApiError ? error.message : String(error);
    byId('banner').hidden = false;
  }
}

begun();
