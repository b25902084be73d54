import { openDialog } from './dialog.js';
import { make } from './dom.js';

/** The keys of the page, in a dialog. */

/** @type {[string, [string, string][]][]} */
const KEYS = [
  ['Anywhere', [
    ['Ctrl Enter', 'generate'],
    ['Esc', 'close what is open, or else cancel the job'],
    ['?', 'these keys'],
  ]],
  ['In a prompt', [
    ['Ctrl ↑, Ctrl ↓', 'raise or lower the weight of the word or of what is selected'],
  ]],
  ['In the gallery', [
    ['← → ↑ ↓ Home End', 'go from image to image'],
    ['Enter', 'open the image; ← and → go on there'],
    ['C', 'pick the image'],
    ['Delete', 'pick the image, and ask whether to delete what is picked'],
  ]],
  ['In a mask', [
    ['B, E', 'brush, eraser'],
    ['[ ]', 'smaller, larger'],
    ['Ctrl Z, Ctrl Shift Z', 'undo, redo'],
    ['← → ↑ ↓ Space', 'paint without a pointer'],
  ]],
];

export function openHelp() {
  openDialog(
    { title: 'Keys', className: 'narrow' },
    make('div', { className: 'dialog-text' }, ...KEYS.flatMap(([place, keys]) => [
      make('h3', {}, place),
      make('dl', { className: 'keys' }, ...keys.flatMap(([key, does]) => [
        make('dt', {}, make('kbd', {}, key)),
        make('dd', {}, does),
      ])),
    ])),
  );
}
