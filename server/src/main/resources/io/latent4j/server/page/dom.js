/** Makes and finds elements. Nothing becomes HTML: children are elements or plain text. */

/**
 * The element of this id, which the page has.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`the page has no element ${id}`);
  }
  return element;
}

/**
 * A new element. Functions listen to the event of their key, other values are properties where the element has them, and
 * attributes else.
 * @param {string} tag
 * @param {Record<string, any>} [settings]
 * @param {...(Node|string)} children
 * @returns {any}
 */
export function make(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === 'function') {
      element.addEventListener(key, value);
    } else if (key in element && key !== 'list' && key !== 'form') {
      /** @type {any} */ (element)[key] = value;
    } else {
      element.setAttribute(key, String(value));
    }
  }
  element.append(...children);
  return element;
}

/**
 * A button with a text.
 * @param {string} text
 * @param {(event: Event) => void} click
 * @param {Record<string, any>} [settings]
 * @returns {HTMLButtonElement}
 */
export function button(text, click, settings = {}) {
  return make('button', { type: 'button', click, ...settings }, text);
}

let labels = 0;

/**
 * A labelled field.
 * @param {string} text of the label
 * @param {any} input gets an id where it has none
 * @param {string} [className]
 */
export function field(text, input, className = 'field') {
  input.id ||= `field-${++labels}`;
  return make('div', { className }, make('label', { htmlFor: input.id }, text), input);
}
