import { make } from './dom.js';
import { address } from './pictures.js';

/** Links that save an image as a file, whose name tells the prompt and the seed. */

const MOST_LETTERS = 60;

/** @param {import('./describe.js').Item} item */
export function download(item) {
  return link(item, 'Download', 'png', item.image.url);
}

/** The same as smaller files. @param {import('./describe.js').Item} item */
export function otherDownloads(item) {
  return ['jpeg', 'webp'].map((format) => link(item, format.toUpperCase(), format, `${item.image.url}?format=${format}&quality=92`));
}

/** @param {import('./describe.js').Item} item @param {string} text @param {string} format @param {string} path */
function link(item, text, format, path) {
  const element = make('a', {
    className: 'button', download: fileName(item, format), href: path, title: `Save as ${format.toUpperCase()}`,
  }, text);
  address(path).then((url) => {
    element.href = url;
  }, () => {});
  return element;
}

/** @param {import('./describe.js').Item} item @param {string} format */
export function fileName({ job, image }, format) {
  const words = (job.spec.prompt || 'image').normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-');
  return `${words.slice(0, MOST_LETTERS).replace(/^-|-$/g, '') || 'image'}-${image.seed}.${format}`;
}
