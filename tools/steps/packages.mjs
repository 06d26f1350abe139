/** The npm packages, exactly as package-lock.json has them. */
import { hashOf } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

export async function packages() {
  await step(
    'npm packages',
    'installing what package-lock.json lists',
    async () => {
      await run('npm', ['ci', '--no-audit', '--no-fund'], {
        quiet: true,
        advice: 'see that this machine reaches an npm registry (`npm ping`), then start again.',
      });
    },
    { key: await hashOf(['package-lock.json']), makes: ['node_modules/.package-lock.json'] },
  );
}
