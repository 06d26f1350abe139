/** The Live exhibit, as tests use it: by what is written on it, and by what it says of its state. */
import { expect } from './visit.js';

/**
 * @import { Locator, Page } from '@playwright/test'
 * @typedef {'none' | 'universal' | 'random' | 'deepfool'} Noise
 */

export const samples = [
  'coffee',
  'chelsea',
  'rocket',
  'astronaut',
  'motorcycle_left',
  'china',
  'flower',
  'grace_hopper',
];

export class Live {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.exhibit = page.locator('live-exhibit');
    this.clean = page.locator('#picture class-bars');
    this.perturbed = page.locator('#sum class-bars');
    this.sentence = page.locator('#sentence');
    this.device = page.locator('#device');
    this.notice = page.locator('#notice .notice');
    this.picture = page.locator('#picture .caption');
    this.universal = page.locator('#universal');
    this.deepfool = page.locator('#deepfool');
    this.workshop = page.locator('dialog.workshop');
    this.which = page.locator('#which');
  }

  /** Opens the page and waits for its first answer. @param {string} address */
  async open(address) {
    await this.page.goto(address);
    const answered = this.page.locator('live-exhibit[data-state="answered"]');
    const failed = this.page.getByRole('alert').locator('p');
    await expect(answered.or(failed).first()).toBeVisible({ timeout: 90_000 });
    if (await failed.isVisible()) throw new Error(`no classifier: ${await failed.innerText()}`);
  }

  /** @param {string} sample @param {Noise} [noise] */
  async choose(sample, noise = 'none') {
    await this.page.locator(`button[data-sample="${sample}"]`).click();
    await this.shows(sample, noise);
  }

  /** @param {string} picture @param {Noise} noise */
  async shows(picture, noise) {
    await expect(this.exhibit).toHaveAttribute('data-picture', picture);
    await expect(this.exhibit).toHaveAttribute('data-noise', noise, { timeout: 60_000 });
    await expect(this.exhibit).toHaveAttribute('data-state', 'answered');
  }

  async fooled() {
    return (await this.exhibit.getAttribute('data-fooled')) === 'true';
  }

  /** Opens *Make your own*, and waits until the pictures are there: four views of each. */
  async openWorkshop() {
    await this.page.locator('#workshop').click();
    await expect(this.workshop.locator('.shelf pixel-view')).not.toHaveCount(0);
  }

  /** The chosen universal noise, as the page holds it. */
  noise() {
    return this.exhibit.evaluate((exhibit) => {
      const { id, title, norm, radius, counts, data } = /** @type {any} */ (exhibit).universal;
      return { id, title, norm, radius, counts, data: /** @type {number[]} */ ([...data]) };
    });
  }

  /** A file of the visitor's own. @param {{ name: string, mimeType: string, buffer: Buffer }} file */
  async upload(file) {
    await this.page.locator('#file').setInputFiles(file);
  }

  /** The figure of this name below the noise, without its unit. @param {string} name */
  async figure(name) {
    const text = await this.page.locator(`[data-figure="${name}"]`).innerText();
    return Number.parseFloat(text);
  }
}

/**
 * The rows of class bars, as they are written.
 * @param {Locator} bars
 */
export function rows(bars) {
  return bars.locator('li[data-label]').evaluateAll((items) =>
    items.map((item) => ({
      label: Number(item.getAttribute('data-label')),
      name: item.querySelector('.bar-name')?.textContent?.trim(),
      percent: item.querySelector('.bar-value')?.textContent?.trim(),
    })),
  );
}

/**
 * What the rows must say of an answer of the engine.
 * @param {{ top: { label: number, name: string, probability: number }[] }} answer
 */
export function rowsOf(answer) {
  return answer.top.map(({ label, name, probability }) => {
    const whole = Math.round(100 * probability);
    const low = whole === 0 && probability > 0 ? '<1\u00a0%' : `${whole}\u00a0%`;
    return { label, name, percent: whole === 100 && probability < 1 ? '>99\u00a0%' : low };
  });
}
