import { button, make } from './dom.js';

/**
 * Opens a dialog over the page: Esc closes it, the focus stays in it, and goes back where it was.
 * @param {{title: string, className?: string, closed?: () => void}} settings
 * @param {...(Node|string)} content
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, className = '', closed = () => {} }, ...content) {
  const before = document.activeElement;
  const dialog = make(
    'dialog',
    {
      className: `dialog ${className}`,
      tabIndex: -1,
      'aria-label': title,
      close: () => {
        dialog.remove();
        if (before instanceof HTMLElement) {
          before.focus();
        }
        closed();
      },
      click: (/** @type {MouseEvent} */ event) => {
        if (event.target === dialog) {
          dialog.close(); // beside it
        }
      },
    },
    make(
      'div',
      { className: 'dialog-body' },
      make(
        'header',
        { className: 'dialog-head' },
        make('h2', {}, title),
        make('span', { className: 'spring' }),
        button('✕', () => dialog.close(), { className: 'icon quiet', 'aria-label': 'Close', title: 'Close (Esc)' }),
      ),
      ...content,
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
