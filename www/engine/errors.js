/**
 * Errors whose message is one sentence for the visitor. `name` tells programs
 * which kind it is; it is all that survives the way out of the worker.
 */
export class EngineError extends Error {
  /**
   * @param {'NotAPicture' | 'PictureTooSmall' | 'PictureTooLarge' | 'PictureNotFound'
   *   | 'DownloadFailed' | 'DownloadCorrupted' | 'UnknownNetwork' | 'UnknownPerturbation'
   *   | 'NotReady' | 'NotSupported' | 'Stopped'} name
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(name, message, options) {
    super(message, options);
    /** Which kind it is. */
    this.name = name;
  }
}

/** @param {unknown} error @returns {Error} */
export const asError = (error) => (error instanceof Error ? error : new Error(String(error)));

/**
 * A wasm trap leaves the whole module unusable: only a new worker helps.
 * @param {unknown} error
 */
export const isTrap = (error) => error instanceof Error && error.name === 'RuntimeError';

/** A message as a sentence, whoever wrote it. A file's name keeps its letters. @param {string} text */
export function asSentence(text) {
  const trimmed = text.trim();
  const isName = /^[^\s:]+\.\w+/.test(trimmed) || /^\S.*?\.\w{2,5}: /.test(trimmed);
  const first = isName ? trimmed.charAt(0) : trimmed.charAt(0).toUpperCase();
  return first + trimmed.slice(1) + (/[.?]$/.test(trimmed) ? '' : '.');
}
