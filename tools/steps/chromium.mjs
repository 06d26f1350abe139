/** A Chromium for the browser tests: found, or installed where that is ours to do. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../lib/run.mjs';
import { step, StepFailed } from '../lib/step.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const advice = 'install Chromium, or give its path: CHROMIUM=/path/to/chromium npm test';

/** @returns {Promise<string>} the program's path */
export async function chromium() {
  const found = await find();
  if (found) return found;
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/etc/debian_version')) {
    throw new StepFailed(
      `the browser tests need Chromium, and there is none.\nWhat to do: ${advice}`,
    );
  }
  await step('chromium', 'apt-get install chromium', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { quiet: true, env, advice });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      quiet: true,
      env,
      advice,
    });
  });
  const installed = await find();
  if (!installed)
    throw new StepFailed(`chromium was installed and does not start.\nWhat to do: ${advice}`);
  return installed;
}

async function find() {
  if (process.env.CHROMIUM) {
    const asked = process.env.CHROMIUM;
    await run(asked, ['--version'], {
      quiet: true,
      advice: 'CHROMIUM names a program that does not start; mend it.',
    });
    return asked;
  }
  for (const name of names) {
    // Playwright starts a program by its whole path only.
    const program = onPath(name);
    if (!program) continue;
    const version = await run(program, ['--version'], { quiet: true }).catch(() => null);
    if (version !== null) return program;
  }
  return null;
}

/** @param {string} name */
function onPath(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}
