/**
 * The labels that a text may mean: of the whole name, or else of all that hold it.
 * @param {string[]} names
 * @param {string} text
 */
export function search(names, text) {
  const wish = text.toLowerCase();
  const labels = [...names.keys()];
  const whole = labels.filter((label) => names[label].toLowerCase() === wish);
  return whole.length ? whole : labels.filter((label) => names[label].toLowerCase().includes(wish));
}
