import { get } from './api.js';
import { byId, button, make } from './dom.js';
import * as jobs from './jobs.js';
import { isLost, lose, regain } from './connection.js';
import { progress as progressOf } from './words.js';

/** What waits and runs on the server, and a way to cancel it. */

const OFTEN = 2000; // milliseconds, while something happens
const SELDOM = 15000;

export class Queue {
  #timer = 0;
  #count = 0;
  #items = /** @type {Map<string, HTMLElement>} */ (new Map());
  #ended;

  /** @param {() => void} ended jobs have left the queue, or may have between two looks */
  constructor(ended) {
    this.#ended = ended;
    const button = byId('queue-button');
    button.addEventListener('click', () => this.#open(byId('queue').hidden));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !byId('queue').hidden) {
        event.preventDefault(); // or it would cancel the job too
        this.#open(false);
        button.focus();
      }
    });
    document.addEventListener('click', (event) => {
      if (event.target instanceof Node && event.target.isConnected
          && !byId('queue').contains(event.target) && event.target !== button) {
        this.#open(false);
      }
    });
    byId('queue-all').addEventListener('click', () => this.#cancelAll());
    document.addEventListener('visibilitychange', () => this.refresh());
  }

  #open(/** @type {boolean} */ open) {
    byId('queue').hidden = !open;
    byId('queue-button').setAttribute('aria-expanded', String(open));
    if (open) {
      this.refresh();
    }
  }

  /** The last first, so that none begins meanwhile. */
  async #cancelAll() {
    byId('queue-all').disabled = true;
    for (const id of [...this.#items.keys()].reverse()) {
      await jobs.cancel(id).catch(() => {}); // it has ended meanwhile
    }
    byId('queue-all').disabled = false;
    this.refresh();
  }

  /** Reads it now, and then again from time to time while the page is seen. */
  async refresh() {
    clearTimeout(this.#timer);
    if (document.hidden) {
      return;
    }
    try {
      const status = await get('/api/queue');
      const before = this.#count;
      this.#count = status.waiting + status.running;
      if (this.#count < before || this.#count === 0 || isLost()) {
        this.#ended();
      }
      regain();
      byId('queue-button').textContent = this.#count === 0 ? 'Queue' : `Queue · ${this.#count}`;
      if (!byId('queue').hidden) {
        const listed = this.#count === 0 ? [] : (await jobs.list({ state: 'running,queued', limit: '100' })).jobs;
        this.#draw(listed, status.progress);
      }
    } catch (error) {
      if (/** @type {any} */ (error).status === 0) {
        lose();
      }
    }
    clearTimeout(this.#timer);
    const busy = this.#count > 0 || !byId('queue').hidden || isLost();
    this.#timer = window.setTimeout(() => this.refresh(), busy ? OFTEN : SELDOM);
  }

  /**
   * Items stay, so that no button changes under the pointer.
   * @param {any[]} listed the newest first
   * @param {any[]} progress of those that run here
   */
  #draw(listed, progress) {
    byId('queue-empty').hidden = listed.length > 0;
    byId('queue-all').hidden = listed.length < 2;
    const waiting = new Map(listed.map((job) => [job.id, job]));
    for (const [id, item] of this.#items) {
      if (!waiting.has(id)) {
        if (item.contains(document.activeElement)) {
          byId('queue-button').focus();
        }
        item.remove();
        this.#items.delete(id);
      }
    }
    for (const job of listed.reverse()) {
      let item = this.#items.get(job.id);
      if (!item) {
        item = this.#item(job);
        this.#items.set(job.id, item);
        byId('queue-list').append(item);
      }
      const running = progress.find((one) => one.id === job.id);
      const word = running && running.steps > 0
        ? progressOf(running)
        : { running: 'Running', queued: 'Waiting' }[/** @type {'running'|'queued'} */ (job.state)];
      /** @type {HTMLElement} */ (item.querySelector('.hint')).textContent = word;
    }
  }

  /** @param {any} job @returns {HTMLElement} */
  #item(job) {
    const prompt = job.spec.prompt || 'Without a prompt';
    const cancel = button('Cancel', async () => {
      cancel.disabled = true;
      await jobs.cancel(job.id);
      this.refresh();
    }, { 'aria-label': `Cancel: ${prompt}` });
    return make(
      'li',
      { className: 'queue-item' },
      make('div', { className: 'queue-text' }, make('p', {}, prompt), make('p', { className: 'hint' })),
      cancel,
    );
  }
}
