/**
 * Sizes of the programs, unpacked; the bundler puts them here, since a packed answer does not say.
 * Null of one that is not compiled yet.
 */
declare const PROGRAM_BYTES: { cpu: number; explore: number; gpu: number | null };
