/** The long calls on one picture: what of it, or of the space around it, changes the answer. */
import { Answers } from './answers.js';

/** @import { Asked, AskedSmallest, Picture } from './types.js' */

export class Searches extends Answers {
  /**
   * The smallest perturbation (l2) that DeepFool finds to change the answer, or to
   * lead to the class `target`.
   * @param {Picture} picture
   * @param {Asked<'deepfool'>} [options]
   */
  deepfool(picture, options = {}) {
    return this.onPicture('deepfool', picture, options);
  }

  /**
   * The smallest perturbation, l2 or l∞, that is found within a budget of gradients:
   * smaller than DeepFool's, and mostly smaller the more gradients it may take. `onBest`
   * hears of it each time it got smaller; `finish` ends it with what it has. Other
   * questions are answered meanwhile.
   * @param {Picture} picture
   * @param {AskedSmallest} [options]
   */
  smallest(picture, { onBest, ...options } = {}) {
    return this.onPicture('smallest', picture, { ...options, onProgress: onBest });
  }

  /**
   * The same in whole grey levels, by default within 100 gradients: the sum fools
   * from a file too.
   * @param {Picture} picture
   * @param {Omit<AskedSmallest, 'rounded' | 'bounded'>} [options]
   */
  eightBit(picture, options = {}) {
    return this.smallest(picture, { ...options, rounded: true });
  }

  /**
   * What an attack finds that `lab robustness` knows, by its name there, such as
   * `fmn` or `lbfgs`; an error names all of them. Of several random draws it is the
   * smallest.
   * @param {Picture} picture
   * @param {Asked<'attack'>} options
   */
  attack(picture, options) {
    return this.onPicture('attack', picture, options);
  }

  /**
   * The smallest perturbation within a random subspace of `dimension` of the
   * picture's dimensions (semi-random noise).
   * @param {Picture} picture
   * @param {Asked<'semiRandom'>} options
   */
  semiRandom(picture, options) {
    return this.onPicture('semiRandom', picture, options);
  }

  /**
   * The smallest of some random noises, each as long as it has to be in its
   * direction to change the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestRandom'>} [options]
   */
  smallestRandom(picture, options = {}) {
    return this.onPicture('smallestRandom', picture, options);
  }

  /**
   * The answers on a grid over the plane through the picture that a perturbation
   * spans with a second one, or with a random direction; coarse to fine, so that
   * what `onProgress` hears can be shown. `finish` ends it with the points that
   * there are. Other questions are answered meanwhile.
   * @param {Picture} picture
   * @param {Asked<'section'>} options
   */
  section(picture, options) {
    return this.onPicture('section', picture, options);
  }

  /**
   * The picture at a point of such a plane, and the answer to it.
   * @param {Picture} picture
   * @param {Asked<'planePoint'>} options
   */
  planePoint(picture, options) {
    return this.onPicture('planePoint', picture, options);
  }

  /**
   * Singular values of the unit normals at the boundaries nearest to some
   * pictures, beside those of random vectors; and the share of a perturbation in
   * their span. `finish` ends it with the normals that there are. Other questions
   * are answered meanwhile.
   * @param {Picture[]} pictures
   * @param {Asked<'normals'>} [options]
   */
  normals(pictures, options = {}) {
    return this.onPicture('normals', together(pictures), options);
  }

  /**
   * The smallest square patch of one colour that changes the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestPatch'>} [options]
   */
  smallestPatch(picture, options = {}) {
    return this.onPicture('smallestPatch', picture, options);
  }

  /**
   * The smallest shift, turn and zoom that changes the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestMove'>} [options]
   */
  smallestMove(picture, options = {}) {
    return this.onPicture('smallestMove', picture, options);
  }

  /**
   * The answer to a picture with a patch of one colour over it.
   * @param {Picture} picture
   * @param {Asked<'applyPatch'>} options
   */
  applyPatch(picture, options) {
    return this.onPicture('applyPatch', picture, options);
  }

  /**
   * The answer to a picture that was shifted, turned (clockwise) and zoomed about
   * its centre. Beyond its edge the pixels of the edge go on.
   * @param {Picture} picture
   * @param {Asked<'applyMove'>} options
   */
  applyMove(picture, options) {
    return this.onPicture('applyMove', picture, options);
  }

  /**
   * Places for words, scattered over a picture, for {@link Engine.hideWords}.
   * @param {Picture} picture
   * @param {Asked<'scatterWords'>} options
   */
  scatterWords(picture, options) {
    return this.onPicture('scatterWords', picture, options);
  }

  /**
   * Colours words so that the answer changes, as many of them as it takes, the
   * first ones first. Each is given as how much it covers of the pixels of a box.
   * @param {Picture} picture
   * @param {Asked<'hideWords'>} options
   */
  hideWords(picture, options) {
    return this.onPicture('hideWords', picture, options);
  }
}

/** Several pictures as bytes in one row. @param {Picture[]} pictures @returns {Pick<Picture, 'rgba'>} */
function together(pictures) {
  const size = pictures[0]?.rgba.length ?? 0;
  const rgba = new Uint8ClampedArray(pictures.length * size);
  pictures.forEach((picture, index) => rgba.set(picture.rgba, index * size));
  return { rgba };
}
