import { ApiError, get } from './api.js';
import { byId, button } from './dom.js';
import { Form } from './form.js';
import * as jobs from './jobs.js';
import { Stage } from './stage.js';
import { startTheme } from './theme.js';

/** Starts the parts of the page and ties them together. */

const EXAMPLES = [
  'a red circle above a blue square on a white background',
  'a big yellow star on a black background',
  'a green triangle to the left of a purple circle on a grey background',
];

startTheme();
const form = new Form();
const stage = new Stage({
  actions: () => [],
  open: () => {},
  ended: () => {},
});

async function generate() {
  const go = byId('generate');
  go.disabled = true;
  try {
    const { spec, seed } = await form.read();
    stage.follow(await jobs.submit(spec, seed));
    if (matchMedia('(max-width: 860px)').matches) {
      byId('stage').scrollIntoView({ behavior: 'smooth' });
    }
  } catch (error) {
    form.fail(/** @type {Error} */ (error));
  } finally {
    go.disabled = false;
  }
}

byId('form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  generate();
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !document.querySelector('dialog[open]')) {
    event.preventDefault();
    byId('form').requestSubmit();
  }
  if (event.key === 'Escape' && stage.busy && !document.querySelector('dialog[open]')) {
    stage.cancel();
  }
});

byId('examples').append(
  ...EXAMPLES.map((text) => button(text, () => {
    form.prompt = text;
    generate();
  })),
);

async function start() {
  const listed = await get('/api/models');
  await form.start(listed);
  if (form.prompt === '') {
    form.prompt = EXAMPLES[0];
  }
}

start().catch((error) => {
  byId('banner').textContent = error instanceof ApiError ? error.message : String(error);
  byId('banner').hidden = false;
});
