/** A mask as strokes over an image: painted, erased, undone. What is painted is repainted by the model. */

/**
 * @typedef {{kind: 'stroke', erase: boolean, width: number, points: [number, number][]}
 *   | {kind: 'clear'} | {kind: 'invert'} | {kind: 'image', image: CanvasImageSource}} Step
 */

const COLOUR = '#ff2e7e';

export class MaskCanvas {
  #steps = /** @type {Step[]} */ ([]);
  #undone = /** @type {Step[]} */ ([]);
  #context;
  #changed;

  /**
   * @param {HTMLCanvasElement} canvas is given the image's size
   * @param {number} width of the image
   * @param {number} height
   * @param {() => void} changed
   */
  constructor(canvas, width, height, changed) {
    canvas.width = width;
    canvas.height = height;
    this.canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    this.#changed = changed;
  }

  get canUndo() {
    return this.#steps.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Begins with a mask that is there, white where it is painted. @param {CanvasImageSource} image */
  load(image) {
    this.#do({ kind: 'image', image });
  }

  /** @param {boolean} erase @param {number} width @param {[number, number]} point */
  begin(erase, width, point) {
    this.#do({ kind: 'stroke', erase, width, points: [point] });
  }

  /** The last stroke goes on. @param {[number, number]} point */
  extend(point) {
    const last = this.#steps.at(-1);
    if (last?.kind === 'stroke') {
      const from = last.points[last.points.length - 1];
      last.points.push(point);
      this.#line(last, from, point);
    }
  }

  clear() {
    this.#do({ kind: 'clear' });
  }

  invert() {
    this.#do({ kind: 'invert' });
  }

  undo() {
    const last = this.#steps.pop();
    if (last) {
      this.#undone.push(last);
      this.#again();
    }
  }

  redo() {
    const next = this.#undone.pop();
    if (next) {
      this.#steps.push(next);
      this.#again();
    }
  }

  /** Whether nothing is painted. */
  get isEmpty() {
    const { data } = this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    for (let i = 3; i < data.length; i += 4) {
      if (data[i] > 127) {
        return false;
      }
    }
    return true;
  }

  /** White where it is painted, black elsewhere. @returns {Promise<Blob>} a PNG file */
  png() {
    const { width, height } = this.canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const out = new ImageData(width, height);
    for (let i = 0; i < data.length; i += 4) {
      out.data.fill(data[i + 3] > 127 ? 255 : 0, i, i + 3);
      out.data[i + 3] = 255;
    }
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).putImageData(out, 0, 0);
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the mask cannot be written'))), 'image/png');
    });
  }

  /** @param {Step} step */
  #do(step) {
    this.#steps.push(step);
    this.#undone = [];
    this.#draw(step);
    this.#changed();
  }

  #again() {
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#steps.forEach((step) => this.#draw(step));
    this.#changed();
  }

  /** @param {Step} step */
  #draw(step) {
    const { width, height } = this.canvas;
    switch (step.kind) {
      case 'clear':
        this.#context.clearRect(0, 0, width, height);
        break;
      case 'invert':
        this.#invert();
        break;
      case 'image':
        this.#paintWhite(step.image);
        break;
      default:
        step.points.forEach((point, i) => this.#line(step, step.points[Math.max(0, i - 1)], point));
    }
  }

  /** @param {Extract<Step, {kind: 'stroke'}>} stroke @param {[number, number]} from @param {[number, number]} to */
  #line(stroke, from, to) {
    const context = this.#context;
    context.globalCompositeOperation = stroke.erase ? 'destination-out' : 'source-over';
    context.strokeStyle = COLOUR;
    context.lineWidth = stroke.width;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0], to[1] + 0.001); // a line of no length would not be drawn
    context.stroke();
    context.globalCompositeOperation = 'source-over';
  }

  #invert() {
    const { width, height } = this.canvas;
    this.#context.globalCompositeOperation = 'source-out';
    this.#context.fillStyle = COLOUR;
    this.#context.fillRect(0, 0, width, height);
    this.#context.globalCompositeOperation = 'source-over';
  }

  /** @param {CanvasImageSource} image */
  #paintWhite(image) {
    const { width, height } = this.canvas;
    const scratch = document.createElement('canvas');
    scratch.width = width;
    scratch.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (scratch.getContext('2d'));
    context.drawImage(image, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      pixels.data[i + 3] = pixels.data[i] > 127 && pixels.data[i + 3] > 127 ? 255 : 0;
    }
    context.putImageData(pixels, 0, 0);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = COLOUR;
    context.fillRect(0, 0, width, height);
    this.#context.drawImage(scratch, 0, 0);
  }
}
