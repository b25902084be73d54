import { upload } from './api.js';
import { bytes } from './pictures.js';

/** An image that a job is given: sent to the server once, when it is first needed. */
export class SentImage {
  #id = /** @type {Promise<string>|null} */ (null);

  /** @param {Blob} blob @param {ImageBitmap} bitmap */
  constructor(blob, bitmap) {
    this.blob = blob;
    this.width = bitmap.width;
    this.height = bitmap.height;
    this.url = URL.createObjectURL(blob);
  }

  /** @param {Blob} blob @returns {Promise<SentImage>} */
  static async of(blob) {
    try {
      const bitmap = await createImageBitmap(blob);
      const image = new SentImage(blob, bitmap);
      bitmap.close();
      return image;
    } catch {
      throw new Error('The file is no image that this browser can read.');
    }
  }

  /** The image of an address of the server. @param {string} path */
  static async at(path) {
    return SentImage.of(await bytes(path));
  }

  /** By which a job names it. @returns {Promise<string>} */
  id() {
    if (this.#id === null) {
      this.#id = upload(this.blob);
      this.#id.catch(() => {
        this.#id = null;
      });
    }
    return this.#id;
  }

  /** Frees what the browser keeps for it. */
  close() {
    URL.revokeObjectURL(this.url);
  }
}
