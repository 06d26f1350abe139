/** `npm start`: builds what is not yet built, then serves the page to this machine. */
import path from 'node:path';
import { build, settingsFrom } from './build.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';

await script(async () => {
  await build(settingsFrom(process.argv));
  const { address } = await serve(path.join(root, 'dist'), {
    port: Number(process.env.PORT ?? 8080),
  });
  console.log(`\nFoolscope is at ${address} (stop it with Ctrl+C)`);
});
