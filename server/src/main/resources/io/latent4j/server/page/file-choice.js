import { button, make } from './dom.js';

/**
 * A button that lets a person choose an image file.
 * @param {string} text
 * @param {(file: File) => void} chosen
 * @param {Record<string, any>} [settings] of the button
 */
export function fileChoice(text, chosen, settings = {}) {
  const input = make('input', {
    type: 'file',
    accept: 'image/png,image/jpeg,image/webp,image/gif,image/bmp',
    hidden: true,
    change: () => {
      const [file] = input.files;
      input.value = '';
      if (file) {
        chosen(file);
      }
    },
  });
  return make('span', { className: 'file-choice' }, button(text, () => input.click(), settings), input);
}
