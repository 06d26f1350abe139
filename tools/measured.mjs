/** `npm run measured`: what the README says that we measured, from www/results. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './lib/files.mjs';
import { files } from './measured/files.mjs';

for (const [file, content] of Object.entries(await files())) {
  await writeFile(path.join(root, file), content);
}
