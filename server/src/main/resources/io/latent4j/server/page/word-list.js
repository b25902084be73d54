import { byId, button } from './dom.js';

/** Learned words of the server, as buttons that put them into the prompt that was last written in. */

/** @param {string[]} words @param {() => void} changed a prompt has another word */
export function startWords(words, changed) {
  byId('words-group').hidden = words.length === 0;
  let target = byId('prompt');
  for (const id of ['prompt', 'negative']) {
    byId(id).addEventListener('focus', () => {
      target = byId(id);
    });
  }
  byId('words').replaceChildren(...words.map((word) => button(word, () => {
    const text = target.value.trimEnd();
    target.value = text === '' ? word : `${text.replace(/,$/, '')}, ${word}`;
    changed();
    target.focus();
  })));
}
