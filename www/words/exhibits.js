/** The exhibits by name, and the question that a visitor asks each of them. */

/** By the exhibit's id. */
export const EXHIBIT_WORDS = {
  live: { title: 'Live', question: 'Can a little noise fool an image classifier?' },
  noises: { title: 'Three noises', question: 'How much noise does it take?' },
  universal: { title: 'Universal', question: 'Can one noise fool nearly every picture?' },
  geometry: { title: 'Geometry', question: 'Why does it work?' },
  message: { title: 'Hidden message', question: 'Can words you hardly see change the answer?' },
  changes: { title: 'Small changes', question: 'Must it be noise at all?' },
  results: { title: 'Results', question: 'What was measured?' },
};
