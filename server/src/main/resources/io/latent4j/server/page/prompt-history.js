import { openDialog } from './dialog.js';
import { button, make } from './dom.js';

/** The prompts of this browser's last jobs, to take one up again. */

const KEPT = 'latent4j.prompts';
const MOST = 100;

/** @typedef {{prompt: string, negative: string}} Written */

/** @returns {Written[]} the newest first */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '[]');
  } catch {
    return [];
  }
}

/** Keeps the prompts of a job. @param {any} spec */
export function remember({ prompt = '', negative_prompt: negative = '' }) {
  if (prompt.trim() !== '') {
    const others = kept().filter((one) => one.prompt !== prompt || one.negative !== negative);
    localStorage.setItem(KEPT, JSON.stringify([{ prompt, negative }, ...others].slice(0, MOST)));
  }
}

/** Shows them. @param {(written: Written) => void} choose */
export function openHistory(choose) {
  const all = kept();
  const list = make('ul', { className: 'history' }, ...all.map((one) => make('li', {}, make(
    'button',
    {
      type: 'button',
      click: () => {
        dialog.close();
        choose(one);
      },
    },
    make('span', {}, one.prompt),
    ...(one.negative === '' ? [] : [make('span', { className: 'hint' }, `without: ${one.negative}`)]),
  ))));
  const dialog = openDialog(
    { title: 'Recent prompts', className: 'narrow' },
    make('div', { className: 'dialog-text' }, ...(all.length === 0
      ? [make('p', { className: 'hint' }, 'The prompts of your jobs will be here.')]
      : [list, button('Forget them all', () => {
        localStorage.removeItem(KEPT);
        dialog.close();
      }, { className: 'danger' })])),
  );
}
