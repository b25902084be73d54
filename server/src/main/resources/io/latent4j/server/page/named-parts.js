import { byId, button, field, make } from './dom.js';

/** Parts of the form that are lists of named things with a strength each: adapters, control networks. */

/**
 * A number with a slider.
 * @param {string} label
 * @param {{value: number, min: number, max: number, least: number, most: number, step: number}} range of the slider, and of
 *     what is allowed
 * @param {(value: number) => void} set
 */
export function strengthField(label, range, set) {
  const number = make('input', {
    type: 'number', min: String(range.least), max: String(range.most), step: 'any', inputmode: 'decimal', value: String(range.value),
  });
  const slider = make('input', {
    type: 'range', min: String(range.min), max: String(range.max), step: String(range.step), value: String(range.value),
    'aria-label': label,
  });
  const take = (/** @type {any} */ from, /** @type {any} */ to) => () => {
    to.value = from.value;
    if (from.value !== '' && Number(from.value) >= range.least && Number(from.value) <= range.most) {
      set(Number(from.value));
    }
  };
  number.addEventListener('input', take(number, slider));
  slider.addEventListener('input', take(slider, number));
  const place = field(label, number, 'field slider');
  place.append(slider);
  return place;
}

/**
 * One thing of a list.
 * @param {string} name
 * @param {() => void} remove
 * @param {...Node} content
 */
export function entry(name, remove, ...content) {
  return make(
    'div',
    { className: 'entry', role: 'group', 'aria-label': name },
    make(
      'div',
      { className: 'entry-head' },
      make('span', { className: 'entry-name' }, name),
      make('span', { className: 'spring' }),
      button('✕', remove, { className: 'icon quiet', 'aria-label': `Remove ${name}`, title: 'Remove' }),
    ),
    ...content,
  );
}

/**
 * A list of names and a button that adds the chosen one; a hint where there is none.
 * @param {string[]} names
 * @param {string} label of the list
 * @param {string} none
 * @param {(name: string) => void} add
 */
export function adder(names, label, none, add) {
  if (names.length === 0) {
    return make('p', { className: 'hint' }, none);
  }
  const select = make('select', {}, ...names.map((name) => new Option(name, name)));
  const place = field(label, select);
  return make('div', { className: 'row' }, place, button('Add', () => add(select.value)));
}

/** How many there are, beside the title. @param {string} id of the badge @param {number} count */
export function badge(id, count) {
  byId(id).hidden = count === 0;
  byId(id).textContent = String(count);
}
