import { button } from './dom.js';
import { bytes } from './pictures.js';

/** Puts what an image was made of, or the image itself, into the clipboard. */

const SAID = 1500; // milliseconds for which a button says that it is done

/** @param {import('./describe.js').Item} item */
export function copyButtons({ job, image }) {
  if (!navigator.clipboard) {
    return []; // the browser gives it to pages of HTTPS and of this machine alone
  }
  return [
    copying('Prompt', () => navigator.clipboard.writeText(job.spec.prompt ?? '')),
    copying('Parameters', () => navigator.clipboard.writeText(image.parameters)),
    copying('Image', () => navigator.clipboard.write([new ClipboardItem({ 'image/png': bytes(image.url) })])),
  ];
}

/** @param {string} text @param {() => Promise<void>} copy */
function copying(text, copy) {
  const element = button(text, async () => {
    try {
      await copy();
      element.textContent = 'Copied';
    } catch {
      element.textContent = 'Not allowed';
    }
    setTimeout(() => {
      element.textContent = text;
    }, SAID);
  }, { title: `Copy the ${text.toLowerCase()}` });
  return element;
}
