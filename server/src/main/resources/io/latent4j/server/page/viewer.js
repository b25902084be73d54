import { announce } from './announce.js';
import { history, settings } from './describe.js';
import { openDialog } from './dialog.js';
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

  /** @param {Item[]} items @param {number} index */
  open(items, index) {
    let at = index;
    const picture = make('img', { className: 'viewer-image', alt: '' });
    const side = make('div', { className: 'viewer-side' });
    const back = button('‹', () => go(-1), { className: 'icon viewer-back', 'aria-label': 'Newer image' });
    const on = button('›', () => go(1), { className: 'icon viewer-on', 'aria-label': 'Older image' });
    const dialog = openDialog(
      { title: 'Image', className: 'viewer' },
      make('div', { className: 'viewer-columns' }, make('div', { className: 'viewer-picture' }, picture, back, on), side),
    );
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
      side.replaceChildren(
        make('div', { className: 'viewer-actions' }, ...this.#actions(item, () => dialog.close())),
        facts(settings(item)),
        facts(history(item)),
        this.#more(item, () => dialog.close()),
      );
    };
    fill();
  }

  /** @param {Item} item @param {() => void} close */
  #more(item, close) {
    const count = item.job.images.length;
    const sure = button(count > 1 ? `Delete all ${count} images of this job?` : 'Really delete?', async () => {
      await this.#remove(item);
      close();
    }, { className: 'danger', hidden: true });
    const first = button('Delete', () => {
      first.hidden = true;
      sure.hidden = false;
      sure.focus();
    }, { className: 'danger' });
    const copy = button('Copy parameters', async () => {
      await navigator.clipboard.writeText(item.image.parameters);
      copy.textContent = 'Copied';
    });
    return make(
      'div',
      { className: 'viewer-more' },
      make('details', {}, make('summary', {}, 'Parameters text'), make('pre', { tabIndex: 0 }, item.image.parameters)),
      make('div', { className: 'row' }, ...(navigator.clipboard ? [copy] : []), first, sure),
    );
  }
}

/** @param {[string, string][]} pairs */
function facts(pairs) {
  return make('dl', { className: 'facts' }, ...pairs.flatMap(([label, value]) => [
    make('dt', {}, label),
    make('dd', {}, value),
  ]));
}
