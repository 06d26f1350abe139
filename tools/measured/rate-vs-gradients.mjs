/**
 * How fast a universal perturbation learns, of the reports of `lab universal`:
 *
 *   node tools/measured/rate-vs-gradients.mjs REPORT.json…
 *
 * keeps in www/results what the plot shows and how it was made.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../lib/files.mjs';

const reports = process.argv.slice(2);
if (!reports.length) {
  console.error('usage: node tools/measured/rate-vs-gradients.mjs REPORT.json…');
  process.exit(1);
}
const series = await Promise.all(
  reports.map(async (file) => {
    const report = JSON.parse(await readFile(file, 'utf8'));
    const { method, norm, radius, pictures, seed, command, network, device, machine } = report;
    const how = { method, norm, radius, pictures, seed, command, network, device, machine };
    return {
      ...how,
      gradients: report.gradientsByPass,
      own: report.rateByPass,
      others: report.otherRateByPass,
    };
  }),
);
await writeFile(
  path.join(root, 'www/results/universal-rate-vs-gradients.json'),
  `${JSON.stringify({ series }, null, 2)}\n`,
);
