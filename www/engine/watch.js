/**
 * A camera's frames are answered with as little made anew as can be: the noise
 * stays in the wasm, and the arrays that leave with an answer come back with a
 * later question, so that hours of frames take the memory of a few.
 */

/**
 * @import { Session } from '../wasm/cpu/foolscope.js'
 * @import { FrameAnswer, FrameQuestion } from './types.js'
 * @typedef {Omit<FrameQuestion, 'key'> & { noise: Float32Array | null }} Question
 */

/** The noise that a session has. @type {WeakMap<Session, Pick<Question, 'noise' | 'strength'>>} */
const added = new WeakMap();

/**
 * @param {Session} session
 * @param {ImageData} frame
 * @param {Question} question
 * @returns {Promise<FrameAnswer>}
 */
export async function watch(session, frame, { noise, strength, mirror, side, spare }) {
  const before = added.get(session);
  if (before?.noise !== noise || before.strength !== strength) {
    session.watchWith(noise ?? undefined, strength);
    added.set(session, { noise, strength });
  }
  const { data, width, height } = frame;
  const picture = square(spare, side);
  const sum = noise && square(spare, side);
  const classified = await session.watch(
    bytesOf(data),
    width,
    height,
    mirror,
    bytesOf(picture),
    bytesOf(sum ?? NOTHING),
  );
  return { ...classified, perturbedRgba: null, picture, sum, width, height };
}

const NOTHING = new Uint8ClampedArray();

/**
 * An array for a picture, a spare one if there is any.
 * @param {Uint8ClampedArray<ArrayBuffer>[]} spare
 * @param {number} side
 */
function square(spare, side) {
  const length = 4 * side * side;
  for (let array = spare.pop(); array; array = spare.pop()) {
    if (array.length === length) return array;
  }
  return new Uint8ClampedArray(length);
}

/** @param {Uint8ClampedArray} data */
const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
