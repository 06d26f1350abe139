/**
 * A Vulkan driver for the native tests of the GPU path: one that is there, or
 * Mesa's, which is made of software. Without one those tests say 'skipped'.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
const advice = 'install a Vulkan driver (mesa-vulkan-drivers has one made of software)';

export async function vulkan() {
  if (process.platform !== 'linux' || (await hasDriver())) return;
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/etc/debian_version')) {
    console.log(`[vulkan] none found, so the tests of the GPU path are skipped: ${advice}`);
    return;
  }
  await step('vulkan', 'apt-get install mesa-vulkan-drivers', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '--no-install-recommends', 'mesa-vulkan-drivers'];
    await run('apt-get', ['update'], { quiet: true, env, advice });
    await run('apt-get', install, { quiet: true, env, advice });
  }).catch((error) => console.log(`[vulkan] not installed: ${error.message}`));
}

async function hasDriver() {
  for (const folder of folders) {
    const files = await readdir(folder).catch(() => []);
    if (files.some((file) => file.endsWith('.json'))) return true;
  }
  return false;
}
