import { commentIn } from './exif.js';
import { textOf } from './png.js';

/**
 * The text in an image file that says how it was made.
 * @param {File} file
 * @returns {Promise<string>}
 */
export async function settingsIn(file) {
  const text = (await textOf(file, 'parameters')) || commentIn(new Uint8Array(await file.arrayBuffer()));
  if (text.trim() === '') {
    throw new Error((await textOf(file, 'workflow')) === ''
      ? `${file.name} does not say how it was made; expected an image as it came from the program that made it.`
      : `${file.name} has a workflow of ComfyUI in it, which is not read; expected an image with a text of its settings.`);
  }
  if (text.trimStart().startsWith('{')) {
    throw new Error(`${file.name} has settings in a form that is not read; expected the text that Stable Diffusion web UI and latent4j write.`);
  }
  return text;
}
