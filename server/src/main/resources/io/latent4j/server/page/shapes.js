import { byId, make } from './dom.js';

/** Buttons for usual shapes of an image. Each keeps the number of pixels that the model makes best. */

const SHAPES = [
  { name: '1:1', wide: 1, high: 1 },
  { name: '3:2', wide: 3, high: 2 },
  { name: '2:3', wide: 2, high: 3 },
  { name: '16:9', wide: 16, high: 9 },
  { name: '9:16', wide: 9, high: 16 },
];

/**
 * The size of a shape.
 * @param {{wide: number, high: number}} shape
 * @param {{width: number, height: number, multiple: number}} facts of the model
 */
export function sized(shape, { width, height, multiple }) {
  const step = Math.max(multiple, width >= 512 ? 64 : 8);
  const ratio = shape.wide / shape.high;
  const whole = (/** @type {number} */ side) => Math.max(step, Math.round(side / step) * step);
  return { width: whole(Math.sqrt(width * height * ratio)), height: whole(Math.sqrt((width * height) / ratio)) };
}

/**
 * @param {() => {width: number, height: number, multiple: number}} facts
 * @param {(size: {width: number, height: number}) => void} choose
 */
export function startShapes(facts, choose) {
  const place = byId('shapes');
  const buttons = SHAPES.map((shape) => {
    const side = 13;
    const drawn = make('span', { className: 'shape', 'aria-hidden': 'true' });
    drawn.style.width = `${shape.wide >= shape.high ? side : (side * shape.wide) / shape.high}px`;
    drawn.style.height = `${shape.high >= shape.wide ? side : (side * shape.high) / shape.wide}px`;
    const element = make('button', { type: 'button', click: () => choose(sized(shape, facts())) }, drawn, shape.name);
    place.append(element);
    return { shape, element };
  });
  return {
    /** Marks the shape of this size. */
    mark(/** @type {number} */ width, /** @type {number} */ height) {
      for (const { shape, element } of buttons) {
        const size = sized(shape, facts());
        element.setAttribute('aria-pressed', String(size.width === width && size.height === height));
      }
    },
  };
}
