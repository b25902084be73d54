import { byId } from './dom.js';

/** Files that are dropped or pasted anywhere on the page. */

/**
 * @param {(file: File) => void} settings reads an image's settings
 * @param {(file: File) => void} source starts from an image
 */
export function startDrop(settings, source) {
  const veil = byId('drop-veil');
  const hide = () => {
    veil.hidden = true;
  };
  document.addEventListener('dragenter', (event) => {
    if (event.dataTransfer?.types.includes('Files') && !document.querySelector('dialog[open]')) {
      veil.hidden = false;
    }
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) {
      hide(); // out of the window
    }
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault(); // or the browser shows the file
    hide();
  });
  zone('drop-settings', settings);
  zone('drop-source', source);
  document.addEventListener('paste', (event) => {
    const file = image(event.clipboardData?.files);
    if (file && !document.querySelector('dialog[open]')) {
      event.preventDefault();
      source(file);
    }
  });
}

/** @param {string} id @param {(file: File) => void} take */
function zone(id, take) {
  const element = byId(id);
  element.addEventListener('dragenter', () => element.classList.add('over'));
  element.addEventListener('dragleave', () => element.classList.remove('over'));
  element.addEventListener('drop', (/** @type {DragEvent} */ event) => {
    element.classList.remove('over');
    const file = image(event.dataTransfer?.files);
    if (file) {
      take(file);
    }
  });
}

/** @param {FileList} [files] */
function image(files) {
  return [...(files ?? [])].find((file) => file.type.startsWith('image/'));
}
