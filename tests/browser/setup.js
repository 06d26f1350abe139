/** Before all browser tests: the site is served, below a path; and the fake camera's film is made. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/lib/serve.mjs';
import { makeFilm, PHOTOS } from './film.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default async function setup() {
  const dist = path.join(root, 'dist');
  if (!existsSync(path.join(dist, 'index.html'))) {
    throw new Error('there is no dist/: run `npm run build` first, or `npm test -- browser`');
  }
  // Not at the top, so that the tests would see an address that is taken from there.
  const { address, close } = await serve(dist, { below: '/some/sub/path/' });
  process.env.FOOLSCOPE_ADDRESS = address;
  process.env.FOOLSCOPE_FILM = await makeFilm(PHOTOS);
  return close;
}
