/** `npm run api`: docs/api.md, from the engine's types. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { apiFile, apiPage } from './api/page.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';

await script(async () => {
  await writeFile(path.join(root, apiFile), await apiPage());
});
