/** Universal: what grows obeys its radius, is counted as the engine counts, and is shown with what was measured. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { callCounts, countCalls, leaveAndReturn } from './exhibits.js';
import { Live, rows, rowsOf } from './live.js';
import { expect, openEmptyPage, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?device=cpu&network=lenet-cifar10&exhibit=universal';
const DIGITS = '?device=cpu&network=fc-mnist&exhibit=universal';

const results = async (/** @type {string} */ table) =>
  JSON.parse(await readFile(new URL(`../../www/results/${table}.json`, import.meta.url), 'utf8'));

/** @param {Page} page @param {string} state */
const is = (page, state) =>
  expect(page.locator('universal-exhibit')).toHaveAttribute('data-state', state, {
    timeout: 60_000,
  });

/** The pictures that both learn from and those held back, as the page gathered them, and both noises. @param {Page} page */
const made = (page) =>
  page.locator('universal-exhibit').evaluate(async (exhibit) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { lesson } = /** @type {any} */ (exhibit.querySelector('universal-setup'));
    const { runs } = /** @type {any} */ (exhibit.querySelector('universal-parts'));
    return Promise.all(
      runs.map(async (/** @type {any} */ { method, grown }) => ({
        method,
        linf: 255 * Math.max(...grown.map(Math.abs)),
        l2: 255 * Math.hypot(...grown),
        own: (await engine.fooling(lesson.own, grown)).fooled,
        others: (await engine.fooling(lesson.others, grown)).fooled,
        of: [lesson.own.length, lesson.others.length],
      })),
    );
  });

/** A figure of one method's card. @param {Page} page @param {string} method @param {string} name */
const figure = (page, method, name) =>
  page.locator(`.universal-card[data-method="${method}"] [data-figure="${name}"]`).innerText();

test('the engine: the original obeys its radius, counts, stops, and answers others meanwhile', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const found = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const engine = await createEngine({ device: 'cpu', network: 'lenet-cifar10' });
    const names = ['chelsea.png', 'coffee.png', 'china.jpg', 'rocket.jpg', 'flower.jpg'];
    const pictures = await Promise.all(names.map((name) => engine.loadPicture(`samples/${name}`)));
    const [own, others] = [pictures.slice(0, 3), pictures.slice(3)];
    const length = (/** @type {Float32Array} */ v) => 255 * Math.hypot(...v);
    const most = (/** @type {Float32Array} */ v) => 255 * Math.max(...v.map(Math.abs));
    /** @type {any[]} */
    const steps = [];
    const linf = await engine.universalOriginal(
      { own, others },
      { radius: 24, maxPasses: 3, onProgress: (/** @type {any} */ step) => steps.push(step) },
    );
    const again = await engine.universalOriginal({ own, others }, { radius: 24, maxPasses: 3 });
    const l2 = await engine.universalOriginal({ own }, { norm: 'l2', radius: 300, maxPasses: 3 });
    // Each sum as it is, not clipped: whether its label is another one.
    let fooled = 0;
    for (const picture of own) {
      const [{ clean }, sum] = await Promise.all([
        engine.classify(picture),
        engine.classify(picture, { perturbation: linf.perturbation }),
      ]);
      if (sum.perturbed.top[0].label !== clean.top[0].label) fooled += 1;
    }
    const counted = await engine.fooling(own, linf.perturbation);

    const finish = new AbortController();
    const long = { radius: 1, delta: 0, maxPasses: 1e6 };
    const stopping = engine.universalOriginal({ own }, { ...long, finish: finish.signal });
    const meanwhile = await engine.classify(pictures[0]);
    finish.abort();
    const early = await stopping;
    const cancelled = await engine
      .universalOriginal({ own }, { ...long, signal: AbortSignal.timeout(100) })
      .catch((/** @type {Error} */ error) => error.name);
    const refused = await engine
      .universalOriginal({ own: [] })
      .catch((/** @type {Error} */ error) => [error.name, error.message]);

    const { products, dimension, meanOfRandom } = await engine.diversity([
      linf.perturbation,
      l2.perturbation,
    ]);
    const inner = linf.perturbation.reduce(
      (/** @type {number} */ sum, /** @type {number} */ value, /** @type {number} */ index) =>
        sum + value * l2.perturbation[index],
      0,
    );
    const cosine = inner / (Math.hypot(...linf.perturbation) * Math.hypot(...l2.perturbation));
    const wrong = await engine
      .diversity([new Float32Array(7)])
      .catch((/** @type {Error} */ error) => error.name);
    const graph = await engine.labelGraph([
      [3, 5],
      [3, 5],
      [4, 5],
      [5, 5],
      [6, 2],
      [6, 6],
    ]);
    const noName = await engine
      .labelGraph([[3, 10]])
      .catch((/** @type {Error} */ error) => error.name);
    engine.dispose();
    return {
      linf: [linf.norms.linf, most(linf.perturbation)],
      l2: [l2.norms.l2, length(l2.perturbation)],
      same: again.perturbation.every(
        (/** @type {number} */ value, /** @type {number} */ index) =>
          value === linf.perturbation[index],
      ),
      passes: [linf.passes, linf.rates.length, linf.otherRates.length, linf.gradientsByPass.length],
      gradients: [linf.gradientEvaluations, linf.gradientsByPass.at(-1)],
      last: steps.at(-1).passes,
      shown: steps.filter((step) => step.perturbation).length,
      fooled: [counted.fooled, fooled],
      early: [early.stopped, linf.stopped],
      meanwhile: meanwhile.clean.top.length,
      cancelled,
      refused,
      cosine: [products[0][1], cosine],
      self: products[0][0],
      random: [dimension, meanOfRandom],
      wrong,
      graph,
      noName,
    };
  }, `${address}engine.js`);
  expect(found.linf[1]).toBeLessThanOrEqual(24.001);
  expect(found.linf[0]).toBeCloseTo(found.linf[1], 3);
  expect(found.l2[1]).toBeLessThanOrEqual(300.01);
  expect(found.l2[0]).toBeCloseTo(found.l2[1], 2);
  expect(found.same, 'the same from the same seed').toBe(true);
  expect(new Set(found.passes).size, 'one figure a pass').toBe(1);
  expect(found.passes[0] - found.last, 'each pass is told').toBeLessThanOrEqual(1);
  expect(found.shown, 'v after each picture').toBe(3 * found.passes[0]);
  expect(found.gradients[0]).toBe(found.gradients[1]);
  expect(found.gradients[0]).toBeGreaterThan(0);
  expect(found.fooled[0]).toBe(found.fooled[1]);
  expect(found.early).toEqual([true, false]);
  expect(found.meanwhile).toBe(5);
  expect(found.cancelled).toBe('TimeoutError');
  expect(found.refused).toEqual([
    'BadRequest',
    'a universal perturbation needs at least one picture to learn from',
  ]);
  expect(found.cosine[0]).toBeCloseTo(found.cosine[1], 5);
  expect(found.self).toBeCloseTo(1, 12);
  expect(found.random[0]).toBe(3072);
  expect(found.random[1]).toBeCloseTo(Math.sqrt(2 / (Math.PI * 3072)), 5);
  expect(found.wrong).toBe('BadPerturbation');
  expect(found.noName).toBe('BadRequest');
  const { edges, dominant, fooled, takeHalf, dot } = found.graph;
  // Half of a class is not most of it.
  expect(edges).toEqual([
    { from: 3, to: 5, pictures: 2, of: 2 },
    { from: 4, to: 5, pictures: 1, of: 1 },
  ]);
  expect(dominant.map((/** @type {any} */ { name, pictures }) => [name, pictures])).toEqual([
    ['dog', 3],
    ['bird', 1],
  ]);
  expect([fooled, takeHalf]).toEqual([4, 1]);
  expect(dot).toContain('digraph');
  expect(dot).toContain('cat');
});

test('both grow from the same pictures: radius, counts, chart, sentence and picture agree', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${DIGITS}&sample=digit-4`);
  await is(page, 'idle');
  await expect(page.locator('#sentence')).toContainText(
    'learn from 20 views of 5 sample pictures, and are tried on 20 views of 5 other',
  );
  await page.locator('#start').click();
  await is(page, 'answered');
  const found = await made(page);
  expect(found.map((/** @type {any} */ { method }) => method).sort()).toEqual([
    'original',
    'stochastic',
  ]);
  const sentence = (await page.locator('#sentence').innerText()).replaceAll(',', '');
  await page.locator('plot-chart summary').first().click();
  for (const { method, linf, own, others, of } of found) {
    expect(linf, 'at most ξ').toBeLessThanOrEqual(51.001);
    expect(await figure(page, method, 'own')).toContain(`${own} of ${of[0]}`);
    expect(await figure(page, method, 'others')).toContain(`${others} of ${of[1]}`);
    const gradients = (await figure(page, method, 'gradients')).replaceAll(',', '');
    expect(Number(gradients)).toBeGreaterThan(0);
    expect(sentence).toContain(`fter ${gradients} gradients`);
    expect(sentence).toContain(
      `fools ${own} of ${of[0]} pictures that it learnt from and ${others} of ${of[1]} others`,
    );
    // The table under the chart ends with the gradients that were counted.
    const table = page.locator('plot-chart tbody tr', { hasText: new RegExp(method, 'i') });
    const last = (await table.locator('td').nth(2).textContent()) ?? '';
    expect(last).toBe('0');
    await expect(table.last()).toContainText(/%/);
  }

  // The figure above is of the noise that is chosen, on the picture at hand.
  for (const method of ['original', 'stochastic']) {
    await page.locator(`input[name="method"][value="${method}"]`).check();
    const answer = await page.locator('universal-exhibit').evaluate(async (exhibit, method) => {
      const { engine } = /** @type {any} */ (window).foolscope;
      const { runs } = /** @type {any} */ (exhibit.querySelector('universal-parts'));
      const { grown } = runs.find((/** @type {any} */ run) => run.method === method);
      const { pixels } = /** @type {any} */ (exhibit).picture;
      return (await engine.classify(pixels, { perturbation: grown })).perturbed;
    }, method);
    await expect.poll(() => rows(page.locator('#sum class-bars'))).toEqual(rowsOf(answer));
  }

  // A few of the pictures, with the labels that the engine gives them.
  const labels = await page.locator('universal-exhibit').evaluate(async (exhibit) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { runs } = /** @type {any} */ (exhibit.querySelector('universal-parts'));
    const { grown, job } = runs.find((/** @type {any} */ run) => run.method === 'stochastic');
    return (await engine.fooling(job.few, grown)).labels;
  });
  const shown = page.locator('.universal-strip [data-method="stochastic"]');
  const now = await shown.evaluateAll((all) => all.map((each) => each.dataset.now));
  expect(now).toEqual(labels.map((/** @type {number[]} */ [, label]) => String(label)));

  // Its graph of labels is of the same pictures.
  await page.locator('[data-part="graph"] h2 button').click();
  await page.locator('input[name="whose"][value="stochastic"]').check();
  const stochastic = found.find((/** @type {any} */ { method }) => method === 'stochastic');
  await expect(page.locator('#graph-sentence')).toContainText(
    `of the ${stochastic.own + stochastic.others} pictures that are fooled`,
  );
});

test('stopped alone and together, what they had is kept; a link restores norm, radius and seed', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&norm=l2&radius=143&seed=7&method=original`);
  await is(page, 'idle');
  await page.locator('.universal-setup > summary').click();
  await expect(page.locator('#radius')).toHaveValue('143');
  await expect(page.locator('#seed')).toHaveValue('7');
  await page.locator('#start').click();
  await is(page, 'working');
  const card = (/** @type {string} */ method) =>
    page.locator(`.universal-card[data-method="${method}"]`);
  await expect(card('original').locator('canvas')).toBeVisible();
  await page.locator('[data-stop="original"]').click();
  await expect(card('original')).toHaveAttribute('data-state', 'done');
  await expect(card('stochastic')).toHaveAttribute('data-state', 'working');
  await expect(card('stochastic').locator('canvas')).toBeVisible();
  await page.keyboard.press('Escape');
  await is(page, 'answered');
  for (const { method, l2, own, of } of await made(page)) {
    expect(l2).toBeGreaterThan(0);
    expect(l2, method).toBeLessThanOrEqual(143.01);
    expect(await figure(page, method, 'own')).toContain(`${own} of ${of[0]}`);
  }
  await expect(page).toHaveURL(/norm=l2.*radius=143.*seed=7|method=original/);

  // The file holds the very noise.
  const download = page.waitForEvent('download');
  await page.locator('#save').click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('universal-original-lenet-cifar10-l2143-seed7.npy');
  const bytes = await readFile(await file.path());
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 4 * 3072));
  const grown = await page.locator('universal-parts').evaluate((parts) => {
    const { runs } = /** @type {any} */ (parts);
    return [...runs.find((/** @type {any} */ run) => run.method === 'original').grown];
  });
  expect([...values]).toEqual(grown);

  // Live shows it, and the gallery keeps both.
  await page.locator('#put').click();
  const live = new Live(page);
  await expect(live.exhibit).toHaveAttribute('data-noise', 'universal', { timeout: 30_000 });
  const noise = await live.noise();
  expect(noise.data).toEqual(grown);
  await page.goBack();
  await page.locator('[data-part="gallery"] h2 button').click();
  await expect(page.locator('.gallery li')).toHaveCount(7);
  await expect(page.locator('.gallery')).toContainText('Yours, original');
});

test('whoever comes back finds both noises, also after another network', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&radius=12`);
  await is(page, 'idle');
  await page.locator('.universal-setup > summary').click();
  await page.locator('#add-this').click();
  const own = /** @type {const} */ (['gradients', 'own', 'others']);
  const figures = () =>
    Promise.all(
      ['stochastic', 'original'].flatMap((method) => own.map((name) => figure(page, method, name))),
    );
  await page.locator('#start').click();
  await is(page, 'answered');
  const before = await figures();
  const sentence = await page.locator('#sentence').innerText();
  await countCalls(page, ['universal', 'universalOriginal', 'fooling']);
  await leaveAndReturn(page);
  await is(page, 'answered');
  expect(await figures()).toEqual(before);
  await expect(page.locator('#sentence')).toHaveText(sentence);
  await expect(page.locator('.universal-card canvas')).toHaveCount(2);
  await expect(page.locator('.universal-chart svg').first()).toBeVisible();
  await page.locator('.universal-setup > summary').click();
  await expect(page.locator('#lesson')).toContainText('1 photo');
  await page.locator('#network').selectOption('nin-cifar10');
  await is(page, 'idle');
  await page.locator('#network').selectOption('lenet-cifar10');
  await is(page, 'answered');
  expect(await figures()).toEqual(before);
  expect(await callCounts(page)).toEqual({ universal: 0, universalOriginal: 0, fooling: 0 });

  // In the middle of it: what there is ends, and is counted by the network that it is for.
  await page.locator('#start').click();
  await is(page, 'working');
  await expect(page.locator('.universal-card[data-method="original"] canvas')).toBeVisible();
  await page.locator('#network').selectOption('nin-cifar10');
  await is(page, 'idle');
  await page.locator('#network').selectOption('lenet-cifar10');
  await is(page, 'answered');
  for (const { method, own, of } of await made(page))
    expect(await figure(page, method, 'own')).toContain(`${own} of ${of[0]}`);
});

test('a target by name is for the stochastic method, and is counted as such', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${DIGITS}&target=3`);
  await is(page, 'idle');
  await page.locator('[data-start="stochastic"]').click();
  await is(page, 'answered');
  const { become, of } = await page.locator('universal-exhibit').evaluate(async (exhibit) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { lesson } = /** @type {any} */ (exhibit.querySelector('universal-setup'));
    const [{ grown }] = /** @type {any} */ (exhibit.querySelector('universal-parts')).runs;
    const { labels } = await engine.fooling(lesson.own, grown);
    const open = labels.filter((/** @type {number[]} */ [clean]) => clean !== 3);
    return {
      become: open.filter((/** @type {number[]} */ [, now]) => now === 3).length,
      of: open.length,
    };
  });
  expect(become).toBeGreaterThan(0);
  expect(await figure(page, 'stochastic', 'own')).toContain(`${become} of ${of}`);
  await expect(page.locator('#sentence')).toContainText(`turns ${become} of ${of} pictures`);
});

test('the gallery has the core’s inner products of the shipped noises', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&part=gallery`);
  await expect(page.locator('.gallery-matrix')).toBeVisible({ timeout: 60_000 });
  const cosines = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const ids = ['-seed0', '-seed1', '-seed2', '-seed3', '-seed4'].map(
      (end) => `lenet-cifar10-linf10${end}`,
    );
    const noises = await Promise.all(ids.map((id) => engine.loadPerturbation(id)));
    const length = (/** @type {Float32Array} */ v) => Math.hypot(...v);
    return noises.map(({ data: a }) =>
      noises.map(({ data: b }) => {
        const inner = a.reduce(
          (/** @type {number} */ sum, /** @type {number} */ value, /** @type {number} */ at) =>
            sum + value * b[at],
          0,
        );
        return inner / (length(a) * length(b));
      }),
    );
  });
  const shown = await page
    .locator('.gallery-matrix tbody tr')
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.dataset.product))),
    );
  expect(shown).toHaveLength(5);
  shown.forEach((row, from) =>
    row.forEach((product, to) => expect(product).toBeCloseTo(cosines[from][to], 4)),
  );
  // And they are those that were measured when the noises were made.
  const { entries } = await results('diversity');
  const measured = (/** @type {string} */ measure) =>
    entries.find(
      (/** @type {any} */ it) => it.network === 'lenet-cifar10' && it.measure === measure,
    ).value;
  const sentence = await page.locator('#diversity').innerText();
  expect(sentence).toContain(Number(measured('mean inner product')).toPrecision(2));
  expect(sentence).toContain(Number(measured('largest inner product')).toPrecision(2));
  expect(sentence).toContain('3,072 dimensions would have 0.014');
});

test('networks × networks: each cell is the measured one, and opens its pair in Live', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${DIGITS}&part=transfer`);
  const cells = page.locator('universal-transfer td[data-value]');
  await expect(cells.locator('a')).toHaveCount(17, { timeout: 60_000 });
  const { entries, published } = await results('transfer');
  await expect(cells).toHaveCount(entries.length + published.length);
  for (const { measure, value } of entries) {
    const [from, on] = measure.split("'s fools ");
    const cell = page.locator(`td[data-from="${from}"][data-on="${on}"]`);
    await expect(cell).toHaveAttribute('data-value', String(value));
    await expect(cell.locator('a')).toContainText(`${Math.round(100 * value)} %`);
  }
  for (const { network, measure, value } of published) {
    const on = measure.replace('fools ', '');
    const cell = page.locator(`td[data-from="${network}"][data-on="${on}"]`);
    await expect(cell).toHaveText(`${Math.round(100 * value)} %`);
  }
  const pair = page.locator('td[data-from="lenet-cifar10"][data-on="nin-cifar10"] a');
  const href = (await pair.getAttribute('href')) ?? '';
  expect(Object.fromEntries(new URLSearchParams(href.split('?')[1]))).toEqual({
    exhibit: 'live',
    network: 'lenet-cifar10',
    noise: 'universal',
    universal: 'lenet-cifar10-linf10',
    beside: 'nin-cifar10',
  });
  await pair.click();
  const live = new Live(page);
  await expect(live.exhibit).toHaveAttribute('data-noise', 'universal', { timeout: 60_000 });
  expect((await live.noise()).id).toBe('lenet-cifar10-linf10');
  const beside = page.locator('networks-beside');
  await expect(beside).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await expect(beside).toContainText('Network in Network');
});

test('the graph of labels is the measured one: zoom, keys, table and file', async ({
  page,
  address,
}) => {
  await page.goto(`${address}?device=cpu&exhibit=universal&part=graph`);
  const graph = page.locator('svg.graph');
  await expect(graph).toBeVisible({ timeout: 90_000 });
  const { entries } = await results('label-graph');
  const { values } = entries.find(
    (/** @type {any} */ it) => it.network === 'efficientnet-lite0' && it.values,
  );
  const [first] = values.dominant;
  await expect(page.locator('#graph-sentence')).toHaveText(
    `One label alone takes half of them or more: ${first.name} takes ${first.pictures} of the 738 pictures that are fooled, and of ${first.classes} classes most pictures end there.`,
  );
  // An arrow for each class of which more than half goes one way, counted here from the ways.
  /** @type {Map<number, number>} */
  const all = new Map();
  for (const [from, , pictures] of values.ways) all.set(from, (all.get(from) ?? 0) + pictures);
  const most = values.ways.filter(
    (/** @type {number[]} */ [from, to, pictures]) =>
      from !== to && 2 * pictures > (all.get(from) ?? 0),
  );
  await expect(graph.locator('line')).toHaveCount(most.length);
  await expect(graph.locator('.graph-name.dominant').first()).toHaveText(/\w/);
  expect(
    await graph.locator('line[data-dominant]').count(),
    'what leads to the dominant ones stands out',
  ).toBeGreaterThanOrEqual(first.classes);

  const scale = () =>
    graph.locator('.graph-all').evaluate((all) => {
      const [, scale = '1'] = /scale\(([\d.]+)\)/.exec(all.getAttribute('transform') ?? '') ?? [];
      return Number(scale);
    });
  await page.locator('#zoom-in').click();
  expect(await scale()).toBeCloseTo(1.6, 5);
  await graph.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#graph-said')).toHaveText(/ → .*: \d+ of \d+ pictures?$/);
  await graph.hover();
  await page.mouse.wheel(0, -400);
  await expect.poll(scale).toBeGreaterThan(1.7);
  await page.locator('#zoom-all').click();
  expect(await scale()).toBe(1);
  const circle = graph.locator('circle[data-dominant]').first();
  await circle.hover();
  await expect(page.locator('#graph-said')).toContainText('pictures of other classes end here');

  await page.getByText('The same as a table').last().click();
  await expect(page.locator('universal-graph tbody tr')).toHaveCount(most.length);
  const download = page.waitForEvent('download');
  await page.locator('#dot').click();
  const dot = await readFile(await (await download).path(), 'utf8');
  expect(dot.match(/->/g)).toHaveLength(most.length);
  expect(dot).toContain('"brain coral"');
});

test('feedback: the rounds that were measured, beside the published ones', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&part=feedback`);
  const chart = page.locator('universal-feedback plot-chart');
  await expect(chart.locator('svg[role="img"]')).toBeVisible({ timeout: 60_000 });
  const { entries, published } = await results('feedback');
  const own = entries.filter((/** @type {any} */ { network }) => network === 'lenet-cifar10');
  await chart.locator('summary').click();
  await expect(chart.locator('tbody tr')).toHaveCount(own.length + published.length);
  const percents = await chart.locator('tbody tr td:nth-child(4)').allTextContents();
  expect(percents).toEqual(
    [...own, ...published].map(({ value }) => `${Math.round(100 * value)}\u00a0%`),
  );
  await expect(page.locator('#feedback-sentence')).toContainText('49 %');
  await page.getByText('The command that makes these figures').click();
  await expect(page.locator('universal-feedback pre')).toHaveText(own[0].command);
});

test('pictures are added, and too few leave none to try it on', async ({ page, address }) => {
  await page.goto(`${address}${SMALL}`);
  await is(page, 'idle');
  await page.locator('.universal-setup > summary').click();
  const photo = (/** @type {string} */ name) =>
    fileURLToPath(new URL(`../../www/assets/samples/${name}`, import.meta.url));
  await page.locator('#universal-pictures').setInputFiles([photo('flower.jpg')]);
  await expect(page.locator('#lesson')).toContainText('1 photo');
  await page.locator('#add-this').click();
  await expect(page.locator('#lesson')).toContainText('2 photos');
  await page.locator('#from-samples').uncheck();
  await expect(page.locator('#lesson')).toHaveText(
    'Both learn from 2 photos, and are tried on 10 sample pictures, which they do not learn from.',
  );
  await page.getByRole('button', { name: 'Remove them' }).click();
  await expect(page.locator('#start')).toBeDisabled();
});

for (const width of [320, 390, 844]) {
  test(`no sideways scroll at ${width} px`, async ({ page, address }) => {
    await page.setViewportSize({ width, height: 740 });
    for (const part of ['transfer', 'graph']) {
      await page.goto(`${address}${SMALL}&part=${part}`);
      await is(page, 'idle');
      expect(await page.evaluate(() => document.documentElement.scrollWidth), part).toBe(width);
    }
  });
}
