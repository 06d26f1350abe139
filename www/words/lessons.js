/**
 * What each exhibit is for, in the words that the teachers' page prints and the
 * tour says. One entry an exhibit, by its id.
 */

/**
 * @typedef {object} Lesson
 * @property {string} seen what a visitor sees there, in a sentence or two
 * @property {string[]} tasks for a class, in the order of their difficulty
 * @property {[term: string, meaning: string][]} terms that come up there first
 */

/** @type {Record<string, Lesson>} */
export const LESSONS = {
  live: {
    seen: 'A picture, a noise and their sum, with the answers of the network to the picture and to the sum. The universal noise was computed once and is added to every picture; DeepFool looks for the smallest one for the picture at hand.',
    tasks: [
      'Add the universal noise to every sample picture. How many answers change?',
      'Lower the strength until the answer is right again. Is it the same strength for all pictures?',
      'Replace the noise by random noise of the same size. What does that say about the universal one?',
      'Compute a noise of your own from a few pictures of the room. Does it work on the view from the window?',
    ],
    terms: [
      [
        'image classifier',
        'a function that gives each of its classes a number; its answer is the class with the largest one',
      ],
      ['universal noise', 'one noise that changes the answers to most pictures'],
      ['fooling rate', 'the share of pictures whose answer changes'],
      ['grey level', 'one of the 255 steps between black and white that a pixel can take'],
    ],
  },
  noises: {
    seen: 'Three noises that just change the answer: random, random within a part of the directions, and the smallest there is, with their lengths on one axis.',
    tasks: [
      'Which of the three can you see in the sum?',
      'Halve the number of directions several times. By which factor does the noise grow each time?',
      'Compare the lengths with the square roots that the theorem names. For which picture do they fit best?',
    ],
    terms: [
      [
        'length of a noise (ℓ2 norm)',
        'the square root of the sum of the squares of all its values',
      ],
      ['adversarial noise', 'one that was computed to change the answer, as small as possible'],
      ['semi-random noise', 'the smallest one within directions that were drawn at random'],
    ],
  },
  universal: {
    seen: 'Two ways to compute one noise for many pictures, side by side, as they work; then how many such noises there are, whether they fool other networks, and which answers they lead to.',
    tasks: [
      'Which of the two fools more pictures after the same number of gradients?',
      'Make two noises with different seeds. How alike are they?',
      'Which few answers do fooled pictures end in? Can you say why?',
    ],
    terms: [
      [
        'gradient',
        'the direction in which a small change of the picture changes a class’s number most',
      ],
      ['doubly universal', 'fooling other pictures and other networks too'],
    ],
  },
  geometry: {
    seen: 'A plane through the picture, with the answer at each of its points; and how much the boundaries around many pictures have in common.',
    tasks: [
      'Find the shortest way from the picture to another answer. Is it towards the adversarial direction?',
      'How straight is the boundary? What would that mean for a noise that crosses it?',
      'Where do the singular values of the network’s normals part from those of random vectors?',
    ],
    terms: [
      ['decision boundary', 'where two classes have the same number, so that the answer changes'],
      ['normal', 'the direction straight across the boundary'],
      ['singular values', 'how much of many vectors lies in each of a set of common directions'],
    ],
  },
  message: {
    seen: 'Words of your own, written so faintly into the picture that they are hardly seen, and coloured so that the answer changes.',
    tasks: [
      'Hide your name. How many letters does it take?',
      'Show the sum to a neighbour. Who finds the words first?',
    ],
    terms: [],
  },
  changes: {
    seen: 'Changes that are no noise: a patch of one colour, a shift, a turn, a zoom, each as small as possible.',
    tasks: [
      'Drag the patch to where it changes nothing. What is the network looking at?',
      'By how many degrees can the picture be turned before the answer changes?',
    ],
    terms: [['invariance', 'that an answer stays the same when something unimportant changes']],
  },
  results: {
    seen: 'The figures of the papers beside those measured with this program, with the command that makes each.',
    tasks: ['Choose one figure and make it anew with its command. Within its interval?'],
    terms: [
      ['confidence interval', 'a range that holds the true value in 95 of 100 such measurements'],
    ],
  },
};

/** The tour: what it points at, what it says, and what its button does. */
export const TOUR = [
  {
    at: '#picture',
    text: 'A network that was trained to name what a photograph shows. The bars below are its answer.',
  },
  {
    at: '#noise',
    text: 'This noise was computed once, for all pictures, and changes no pixel by more than 10 of 255 grey levels.',
    settings: { noise: 'universal' },
    action: 'Add it',
  },
  {
    at: '#sum',
    text: 'To you the sum looks the same. The answer below is another one: the network is fooled.',
  },
  {
    at: 'picture-source',
    text: 'The same noise fools it on most other pictures. Choose one, or take one of your own: it stays on this device.',
  },
  {
    at: '#noise',
    text: 'DeepFool looks for the smallest noise that changes this one answer. It is much fainter still.',
    settings: { noise: 'deepfool' },
    action: 'Look for it',
  },
  {
    at: '.header nav',
    text: 'The other exhibits show how much noise it takes, why one noise fits all pictures, and what else fools a network.',
  },
];

export const TOUR_WORDS = {
  title: 'A tour of a minute',
  next: 'Next',
  skip: 'Skip the tour',
  done: 'Done',
  again: 'Tour',
  step: (/** @type {number} */ step, /** @type {number} */ of) => `${step} of ${of}`,
};

export const TEACH_WORDS = {
  title: 'Foolscope in class',
  lead: 'Each exhibit of Foolscope answers one question, with a real network, on the device in front of you. Nothing has to be installed, and no picture leaves the device. Here is what each shows, what a class can do with it, and which terms come up.',
  print: 'Print',
  page: 'To the exhibits',
  tasks: 'To try',
  terms: 'Terms',
  open: 'Open',
};
