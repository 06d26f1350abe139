/**
 * Which camera is wanted: the one that was chosen last on this visit, in the
 * picture or in the workshop; at first a phone's back one, which sees what one
 * points it at, and elsewhere the one that faces whoever sits there.
 */

/** @typedef {{ id: string, facing: 'user' | 'environment' }} CameraWish */

/** @type {CameraWish | null} */
let wish = null;

/** A touch screen first of all: it has a back, and perhaps a camera there. */
export const isPhone = () =>
  matchMedia('(pointer: coarse)').matches && navigator.maxTouchPoints > 0;

/** @returns {CameraWish} */
export const wanted = () => (wish ??= { id: '', facing: isPhone() ? 'environment' : 'user' });

/** @param {Partial<CameraWish>} change */
export function want(change) {
  wish = { ...wanted(), id: '', ...change };
}
