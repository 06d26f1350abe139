/**
 * The Escape key ends one thing a time, the innermost: an open dialog (the
 * browser sees to that), an open menu, what runs, the presenter's view.
 */

/** @type {(() => boolean)[]} The innermost last. */
const enders = [];
let dialogClosed = -Infinity;

/** A dialog is open, or the same key press has closed it. */
export const dialogInFront = () =>
  document.querySelector('dialog[open]') !== null || performance.now() - dialogClosed < 300;

/**
 * @param {() => boolean} end says whether there was anything to end
 * @returns {() => void} takes it back
 */
export function onEscape(end) {
  enders.push(end);
  return () => enders.splice(enders.indexOf(end), 1);
}

if (globalThis.document) {
  document.addEventListener('close', () => (dialogClosed = performance.now()), true);
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || dialogInFront()) return;
    if (enders.toReversed().some((end) => end())) event.preventDefault();
  });
}
