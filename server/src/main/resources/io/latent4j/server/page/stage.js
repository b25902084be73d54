import { announce } from './announce.js';
import { byId, button, make } from './dom.js';
import { events } from './events.js';
import * as jobs from './jobs.js';
import { show } from './pictures.js';
import { counted, duration, progress, took } from './words.js';

/** Follows the person's jobs, one after the other: previews, progress, the images as they are finished. */

const KEPT = 'latent4j.jobs';
const AGAIN = 1500; // milliseconds until a stream that broke is opened again

export class Stage {
  #left = /** @type {string[]} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? '[]'));
  #mine = /** @type {string[]} */ ([]);
  #following = '';
  #signal = new AbortController();
  #showing = '';
  #count = 1;
  #finished = /** @type {any[]} */ ([]);
  #preview = make('img', { id: 'preview', alt: 'Preview of the image in the making' });
  #shown;
  #actions;
  #ended;

  /**
   * @param {{
   *   actions: (job: any, image: any) => Node[],
   *   open: (job: any, image: any) => void,
   *   ended: (job: any) => void,
   * }} listeners
   */
  constructor({ actions, open, ended }) {
    this.#actions = actions;
    this.#shown = open;
    this.#ended = ended;
    byId('cancel').addEventListener('click', () => this.cancel());
  }

  /** Whether a job of this page runs or waits. */
  get busy() {
    return this.#mine.length > 0;
  }

  /** Goes on with the jobs that this tab began before the page was loaded again. */
  async resume() {
    const left = this.#left;
    this.#left = [];
    for (const id of left) {
      const job = await jobs.job(id).catch(() => null);
      if (job && !job.ended) {
        this.follow(job);
      }
    }
    this.#keep();
  }

  #keep() {
    sessionStorage.setItem(KEPT, JSON.stringify(this.#mine));
  }

  /** Shows a job now, or after those before it. */
  follow(/** @type {any} */ job) {
    this.#mine.push(job.id);
    this.#keep();
    if (this.#following === '') {
      this.#next();
    } else {
      announce('The job waits for the one before it.');
    }
  }

  /** Shows the images of a job no more, as they are gone. @param {string} id */
  drop(id) {
    if (id === this.#showing && !this.busy) {
      this.#showing = '';
      byId('stage-foot').hidden = true;
      byId('stage-strip').hidden = true;
      byId('stage-picture').replaceChildren(byId('welcome'));
      byId('welcome').hidden = false;
    }
  }

  async cancel() {
    const id = this.#following;
    if (id !== '') {
      this.#word('Cancelling…');
      byId('cancel').disabled = true;
      await jobs.cancel(id);
    }
  }

  async #next() {
    const id = this.#mine[0];
    if (!id) {
      return;
    }
    this.#following = id;
    this.#begin();
    try {
      const job = await this.#untilEnd(id);
      this.#end(job);
      this.#ended(job);
    } catch (error) {
      this.#fail(/** @type {Error} */ (error).message);
    }
    this.#mine.shift();
    this.#keep();
    this.#following = '';
    this.#next();
  }

  #begin() {
    this.#count = 1;
    this.#finished = [];
    byId('welcome').hidden = true;
    byId('stage-foot').hidden = false;
    byId('stage-actions').replaceChildren();
    byId('stage-warnings').replaceChildren();
    byId('stage-warnings').hidden = true;
    byId('cancel').hidden = false;
    byId('cancel').disabled = false;
    byId('stage').setAttribute('aria-busy', 'true');
    byId('stage').classList.add('working');
    this.#progress(null);
    this.#strip();
    this.#word('Handing in…');
  }

  /** @param {string} id */
  async #untilEnd(id) {
    const first = await jobs.job(id);
    this.#count = first.spec.count ?? 1;
    this.#strip();
    for (;;) {
      let last = null;
      try {
        for await (const event of events(id, this.#signal.signal)) {
          if (event.name === 'ended') {
            last = event.data;
          } else {
            this.#take(event.name, event.data, first);
          }
        }
      } catch (error) {
        if (/** @type {any} */ (error).status !== 0) {
          throw error;
        }
      }
      if (last) {
        return last;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      const now = await jobs.job(id).catch((error) => {
        if (error.status === 0) {
          this.#word('The server does not answer; trying again…');
          return null;
        }
        throw error;
      });
      if (now?.ended) {
        return now;
      }
    }
  }

  /** @param {string} name @param {any} data @param {any} job */
  #take(name, data, job) {
    switch (name) {
      case 'queued':
        this.#word(data.position > 0 ? `Waiting: ${counted(data.position, 'job goes', 'jobs go')} first` : 'Next in the queue');
        break;
      case 'loading':
        this.#word(`Opening the model ${data.model}…`);
        break;
      case 'started':
        this.#word('Started');
        announce('Started.');
        break;
      case 'stage':
        this.#stage(data);
        break;
      case 'step':
        this.#step(data);
        break;
      case 'preview':
        this.#showPreview(`data:image/png;base64,${data.png}`);
        break;
      case 'image':
        if (!this.#finished.some((image) => image.index === data.index)) {
          this.#finished.push(data);
          this.#strip(job);
        }
        break;
      case 'warning':
        this.#warn(data.warning);
        break;
      default: // a newer server may tell more
    }
  }

  /** @param {any} data */
  #stage(data) {
    const which = this.#count > 1 ? `Image ${data.image + 1} of ${this.#count} · ` : '';
    if (data.stage !== 'denoising') {
      this.#word(`${which}${data.stage.replaceAll('_', ' ')}…`);
    }
  }

  /** @param {any} data */
  #step(data) {
    this.#progress(data.step / data.steps);
    const which = this.#count > 1 ? `Image ${Math.min(this.#count, this.#finished.length + 1)} of ${this.#count} · ` : '';
    this.#word(`${which}${progress(data)}`);
    const quarter = Math.floor((4 * data.step) / data.steps);
    if (data.steps >= 8 && quarter !== Math.floor((4 * (data.step - 1)) / data.steps) && quarter < 4) {
      announce(`${quarter * 25} percent · about ${duration(data.seconds_left)} left`);
    }
  }

  #showPreview(/** @type {string} */ url) {
    this.#preview.src = url;
    if (!this.#preview.isConnected) {
      this.#picture(this.#preview);
    }
  }

  #picture(/** @type {Node} */ node) {
    byId('stage-picture').replaceChildren(byId('welcome'), node);
  }

  /** @param {number|null} part of the work; unknown if null */
  #progress(part) {
    const progress = byId('progress');
    progress.classList.remove('idle');
    if (part === null) {
      progress.removeAttribute('value');
    } else {
      progress.value = part;
    }
    document.title = part === null ? 'latent4j' : `${Math.round(part * 100)} % · latent4j`;
  }

  #word(/** @type {string} */ text, bad = false) {
    byId('stage-word').textContent = text;
    byId('stage-word').classList.toggle('error', bad);
  }

  #warn(/** @type {string} */ text) {
    byId('stage-warnings').hidden = false;
    byId('stage-warnings').append(make('li', {}, text));
  }

  /** The images of a job of several, finished and to come. @param {any} [job] */
  #strip(job) {
    const strip = byId('stage-strip');
    strip.hidden = this.#count < 2;
    if (strip.hidden) {
      return;
    }
    const finished = [...this.#finished].sort((a, b) => a.index - b.index);
    const thumbs = finished.map((image) => {
      const picture = make('img', { alt: '' });
      show(picture, image.url);
      const thumb = make('button', {
        type: 'button',
        'aria-label': `Image ${image.index + 1} of ${this.#count}`,
        click: () => this.#showImage(job, image),
      }, picture);
      thumb.dataset.index = image.index;
      return thumb;
    });
    for (let i = finished.length; i < this.#count; i++) {
      thumbs.push(make('span', { className: 'pending' }));
    }
    strip.replaceChildren(...thumbs);
  }

  /** @param {any} job @param {any} image */
  #showImage(job, image) {
    this.#showing = job.id;
    const picture = make('img', { alt: job.spec.prompt || 'The image', id: 'result' });
    show(picture, image.url);
    const open = button('', () => this.#shown(job, image), { className: 'open-image', 'aria-label': 'Show the image large, with its settings' });
    open.append(picture);
    this.#picture(open);
    byId('stage-actions').replaceChildren(...this.#actions(job, image));
    for (const thumb of byId('stage-strip').querySelectorAll('button')) {
      thumb.setAttribute('aria-pressed', String(Number(thumb.dataset.index) === image.index));
    }
  }

  /** @param {any} job */
  #end(job) {
    this.#idle();
    if (job.images.length > 0) {
      this.#finished = job.images;
      this.#strip(job);
      this.#showImage(job, job.images[0]);
    } else {
      byId('stage-picture').replaceChildren(byId('welcome'));
      byId('welcome').hidden = false;
    }
    byId('stage-warnings').replaceChildren();
    job.warnings.forEach((/** @type {string} */ text) => this.#warn(text));
    const word = ending(job);
    this.#word(word, job.state === 'failed');
    announce(word);
  }

  #fail(/** @type {string} */ message) {
    this.#idle();
    this.#word(message, true);
    announce(message);
  }

  #idle() {
    byId('progress').classList.add('idle');
    byId('cancel').hidden = true;
    byId('stage').removeAttribute('aria-busy');
    byId('stage').classList.remove('working');
    document.title = 'latent4j';
  }
}

/** @param {any} job */
function ending(job) {
  if (job.state === 'cancelled') {
    return job.images.length > 0 ? `Cancelled after ${counted(job.images.length, 'image')}` : 'Cancelled';
  }
  if (job.state === 'failed') {
    return `It failed: ${job.error?.message ?? 'the server does not say why'}`;
  }
  const [first] = job.images;
  const what = job.images.length > 1 ? counted(job.images.length, 'image') : `${first.width} × ${first.height}`;
  return `${what} · seed ${first.seed} · made in ${took(job)}`;
}
