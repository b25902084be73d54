import { announce } from './announce.js';
import { history, settings } from './describe.js';
import { copyButtons } from './copy.js';
import { openDialog } from './dialog.js';
import { otherDownloads } from './download.js';
import { button, make } from './dom.js';
import { show } from './pictures.js';

/** An image large, with its settings; arrow keys go to the ones beside it. */

/** @typedef {import('./describe.js').Item} Item */

export class Viewer {
  #actions;
  #remove;

  /**
   * @param {(item: Item, close: () => void) => Node[]} actions
   * @param {(item: Item) => Promise<void>} remove forgets the job of an image
   */
  constructor(actions, remove) {
    this.#actions = actions;
    this.#remove = remove;
  }

  /** @param {Item[]} all @param {number} index of the one to show first */
  open(all, index) {
    let items = all;
    let at = index;
    const picture = make('img', { className: 'viewer-image', alt: '' });
    const side = make('div', { className: 'viewer-side' });
    const back = button('‹', () => go(-1), { className: 'icon viewer-back', 'aria-label': 'Newer image' });
    const on = button('›', () => go(1), { className: 'icon viewer-on', 'aria-label': 'Older image' });
    const dialog = openDialog(
      { title: 'Image', className: 'viewer' },
      make('div', { className: 'viewer-columns' }, make('div', { className: 'viewer-picture' }, picture, back, on), side),
    );
    const heading = /** @type {HTMLElement} */ (dialog.querySelector('h2'));
    dialog.focus();
    dialog.addEventListener('keydown', (event) => {
      const inText = event.target instanceof HTMLElement && event.target.matches('textarea, input');
      if (!inText && event.key === 'ArrowLeft') {
        go(-1);
      } else if (!inText && event.key === 'ArrowRight') {
        go(1);
      }
    });

    const go = (/** @type {number} */ by) => {
      const to = at + by;
      if (to >= 0 && to < items.length) {
        at = to;
        fill();
        announce(items[at].job.spec.prompt || 'Image without a prompt');
      }
    };

    const fill = () => {
      const item = items[at];
      picture.alt = item.job.spec.prompt || 'Image without a prompt';
      show(picture, item.image.url);
      back.disabled = at === 0;
      on.disabled = at === items.length - 1;
      heading.textContent = items.length > 1 ? `Image ${at + 1} of ${items.length}` : 'Image';
      side.replaceChildren(
        make('div', { className: 'viewer-actions' }, ...this.#actions(item, () => dialog.close())),
        facts([...settings(item), ...history(item)]),
        this.#more(item, gone),
      );
    };

    const gone = (/** @type {string} */ job) => {
      items = items.filter((item) => item.job.id !== job);
      at = Math.min(at, items.length - 1);
      if (items.length === 0) {
        dialog.close();
      } else {
        fill();
        dialog.focus();
      }
    };
    fill();
  }

  /** @param {Item} item @param {(job: string) => void} gone a job was deleted */
  #more(item, gone) {
    const count = item.job.images.length;
    const sure = button(count > 1 ? `Delete all ${count} images of this job?` : 'Really delete?', async () => {
      await this.#remove(item);
      gone(item.job.id);
    }, { className: 'danger', hidden: true });
    const first = button('Delete', () => {
      first.hidden = true;
      sure.hidden = false;
      sure.focus();
    }, { className: 'danger' });
    return make(
      'div',
      { className: 'viewer-more' },
      make('details', {}, make('summary', {}, 'Parameters text'), make('pre', { tabIndex: 0 }, item.image.parameters)),
      row('Copy', copyButtons(item)),
      row('Save as', otherDownloads(item)),
      make('div', { className: 'row' }, first, sure),
    );
  }
}

/** Buttons after a word; nothing where there is no button. @param {string} word @param {Node[]} buttons */
function row(word, buttons) {
  return make('div', { className: 'row', hidden: buttons.length === 0 }, make('span', { className: 'hint' }, word), ...buttons);
}

/** @param {[string, string][]} pairs */
function facts(pairs) {
  return make('dl', { className: 'facts' }, ...pairs.flatMap(([label, value]) => [
    make('dt', {}, label),
    make('dd', {}, value),
  ]));
}
