import { byId } from './dom.js';

/** Ties a slider to its number field: either moves the other. The slider covers what is usual, the field all that is allowed. */
export function tieSlider(/** @type {string} */ id) {
  const number = byId(id);
  const slider = byId(`${id}-slider`);
  const follow = () => {
    if (number.value !== '') {
      slider.value = number.value;
    }
  };
  number.addEventListener('input', follow);
  slider.addEventListener('input', () => {
    number.value = slider.value;
    number.dispatchEvent(new Event('change', { bubbles: true }));
  });
  return follow;
}
