/** Weights of words in a prompt, “(word:1.1)”, by keys. */

const STEP = 0.1;
const MOST = 2;

/** Ctrl with an arrow up or down changes the weight of what is selected, or of the word at the cursor. */
export function startWeights(/** @type {any} */ area) {
  area.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (by !== undefined && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      weigh(area, by);
    }
  });
}

/** @param {any} area @param {number} by */
function weigh(area, by) {
  const [from, to] = chosen(area.value, area.selectionStart, area.selectionEnd);
  if (from === to) {
    return;
  }
  const before = area.value.slice(0, from);
  const after = area.value.slice(to);
  const open = before.endsWith('(');
  const close = /^:([0-9.]+)\)/.exec(after);
  const weighed = open && close;
  const weight = Math.min(MOST, Math.max(STEP, Math.round(((weighed ? Number(close[1]) : 1) + by) * 10) / 10));
  const start = weighed ? from - 1 : from;
  const end = weighed ? to + close[0].length : to;
  const text = area.value.slice(from, to);
  const bare = weight === 1;
  area.setRangeText(bare ? text : `(${text}:${weight})`, start, end, 'end');
  area.setSelectionRange(start + (bare ? 0 : 1), start + (bare ? 0 : 1) + text.length);
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

/** What is selected, or the word at the cursor. @param {string} text @param {number} from @param {number} to @returns {[number, number]} */
function chosen(text, from, to) {
  if (from !== to) {
    const selected = text.slice(from, to);
    return [from + selected.length - selected.trimStart().length, to - (selected.length - selected.trimEnd().length)];
  }
  const start = from - (/[^\s,():]*$/.exec(text.slice(0, from))?.[0].length ?? 0);
  return [start, to + (/^[^\s,():]*/.exec(text.slice(to))?.[0].length ?? 0)];
}
