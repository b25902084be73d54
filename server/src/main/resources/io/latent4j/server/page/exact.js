/** JSON with seeds, whole numbers of up to 64 bits: texts here, as no number of JavaScript holds them. */

/** @param {string} json @returns {any} */
export function read(json) {
  // In a text of the JSON the quotes are escaped, so that none of it looks like a key.
  return JSON.parse(json.replace(/("seed":\s*)([0-9]{16,})/g, '$1"$2"'));
}

/** @param {any} value */
export function written(value) {
  return JSON.stringify(value).replace(/"seed":"0*([0-9]+)"/g, '"seed":$1');
}

/** The seed that is so many further on. @param {string|number} seed @param {number} by */
export function further(seed, by) {
  return String(BigInt.asUintN(64, BigInt(seed) + BigInt(by)));
}

/** A random seed, as short as those of the server. */
export function randomSeed() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}
