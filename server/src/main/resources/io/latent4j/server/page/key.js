import { make } from './dom.js';

/** The key that the server asks for, kept until the tab is closed. */

const NAME = 'latent4j.key';

/** @type {Promise<void>|null} */
let asking = null;

/** The key as it was given; empty if none was. */
export function key() {
  return sessionStorage.getItem(NAME) ?? '';
}

/** The header that carries the key, if there is one. @returns {Record<string, string>} */
export function keyHeaders() {
  return key() ? { Authorization: `Bearer ${key()}` } : {};
}

/**
 * Asks the person for a key, once for all requests that want one.
 * @param {string} refused the key that the server did not take; empty if none was sent
 */
export function askForKey(refused) {
  if (refused !== key()) {
    return Promise.resolve(); // a newer one has been given meanwhile
  }
  asking ??= ask(refused !== '').finally(() => {
    asking = null;
  });
  return asking;
}

/** @param {boolean} wrong @returns {Promise<void>} */
function ask(wrong) {
  return new Promise((resolve) => {
    const input = make('input', {
      type: 'password',
      id: 'key-input',
      required: true,
      autocomplete: 'current-password',
      'aria-describedby': 'key-hint',
    });
    const dialog = make(
      'dialog',
      { className: 'dialog small', id: 'key-dialog', 'aria-labelledby': 'key-title', cancel: keep },
      make(
        'form',
        { method: 'dialog', submit: give },
        make('h2', { id: 'key-title' }, 'This server asks for a key'),
        make('p', { className: wrong ? 'error' : 'hint', id: 'key-hint', role: wrong ? 'alert' : 'note' },
          wrong ? 'The server does not know that key.' : 'It is kept in this tab alone, until you close it.'),
        make('div', { className: 'field' }, make('label', { htmlFor: 'key-input' }, 'Key'), input),
        make('div', { className: 'dialog-foot' }, make('button', { type: 'submit', className: 'primary' }, 'Continue')),
      ),
    );

    function keep(/** @type {Event} */ event) {
      event.preventDefault(); // nothing works without it
    }

    function give(/** @type {Event} */ event) {
      event.preventDefault();
      sessionStorage.setItem(NAME, input.value.trim());
      dialog.close();
      dialog.remove();
      resolve();
    }

    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

