/** A row of choices that is longer than the window: the chosen one is in sight. */

/** @param {Element | null} here the chosen one, in its row */
export function bringIntoRow(here) {
  const row = here?.parentElement;
  if (!(here instanceof HTMLElement) || !row || row.scrollWidth <= row.clientWidth) return;
  row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
