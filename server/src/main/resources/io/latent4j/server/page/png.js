/** Texts in PNG files, where programs write down how an image was made. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST = 1 << 20; // bytes of a text

/**
 * The text of this name; empty if the file is no PNG or has none.
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function textOf(file, name) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    return '';
  }
  const view = new DataView(bytes.buffer);
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = latin(bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (length <= MOST && ['tEXt', 'zTXt', 'iTXt'].includes(type)) {
      const end = data.indexOf(0);
      if (end > 0 && latin(data.subarray(0, end)) === name) {
        return value(type, data.subarray(end + 1));
      }
    }
    at += 12 + length;
  }
  return '';
}

/** @param {string} type of the chunk @param {Uint8Array} data after the name */
async function value(type, data) {
  if (type === 'tEXt') {
    return latin(data);
  }
  if (type === 'zTXt') {
    return latin(await inflated(data.subarray(1)));
  }
  const language = data.indexOf(0, 2);
  const translated = data.indexOf(0, language + 1);
  const text = data.subarray(translated + 1);
  return new TextDecoder().decode(data[0] === 1 ? await inflated(text) : text);
}

/** ISO 8859-1, each byte a letter. @param {Uint8Array} bytes */
function latin(bytes) {
  let text = '';
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return text;
}

/** @param {Uint8Array} bytes */
async function inflated(bytes) {
  const reader = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { value: part, done } = await reader.read();
    if (done) {
      break;
    }
    size += part.length;
    if (size > MOST) {
      throw new Error('the text in the file is too long');
    }
    parts.push(part);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
