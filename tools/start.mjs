/**
 * `npm start`: builds what is not yet built, then serves the page to this machine.
 * Where it was not built for publication of these very sources, it is built without
 * link-time optimisation, which takes most of the time, and served while the
 * module for the GPU, the largest, is still being compiled.
 */
import path from 'node:path';
import { build, settingsFrom } from './build.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { StepFailed } from './lib/step.mjs';
import { hasGpu, isForPublication } from './steps/wasm.mjs';

await script(async () => {
  const settings = settingsFrom(process.argv);
  settings.quick ||= !(await isForPublication());
  const gpuLater = settings.quick && !(await hasGpu(settings));
  await build({ ...settings, withoutGpu: gpuLater });
  const { address } = await serve(path.join(root, 'dist'), {
    port: Number(process.env.PORT ?? 8080),
  });
  if (settings.quick) {
    console.log(
      '\nThis is a quick build: the same page, in larger files and with somewhat slower wasm.\n' +
        '`npm run build` makes the files for publication, and `npm start` serves those then.',
    );
  }
  console.log(`\nFoolscope is at ${address} (stop it with Ctrl+C)`);
  if (!gpuLater) return;
  console.log('It computes on the CPU until the module for the GPU is there too.\n');
  try {
    await build(settings);
    console.log('\nThe page uses the GPU now, where there is one: reload it.');
  } catch (error) {
    // What is served goes on being served.
    console.error(`\n${error instanceof StepFailed ? error.message : error}`);
    console.error('The page goes on without the GPU; `npm start` tries again.');
  }
});
