/** `npm run pack`: the engine as an npm package, for `npm pack` or `npm install ./target/package`. */
import { buildCore } from './build.mjs';
import { script } from './lib/run.mjs';
import { packageFolder, packEngine } from './steps/package.mjs';

await script(async () => {
  await buildCore();
  await packEngine();
  console.log(
    `\nThe package is in ${packageFolder}/: \`npm pack ./${packageFolder}\` makes one file of it.`,
  );
});
