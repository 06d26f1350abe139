/** A connection that breaks off in the middle of a download: told, tried again, and all is well. */
import { NOT_ARRIVED, test } from './line.js';
import { Live } from './live.js';
import { expect } from './visit.js';

for (const [what, file] of /** @type {const} */ ([
  ['program', /cpu\/.*\.wasm/],
  ['network', /lenet-mnist\.safetensors/],
])) {
  test(`a ${what} that breaks off half way is told, and a second try goes through`, async ({
    page,
    line,
    provokes,
  }) => {
    provokes(NOT_ARRIVED);
    line.breaks(file);
    await page.goto(`${line.address}?network=lenet-mnist&device=cpu`);
    const alert = page.getByRole('alert');
    await expect(alert.locator('p')).toHaveText(
      /^The file [\w.-]+ could not be downloaded: the connection broke off\.$/,
    );
    line.breaks(null);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await new Live(page).shows('digit-0', 'none');
    await expect(alert).toHaveCount(0);
  });
}

test('the program of an exhibit breaks off: the page goes on, and asks for it again', async ({
  page,
  line,
  provokes,
}) => {
  provokes(NOT_ARRIVED);
  const live = new Live(page);
  await live.open(`${line.address}?network=lenet-mnist&device=cpu`);
  line.breaks(/explore\/.*\.wasm/);
  await page.getByRole('link', { name: 'Hidden message' }).click();
  const again = page.getByRole('button', { name: 'Try again' });
  await expect(page.getByText('The program for this exhibit could not be downloaded.')).toBeVisible(
    { timeout: 60_000 },
  );
  line.breaks(null);
  await again.click();
  await expect(page.locator('message-exhibit')).toHaveAttribute('data-state', 'answered', {
    timeout: 60_000,
  });
});
