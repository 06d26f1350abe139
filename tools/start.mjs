/**
 * `npm start`: builds what is not yet built, then serves the page to this machine.
 * Where nobody has built it for publication yet, it is built without link-time
 * optimisation, which takes most of the time.
 */
import path from 'node:path';
import { build, settingsFrom } from './build.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { isForPublication } from './steps/wasm.mjs';

await script(async () => {
  const settings = settingsFrom(process.argv);
  settings.quick ||= !isForPublication();
  await build(settings);
  const { address } = await serve(path.join(root, 'dist'), {
    port: Number(process.env.PORT ?? 8080),
  });
  if (settings.quick) {
    console.log(
      '\nThis is a quick build: the same page, with larger and somewhat slower wasm.\n' +
        '`npm run build` makes the files for publication, and `npm start` serves those then.',
    );
  }
  console.log(`\nFoolscope is at ${address} (stop it with Ctrl+C)`);
});
