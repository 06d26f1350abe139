/** The page keeps to itself: what it may fetch and run is its own, everywhere, and the browser sees to it. */
import { POLICY } from '../../tools/lib/policy.mjs';
import { exhibits, shown } from './exhibits.js';
import { expect, test } from './visit.js';

test('no request leaves the site, whatever is opened', async ({ page, address, context }) => {
  /** @type {Set<string>} */
  const asked = new Set();
  context.on('request', (request) => asked.add(request.url().replace(/[?#].*/, '')));
  const small = 'device=cpu&network=lenet-mnist';
  await page.goto(`${address}?${small}&noise=universal`);
  await shown(page);
  for (const id of await exhibits(page)) {
    await page.goto(`${address}?${small}&exhibit=${id}`);
    await shown(page);
  }
  await page.goto(`${address}teach.html`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.goto(`${address}bench.html?network=lenet-mnist&repeats=1&columns=cpu-1&rows=forward`);
  await page.locator('#start').click();
  await expect(page.locator('bench-page')).toHaveAttribute('data-state', 'done');
  await page.goto(`${address}examples/class.html`);
  const inside = page.locator('foolscope-exhibit iframe').contentFrame();
  await expect(inside.locator('live-exhibit')).toHaveAttribute('data-state', 'answered');
  await page.goto(`${address}examples/engine.html`);
  await expect(page.getByRole('status')).toContainText('is ready');

  const elsewhere = [...asked].filter((url) => !url.startsWith(address));
  expect(elsewhere).toEqual([]);
  // Those of the workers are among them.
  for (const file of [/cpu\/.*\.wasm$/, /explore\/.*\.wasm$/, /\.safetensors$/, /\.npy$/])
    expect(
      [...asked].some((url) => file.test(url)),
      String(file),
    ).toBe(true);
});

test('the browser refuses what is not of the site, in the page and in its workers', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/violates the (following|document's) Content Security Policy/);
  // Chromium tells of the picture's request, which is never sent.
  provokes(/^request to http:\/\/localhost:\d+\/.*icon\.svg$/);
  const response = await page.goto(`${address}?device=cpu&network=lenet-mnist`);
  expect(response?.headers()['content-security-policy']).toBe(POLICY);
  // Where a server does not send it, the page itself says the same.
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute(
    'content',
    POLICY,
  );
  await shown(page);
  const elsewhere = new URL(address);
  elsewhere.hostname = 'localhost';
  // By the policy that it came with, not by the other server, which does not let itself be read either.
  const fetched = (/** @type {string} */ url) =>
    new Promise((resolve) => {
      self.addEventListener(
        'securitypolicyviolation',
        (event) => resolve(/** @type {SecurityPolicyViolationEvent} */ (event).effectiveDirective),
        { once: true },
      );
      fetch(url).then(
        () => resolve('came'),
        () => setTimeout(resolve, 2000, 'failed otherwise'),
      );
    });
  const [worker] = page.workers();
  expect(await page.evaluate(fetched, address)).toBe('came');
  expect(await page.evaluate(fetched, elsewhere.href)).toBe('connect-src');
  expect(await worker.evaluate(fetched, address)).toBe('came');
  expect(await worker.evaluate(fetched, elsewhere.href)).toBe('connect-src');
  const ran = await page.evaluate(async (elsewhere) => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "inline"';
    document.body.append(script);
    const style = document.createElement('p');
    style.setAttribute('style', 'color: red');
    const image = new Image();
    const loaded = new Promise((resolve) => {
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
    });
    image.src = `${elsewhere}icons/icon.svg`;
    return [document.title === 'inline', style.style.color === 'red', await loaded];
  }, elsewhere.href);
  expect(ran).toEqual([false, false, false]);
});
