import { openDialog } from './dialog.js';
import { button, make } from './dom.js';
import { MaskCanvas } from './mask-canvas.js';

/** Paints a mask on an image: brush, eraser, undo; with the pointer, or with the arrow keys and Space. */

const BRUSH = 0.12; // of the image's shorter side
const STEP = 0.03;

/**
 * @param {import('./sent-image.js').SentImage} image
 * @param {import('./sent-image.js').SentImage|null} mask to begin with
 * @returns {Promise<Blob|null|undefined>} the mask; null for none; undefined if it stays as it is
 */
export function paintMask(image, mask) {
  return new Promise((resolve) => {
    const short = Math.min(image.width, image.height);
    /** @type {[number, number]} */
    const at = [image.width / 2, image.height / 2];
    let width = short * BRUSH;
    let erase = false;
    let painting = false;
    /** @type {Blob|null|undefined} */
    let answer;

    const canvas = make('canvas', {
      className: 'mask-canvas',
      id: 'mask-canvas',
      tabIndex: 0,
      role: 'application',
      'aria-label': 'Mask. Arrow keys move the brush, Space paints.',
    });
    const cursor = make('span', { className: 'mask-cursor', 'aria-hidden': 'true' });
    const frame = make('div', { className: 'mask-frame' }, make('img', { src: image.url, alt: 'The image' }), canvas, cursor);
    frame.style.aspectRatio = `${image.width} / ${image.height}`;
    frame.style.setProperty('--ratio', String(image.width / image.height));
    const undo = button('Undo', () => painted.undo(), { title: 'Undo (Ctrl+Z)' });
    const redo = button('Redo', () => painted.redo(), { title: 'Redo (Ctrl+Shift+Z)' });
    const painted = new MaskCanvas(canvas, image.width, image.height, () => {
      undo.disabled = !painted.canUndo;
      redo.disabled = !painted.canRedo;
    });
    undo.disabled = true;
    redo.disabled = true;

    const brush = button('Brush', () => tool(false), { title: 'Brush (B)', 'aria-pressed': 'true' });
    const eraser = button('Eraser', () => tool(true), { title: 'Eraser (E)', 'aria-pressed': 'false' });
    const size = make('input', {
      type: 'range', id: 'brush-size', min: '1', max: '60', step: '1', value: String(BRUSH * 100),
      input: () => resize(),
    });

    function tool(/** @type {boolean} */ erases) {
      erase = erases;
      brush.setAttribute('aria-pressed', String(!erases));
      eraser.setAttribute('aria-pressed', String(erases));
      cursor.classList.toggle('erases', erases);
    }

    function resize() {
      width = Math.max(1, (short * Number(size.value)) / 100);
      moveCursor();
    }

    function moveCursor() {
      const scale = canvas.clientWidth / image.width;
      cursor.style.width = `${width * scale}px`;
      cursor.style.height = `${width * scale}px`;
      cursor.style.left = `${at[0] * scale}px`;
      cursor.style.top = `${at[1] * scale}px`;
    }

    function goTo(/** @type {PointerEvent} */ event) {
      const box = canvas.getBoundingClientRect();
      at[0] = ((event.clientX - box.left) * image.width) / box.width;
      at[1] = ((event.clientY - box.top) * image.height) / box.height;
      cursor.classList.add('seen');
      moveCursor();
    }

    canvas.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0) {
        return;
      }
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      painting = true;
      goTo(event);
      painted.begin(erase, width, [...at]);
    });
    canvas.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
      for (const each of event.getCoalescedEvents?.() ?? [event]) {
        goTo(each);
        if (painting) {
          painted.extend([...at]);
        }
      }
    });
    for (const end of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(end, () => {
        painting = false;
      });
    }
    canvas.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (by) {
        at[0] = Math.min(image.width, Math.max(0, at[0] + by[0] * short * STEP));
        at[1] = Math.min(image.height, Math.max(0, at[1] + by[1] * short * STEP));
      } else if (event.key === ' ') {
        painted.begin(erase, width, [...at]);
      } else {
        return;
      }
      event.preventDefault();
      cursor.classList.add('seen');
      moveCursor();
    });

    const finish = async () => {
      answer = painted.isEmpty ? null : await painted.png();
      dialog.close();
    };
    const dialog = openDialog(
      { title: 'Paint what is to be repainted', className: 'mask-dialog', closed: () => resolve(answer) },
      make(
        'div',
        { className: 'toolbar', role: 'toolbar', 'aria-label': 'Tools' },
        brush,
        eraser,
        make('div', { className: 'brush-size' }, make('label', { htmlFor: 'brush-size' }, 'Size'), size),
        undo,
        redo,
        button('Invert', () => painted.invert()),
        button('Clear', () => painted.clear()),
      ),
      make('div', { className: 'mask-stage' }, frame),
      make(
        'div',
        { className: 'dialog-foot' },
        button('Cancel', () => dialog.close()),
        button('Use the mask', () => finish(), { className: 'primary', id: 'mask-done' }),
      ),
    );
    dialog.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
        event.preventDefault();
        if (event.shiftKey) {
          painted.redo();
        } else {
          painted.undo();
        }
      } else if (event.key === 'b' || event.key === 'e') {
        tool(event.key === 'e');
      } else if (event.key === '[' || event.key === ']') {
        size.value = String(Number(size.value) + (event.key === ']' ? 3 : -3));
        resize();
      }
    });
    if (mask !== null) {
      createImageBitmap(mask.blob).then((bitmap) => painted.load(bitmap));
    }
    canvas.focus();
    moveCursor();
  });
}
