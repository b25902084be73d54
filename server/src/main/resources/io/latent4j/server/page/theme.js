import { byId } from './dom.js';

/** Light or dark: as the system has it, or as it was chosen here. */

const NAME = 'latent4j.theme';
const NEXT = { system: 'light', light: 'dark', dark: 'system' };

/** @typedef {keyof typeof NEXT} Theme */

/** @returns {Theme} */
function chosen() {
  const kept = localStorage.getItem(NAME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function startTheme() {
  const button = byId('theme-button');
  const show = () => {
    const theme = chosen();
    if (theme === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = theme;
    }
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener('click', () => {
    const next = NEXT[chosen()];
    if (next === 'system') {
      localStorage.removeItem(NAME);
    } else {
      localStorage.setItem(NAME, next);
    }
    show();
  });
  show();
}
