/**
 * The webcam: one running stream, and its newest frame when somebody asks. A
 * frame is taken only after the one before was answered, so nothing queues.
 */

import { cameraName, NO_CAMERA } from '../../words/live-figure.js';
import { isPhone, want, wanted } from './camera-wish.js';

/**
 * @import { CameraFrame } from '../../engine/types.js'
 * @typedef {{ id: string, label: string }} CameraChoice
 */

export class CameraError extends Error {
  name = 'CameraError';
}

export class Camera {
  #video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  /** @type {MediaStream | null} */
  #stream = null;
  /** Settles when there is a frame that was not taken yet. */
  #arrival = Promise.resolve();
  /** How often it was started or stopped: a stream that comes later than the next wish is not wanted. */
  #turns = 0;
  /** Called when the camera ends by itself, unplugged or taken away, with its id. */
  ended = /** @type {(id: string) => unknown} */ (() => {});

  /** The id of the running camera, or null. */
  get id() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId ?? null;
  }

  /** Whether it shows people themselves, as a mirror does; a phone's back camera does not. */
  get mirrored() {
    const track = this.#stream?.getVideoTracks()[0];
    if (!track) return true;
    const { facingMode } = track.getSettings();
    // Some phones do not say: then it is the side that was asked for.
    if (!facingMode && isPhone() && wanted().facing === 'environment') return false;
    return isMirror(facingMode, track.label);
  }

  get running() {
    return this.#stream !== null;
  }

  /** @param {string} [id] of a camera; the one that is wanted on this visit without it */
  async start(id) {
    this.stop();
    const turn = this.#turns;
    const stream = await openWanted(id);
    if (turn !== this.#turns) return stream.getTracks().forEach((track) => track.stop());
    if (id) want({ id });
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener('ended', () => {
      if (this.#stream !== stream) return;
      this.stop();
      this.ended(track.getSettings().deviceId ?? '');
    });
    this.#video.srcObject = stream;
    this.#arrival = this.#nextPaint();
    try {
      await this.#video.play();
    } catch (error) {
      // Interrupted by the next wish: that one has its own.
      if (turn === this.#turns) throw error;
    }
    return undefined;
  }

  /** The one on the other side of a phone. */
  async flip() {
    const before = this.id;
    const facing = this.#stream?.getVideoTracks()[0]?.getSettings().facingMode ?? wanted().facing;
    want({ facing: facing === 'environment' ? 'user' : 'environment' });
    await this.start();
    // Where a phone does not say which side is which, the other one is simply another.
    if (before && this.id === before) await this.startAnother(before);
  }

  /**
   * Where one was pulled out, the first other one that can be had.
   * @param {string} lost its id
   * @returns {Promise<CameraChoice | null>}
   */
  async startAnother(lost) {
    for (const other of await Camera.list()) {
      if (other.id === lost) continue;
      try {
        await this.start(other.id);
        return this.running ? other : null;
      } catch {
        // It may be in use elsewhere: the next one, then.
      }
    }
    return null;
  }

  stop() {
    this.#turns += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /**
   * The newest frame, once there is one that was not taken yet; or null once the
   * camera stopped. Whoever takes it closes it.
   * @returns {Promise<CameraFrame | null>}
   */
  async nextFrame() {
    await this.#arrival;
    if (!this.running) return null;
    // From now on: one that comes while this one is answered need not be waited for.
    this.#arrival = this.#nextPaint();
    if (this.#video.readyState < this.#video.HAVE_CURRENT_DATA) return null;
    try {
      return await frameOf(this.#video);
    } catch {
      return null; // Stopped between the two lines above.
    }
  }

  /** @returns {Promise<void>} */
  #nextPaint() {
    const video = this.#video;
    return new Promise((resolve) => {
      if ('requestVideoFrameCallback' in video) {
        // A camera that stops sends no further frame to wait for.
        const timer = setTimeout(resolve, 1000);
        video.requestVideoFrameCallback(() => {
          clearTimeout(timer);
          resolve();
        });
      } else {
        requestAnimationFrame(() => resolve());
      }
    });
  }

  /** The cameras there are; their names are known only once one was allowed. @returns {Promise<CameraChoice[]>} */
  static async list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, index) => ({
        id: deviceId,
        label: label || cameraName(index + 1),
      }));
  }
}

/**
 * @param {string | undefined} facing what the browser knows
 * @param {string} label what the system calls it
 */
export const isMirror = (facing, label) =>
  facing ? facing === 'user' : !/\b(back|rear|environment)\b/i.test(label);

/**
 * What the video shows. A `VideoFrame` is the camera's own memory, not a copy.
 * @param {HTMLVideoElement} video
 * @returns {CameraFrame | Promise<CameraFrame>}
 */
function frameOf(video) {
  return 'VideoFrame' in globalThis ? new VideoFrame(video) : createImageBitmap(video);
}

/** A camera that was chosen before may be gone by now. @param {string} [id] */
async function openWanted(id) {
  const wish = wanted();
  if (id || !wish.id) return openCamera(id);
  try {
    return await openCamera(wish.id);
  } catch {
    want({});
    return openCamera();
  }
}

/** @param {string} [id] */
async function openCamera(id) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new CameraError(NO_CAMERA.none);
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        width: { ideal: 640 },
        height: { ideal: 480 },
        ...(id ? { deviceId: { exact: id } } : { facingMode: wanted().facing }),
      },
    });
  } catch (cause) {
    throw new CameraError(reasonFor(/** @type {Error} */ (cause).name), { cause });
  }
}

/** @param {string} name of the browser's error */
function reasonFor(name) {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return NO_CAMERA.forbidden;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return NO_CAMERA.missing;
    case 'NotReadableError':
    case 'AbortError':
      return NO_CAMERA.busy;
    default:
      return NO_CAMERA.other;
  }
}
