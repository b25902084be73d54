import { byId } from './dom.js';

/** A job for each line of the prompt, where the person wants that. */
export class Lines {
  read() {
    return {};
  }

  write() {
    byId('lines').checked = false;
  }

  /** Something was changed in the form. */
  changed() {
    const count = prompts(byId('prompt').value).length;
    byId('lines-field').hidden = count < 2;
    byId('lines-word').textContent = `A job for each of the ${count} lines`;
  }

  /** The jobs that are wanted: one, or one for each line of its prompt. @param {any} spec @returns {any[]} */
  jobs(spec) {
    const lines = prompts(spec.prompt ?? '');
    return byId('lines').checked && lines.length > 1 ? lines.map((prompt) => ({ ...spec, prompt })) : [spec];
  }
}

/** @param {string} text */
function prompts(text) {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
