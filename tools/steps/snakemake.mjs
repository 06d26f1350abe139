/**
 * Snakemake, for the test of `examples/cluster`, in a folder of its own. Without
 * it that test says 'skipped'.
 */
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

const folder = 'target/snakemake';
const version = '9.27.1';

export async function snakemake() {
  const installed = async () => {
    await run('python3', ['-m', 'venv', folder], { quiet: true });
    const pip = ['install', '--quiet', '--disable-pip-version-check', `snakemake==${version}`];
    await run(`${folder}/bin/pip`, pip, { quiet: true });
  };
  await step('Snakemake', `install it into ${folder}`, installed, {
    key: version,
    makes: [`${folder}/bin/snakemake`],
  }).catch((error) => console.log(`[Snakemake] not installed: ${error.message}`));
}
