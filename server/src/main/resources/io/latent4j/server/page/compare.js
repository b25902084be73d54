import { differences } from './describe.js';
import { openDialog } from './dialog.js';
import { make } from './dom.js';
import { show } from './pictures.js';

/** Two images over each other, and a slider that uncovers one or the other. */

/** @typedef {import('./describe.js').Item} Item */

/** @param {Item} one @param {Item} other */
export function compare(one, other) {
  const below = make('img', { alt: `Right: ${other.job.spec.prompt ?? ''}` });
  const above = make('img', { alt: `Left: ${one.job.spec.prompt ?? ''}`, className: 'compare-above' });
  show(below, other.image.url);
  show(above, one.image.url);
  const line = make('span', { className: 'compare-line', 'aria-hidden': 'true' });
  const slider = make('input', {
    type: 'range',
    className: 'compare-slider',
    id: 'compare-slider',
    min: '0',
    max: '100',
    step: '0.5',
    value: '50',
    'aria-label': 'How much of the left image is shown, in percent',
    input: () => move(),
  });
  const frame = make('div', { className: 'compare-frame' }, below, above, line, slider);

  function move() {
    above.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`;
    line.style.left = `${slider.value}%`;
  }

  const fit = () => {
    const { width, height } = one.image;
    frame.style.aspectRatio = `${width} / ${height}`;
    frame.style.setProperty('--ratio', String(width / height));
  };
  fit();
  move();
  openDialog(
    { title: 'Compare', className: 'compare' },
    make('div', { className: 'compare-stage' }, frame),
    table(one, other),
  );
  slider.focus();
}

/** @param {Item} one @param {Item} other */
function table(one, other) {
  const rows = differences(one, other);
  if (rows.length === 0) {
    return make('p', { className: 'hint' }, 'Both have the same settings.');
  }
  const head = make('tr', {}, ...['', 'Left', 'Right'].map((text) => make(text === '' ? 'td' : 'th', text === '' ? {} : { scope: 'col' }, text)));
  return make(
    'table',
    { className: 'differences' },
    make('caption', { className: 'unseen' }, 'In what they differ'),
    make('thead', {}, head),
    make('tbody', {}, ...rows.map((row) => make(
      'tr',
      {},
      make('th', { scope: 'row' }, row.label),
      make('td', {}, row.one),
      make('td', {}, row.other),
    ))),
  );
}
