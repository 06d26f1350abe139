/** The tour comes by itself once. */

const SEEN = 'foolscope-tour';

/** Whether this browser has had the tour. Where nothing is remembered, it counts as seen: better never than twice. */
export function hadTour() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return true;
  }
}

export function rememberTour() {
  try {
    localStorage.setItem(SEEN, 'yes');
  } catch {
    // Asked for by hand, it comes all the same.
  }
}
