/** The user comment of Exif data, where programs write down how a JPEG or WebP image was made. */

const EXIF_DIRECTORY = 0x8769;
const USER_COMMENT = 0x9286;
const LITTLE = 0x4949;
const CODE_BYTES = 8; // which name the comment's encoding
const MOST = 1 << 20; // bytes of a comment

/**
 * The comment in an image file; empty if there is none.
 * @param {Uint8Array} bytes of a JPEG, WebP or PNG file
 * @returns {string}
 */
export function commentIn(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const start = exifStart(view, bytes);
    return start < 0 ? '' : comment(view, bytes, start);
  } catch (error) {
    if (error instanceof RangeError) {
      return ''; // cut off, or places outside the file
    }
    throw error;
  }
}

/** Where the Exif data begin; -1 if there are none. @param {DataView} view @param {Uint8Array} bytes */
function exifStart(view, bytes) {
  if (view.getUint16(0) === 0xffd8) {
    return inJpeg(view, bytes);
  }
  if (word(bytes, 0) === 'RIFF' && word(bytes, 8) === 'WEBP') {
    return inChunks(bytes, 12, (at) => ({ type: word(bytes, at), data: at + 8, length: view.getUint32(at + 4, true) }), 'EXIF');
  }
  if (word(bytes, 1).startsWith('PNG')) {
    return inChunks(bytes, 8, (at) => ({ type: word(bytes, at + 4), data: at + 8, length: view.getUint32(at) + 4 }), 'eXIf');
  }
  return -1;
}

/** @param {DataView} view @param {Uint8Array} bytes */
function inJpeg(view, bytes) {
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = view.getUint16(at);
    if (marker === 0xffe1 && word(bytes, at + 4) === 'Exif') {
      return at + 10;
    }
    if (marker < 0xffc0 || marker === 0xffda) {
      return -1; // the image itself begins
    }
    at += 2 + view.getUint16(at + 2);
  }
  return -1;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} first
 * @param {(at: number) => {type: string, data: number, length: number}} chunk
 * @param {string} wanted
 */
function inChunks(bytes, first, chunk, wanted) {
  for (let at = first; at + 8 <= bytes.length;) {
    const { type, data, length } = chunk(at);
    if (type === wanted) {
      return word(bytes, data) === 'Exif' ? data + 6 : data;
    }
    at = data + length + (wanted === 'EXIF' ? length % 2 : 0);
  }
  return -1;
}

/** @param {DataView} view @param {Uint8Array} bytes @param {number} start of the Exif data, to which places in it are relative */
function comment(view, bytes, start) {
  const little = view.getUint16(start) === LITTLE;
  const directory = find(view, start, view.getUint32(start + 4, little), EXIF_DIRECTORY, little);
  const entry = directory && find(view, start, directory.value, USER_COMMENT, little);
  if (!entry || entry.count <= CODE_BYTES || entry.count > MOST) {
    return '';
  }
  const at = start + entry.value;
  return decoded(bytes.subarray(at, at + CODE_BYTES), bytes.subarray(at + CODE_BYTES, at + entry.count));
}

/**
 * @param {DataView} view @param {number} start @param {number} directory @param {number} tag @param {boolean} little
 * @returns {{count: number, value: number}|null}
 */
function find(view, start, directory, tag, little) {
  const entries = view.getUint16(start + directory, little);
  for (let i = 0; i < entries; i++) {
    const at = start + directory + 2 + 12 * i;
    if (view.getUint16(at, little) === tag) {
      return { count: view.getUint32(at + 4, little), value: view.getUint32(at + 8, little) };
    }
  }
  return null;
}

/** @param {Uint8Array} code @param {Uint8Array} text */
function decoded(code, text) {
  const encoding = word(code, 0) === 'UNIC' ? (isLittle(text) ? 'utf-16le' : 'utf-16be') : 'utf-8';
  return new TextDecoder(encoding).decode(text).replace(/\0+$/, '');
}

/** Programs do not agree on the order of bytes; of settings most letters are Latin, with a zero in the upper byte. */
function isLittle(/** @type {Uint8Array} */ text) {
  let upper = 0;
  for (let i = 0; i + 1 < text.length; i += 2) {
    upper += Number(text[i + 1] === 0) - Number(text[i] === 0);
  }
  return upper > 0;
}

/** Four letters. @param {Uint8Array} bytes @param {number} at */
function word(bytes, at) {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
