/** What is known of how the figures of a file were made. */

/** Where the pictures lay on the machine that measured: anybody else's lie elsewhere. */
const THEIR_FOLDER = /(?:\.\.\/)+[\w.-]+\/data\//g;

/** Each command once. @param {any} file */
export function madeOf({ entries, series }) {
  /** @type {Map<string, { command: string, title: string, seconds: number | null, machine: string, seed: number | null }>} */
  const made = new Map();
  for (const { command, title, network, seconds, machine, seed } of entries ?? series ?? []) {
    if (!command || made.has(command)) continue;
    made.set(command, {
      command: command.replaceAll(THEIR_FOLDER, 'data/'),
      title: title ?? network,
      seconds: seconds ?? null,
      machine,
      seed: seed ?? null,
    });
  }
  return [...made.values()];
}
