import { byId } from './dom.js';
import { tieSlider } from './number-slider.js';

/** The part of the form for a second run at a larger size. */

const STRENGTH = '0.5';
const BY = 'pixels';

export class Upscale {
  keeps = true;
  #follow = [tieSlider('upscale-factor'), tieSlider('upscale-strength')];
  #clash;

  /** @param {() => string} clash what else is on, and goes with no second run; empty if nothing */
  constructor(clash) {
    this.#clash = clash;
  }

  /** Whether it makes the image larger. */
  get on() {
    return Number(byId('upscale-factor').value) > 1;
  }

  read() {
    if (!this.on) {
      return {};
    }
    /** @type {any} */
    const upscale = {
      factor: Number(byId('upscale-factor').value),
      strength: Number(byId('upscale-strength').value || STRENGTH),
      by: byId('upscale-by').value,
    };
    if (byId('upscale-steps').value !== '') {
      upscale.steps = Number(byId('upscale-steps').value);
    }
    return { upscale };
  }

  /** @param {any} spec */
  write({ upscale }) {
    byId('upscale-factor').value = upscale?.factor ?? '1';
    byId('upscale-strength').value = upscale?.strength ?? STRENGTH;
    byId('upscale-steps').value = upscale?.steps ?? '';
    byId('upscale-by').value = upscale?.by ?? BY;
    byId('upscale-group').open ||= this.on;
  }

  /** Something was changed in the form. */
  changed() {
    this.#follow.forEach((follow) => follow());
    const factor = Number(byId('upscale-factor').value);
    const [wide, high] = ['width', 'height'].map((id) => Math.round(Number(byId(id).value) * factor));
    byId('upscale-badge').hidden = !this.on;
    byId('upscale-badge').textContent = `to ${wide} × ${high}`;
    byId('upscale-clash').hidden = !this.on || this.#clash() === '';
    byId('upscale-clash').textContent = this.#clash();
  }
}
