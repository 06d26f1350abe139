/**
 * The words that the engine, its worker and a page share. Results come from
 * the wasm as they are; their types are generated beside it.
 */
import type {
  DeviceInfo,
  Answer,
  ClassScore,
  Classified,
  DeepfoolOptions,
  DeepfoolProgress,
  FoolingCount,
  Found,
  NetworkInfo as Catalogued,
  NormLevels as Norms,
} from '../wasm/cpu/foolscope.js';
import type {
  AttackOptions,
  ImportAbout,
  KeepOptions,
  PixelNumbers,
  PresetProposal,
  PresetTrial,
  UniversalOptions,
  UniversalProgress,
  UniversalResult,
  Changed,
  MoveFound,
  MoveOptions,
  MoveProgress,
  Moved,
  PatchByHand,
  DiversityFound,
  LabelGraphFound,
  OriginalOptions,
  OriginalResult,
  PatchFound,
  PatchOptions,
  PatchProgress,
  NormalsFound,
  NormalsOptions,
  NormalsProgress,
  PlanePoint,
  PointOptions,
  RandomFound,
  RandomOptions,
  SectionAnswers,
  ScatterOptions,
  Scattered,
  SectionOptions,
  SectionProgress,
  SemiRandomOptions,
  SmallestOptions,
  SmallestProgress,
  WordStamp,
  WordsFound,
  WordsOptions,
  WordsProgress,
} from '../wasm/explore/foolscope.js';

export type {
  Answer,
  AttackOptions,
  Changed,
  ClassScore,
  Classified,
  DeepfoolOptions,
  DeepfoolProgress,
  DiversityFound,
  FoolingCount,
  Found,
  ImportAbout,
  KeepOptions,
  LabelGraphFound,
  MoveFound,
  MoveOptions,
  MoveProgress,
  Moved,
  PatchByHand,
  PixelNumbers,
  PresetProposal,
  PresetTrial,
  OriginalOptions,
  OriginalResult,
  PatchFound,
  PatchOptions,
  PatchProgress,
  NormalsFound,
  NormalsOptions,
  NormalsProgress,
  PlanePoint,
  PointOptions,
  RandomFound,
  RandomOptions,
  SectionAnswers,
  ScatterOptions,
  Scattered,
  SectionOptions,
  SectionProgress,
  SemiRandomOptions,
  SmallestOptions,
  SmallestProgress,
  UniversalOptions,
  UniversalProgress,
  UniversalResult,
  WordStamp,
  WordsFound,
  WordsOptions,
  WordsProgress,
  Norms,
};

/** A network: of the catalogue, or one that was brought. */
export interface NetworkInfo extends Catalogued {
  /** Bytes of its file, and whether the browser stores it or has it until the page is left. */
  own?: { bytes: number; kept: boolean };
}

/** A network that was brought, as it is handed around. */
export interface Brought {
  id: string;
  /** What its file says beside the weights, as JSON. */
  card: string;
  bytes: number;
  /** The file, where the browser does not store it. */
  blob: Blob | null;
}

/** How far an import is. */
export type ImportProgress =
  | { stage: 'download' | 'program' | 'checking' | 'keeping'; loaded: number; total: number }
  | { stage: 'reading' }
  /** Answers to photos, of all that are tried. */
  | { stage: 'trying'; done: number; total: number };

/** The face of the worker that reads a network. */
export interface ImporterFace {
  /** `expected` is the SHA-256 that the first is to have. */
  open(
    files: File[],
    expected: string | null,
    report: (progress: ImportProgress) => void,
  ): Promise<ImportAbout>;
  /** `base` is where `models/` lies. */
  propose(
    base: string,
    photos: (Blob | string)[],
    report: (progress: ImportProgress) => void,
  ): Promise<PresetProposal>;
  /** Ends `propose`. */
  skip(): void;
  readNames(text: string): string[];
  /** Refuses what `keep` would. */
  check(options: KeepOptions): void;
  /** `others` are those that were brought before: of equal titles the later one gets a number. */
  keep(
    kind: 'own' | 'site',
    options: KeepOptions,
    others: { id: string; title: string }[],
    report: (progress: ImportProgress) => void,
  ): Promise<Brought>;
}

/** A network that this site lists. */
export interface Offer {
  id: string;
  title: string;
  url: string;
  /** In bytes. */
  size: number;
  sha256: string;
  /** The id of a preset, or numbers; not given where the file itself says how pixels go in. */
  preset?: string | PixelNumbers;
  /** One name each; ImageNet's or numbers where they are not given. */
  classes?: string[];
  licence?: string;
  shortSide?: number;
}

/** In bytes; null where the browser does not say. */
export interface StorageFigures {
  /** The networks that were brought. */
  own: number;
  usage: number | null;
  quota: number | null;
}

/** Which device a visitor asked for. */
export type DeviceWish = 'auto' | 'cpu' | 'gpu';

/** A failure made on purpose, so that tests can see the way back to the CPU, and to who is left of its workers. */
export type Injection =
  'none' | 'gpu-refused' | 'self-test' | 'gpu-lost' | 'helper-fails' | 'helper-killed';

/** The device in use, and in one sentence why it is this one. */
export interface Device extends DeviceInfo {
  reason: string;
  /** Which GPU the browser offers, whether it is used or not. */
  gpu: 'none' | 'software' | 'hardware';
  /** One forward pass on each, warm; null where it was not measured. */
  milliseconds: { cpu: number | null; gpu: number | null };
}

/** How fast the devices are, of which adapter, by which build of the page. */
export interface Measured {
  adapter: string;
  build: string;
  cpu: number;
  gpu: number;
}

/** A device, and how often it had changed by then: messages may overtake one another. */
export interface Settled {
  device: Device;
  moves: number;
}

/** How far the classifier is: bytes arrive (of all files together), the network is put together, done. */
export type Progress =
  | { stage: 'download'; file: string; loaded: number; total: number | null; cached: boolean }
  | { stage: 'preparing'; network: string }
  | { stage: 'ready'; device: Device }
  /** Something large that nobody waits for: the program for the GPU. */
  | { stage: 'beside'; loaded: number; total: number | null };

/** The square that the classifier sees: 8-bit RGBA, opaque, `side` pixels wide and high. */
export interface Picture {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  side: number;
  /** Size of the whole picture that the square was cut from, as it was decoded (huge ones by half). */
  width: number;
  height: number;
}

/** What a picture can be read from. */
export type PictureSource = Blob | CameraFrame | ImageData | URL | string;

/** A camera's frame. Whoever takes it closes it. */
export type CameraFrame = VideoFrame | ImageBitmap;

/** What is asked of a frame; `key` names the perturbation. */
export interface FrameQuestion {
  key: number | null;
  strength: number;
  mirror: boolean;
  side: number;
  /** Arrays that nobody needs any more, to be filled. */
  spare: Uint8ClampedArray<ArrayBuffer>[];
}

/** What the worker answers: the square that was seen, and its sum with the perturbation. */
export interface FrameAnswer extends Classified {
  picture: Uint8ClampedArray<ArrayBuffer>;
  sum: Uint8ClampedArray<ArrayBuffer> | null;
  width: number;
  height: number;
}

/** A frame's answer, with the pictures that it is of. */
export interface ClassifiedFrame extends Omit<Classified, 'perturbedRgba'> {
  picture: Picture;
  sum: Picture | null;
}

/** An entry of `perturbations/catalogue.json`: a perturbation and how it was made. */
export interface PerturbationInfo {
  id: string;
  network: string;
  file: string;
  norm: 'linf' | 'l2';
  /** The radius xi of the ball it was kept in, in levels of 255. */
  radius: number;
  title: string;
  /** Share of pictures whose answer changes: those it was made from, and others. */
  foolingRate: { own: number; others: number };
  /** The same on pictures clipped to black and white and in whole levels, if it was counted. */
  foolingRateSaved?: { own: number; others: number };
  [more: string]: unknown;
}

/** A perturbation with its values: planar [C, H, W], in pixel units (10 levels = 10/255). */
export interface Perturbation extends PerturbationInfo {
  data: Float32Array<ArrayBuffer>;
}

/**
 * What is added to pictures. It may be of another size than the network's, such as another network's:
 * then each pixel takes the value of the nearest one, and the norm stays what it was (linf unless
 * told; for l2 it is the length in grey levels that stays).
 */
export type Noise = Float32Array | Pick<Perturbation, 'data' | 'norm'>;

/** A perturbation drawn around mid-grey. */
export interface Drawing {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  side: number;
  /** How many times it was amplified: what is drawn is that many times what is added. */
  factor: number;
}

export interface EngineOptions {
  /** Which classifier; `efficientnet-lite0` unless told. */
  network?: string;
  /**
   * The CPU answers first. `auto` moves to a hardware GPU if it is measured to be faster, and
   * remembers which it was; `gpu` moves to whatever GPU there is.
   */
  device?: DeviceWish;
  /** Where `models/`, `perturbations/` and `assets.json` lie; beside the page unless told. */
  assets?: string | URL;
  /** A weights file of your own for the same network (safetensors): its bytes, or its address. */
  weights?: Uint8Array<ArrayBuffer> | string | URL;
  /**
   * How many workers may compute on the CPU, the first one included: 1 to have no others. A core
   * each unless told, at most 8, and fewer where there is little memory. The others are started by
   * the first long task.
   */
  workers?: number;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
  /** For tests only. */
  inject?: Injection;
}

/** What the worker did since it was last asked; see meter.js. */
export interface Metered {
  /** Into the wasm, from its own helpers too. */
  calls: number;
  dispatches: number;
  submits: number;
  /** Writes to buffers through the queue. */
  writes: number;
  /** Buffers, bind groups and compute pipelines made. */
  buffers: number;
  bindGroups: number;
  pipelines: number;
  /** The worker's own time; waiting for the GPU does not count. */
  milliseconds: number;
  /** Bytes of wasm memory now, the helpers' too. */
  memory: number;
  /** Bytes of program that the worker has fetched since its start, as they were sent. */
  downloaded: number;
}

export interface LoadRequest {
  network: string;
  device: DeviceWish;
  inject: Injection;
  /** Bytes, or a whole address. */
  weights?: Uint8Array<ArrayBuffer> | string;
  workers?: number;
  /** What this browser measured on an earlier visit. */
  measured: Measured | null;
}

/** What the worker says without being asked. */
export type WorkerEvent =
  | { type: 'progress'; progress: Progress }
  | { type: 'step'; job: number; progress: unknown }
  | { type: 'universal'; job: number; progress: UniversalProgress }
  | { type: 'fooling'; job: number; done: number }
  | { type: 'device'; device: Device; moves: number }
  | { type: 'measured'; network: string; measured: Measured }
  | { type: 'workers'; workers: number };

/** What a worker is started with. */
export interface WorkerStart {
  /** The name of the lock that it holds as long as it lives. */
  life: string;
  /** Whose weights are wanted first. */
  network: string;
  /** Networks that were brought and that the browser does not store. */
  held: Brought[];
}

/** A network that was loaded, and whether its weights are known to be whole. */
export interface Loaded extends Settled {
  checked: boolean;
}

/** The long calls on one picture: what each takes, says meanwhile, and gives. */
export interface OnPicture {
  deepfool: { options: DeepfoolOptions; progress: DeepfoolProgress; result: Found };
  attack: { options: AttackOptions; progress: never; result: Found };
  smallest: { options: SmallestOptions; progress: SmallestProgress; result: Found };
  semiRandom: { options: SemiRandomOptions; progress: DeepfoolProgress; result: Found };
  smallestRandom: { options: RandomOptions; progress: never; result: RandomFound };
  section: { options: SectionOptions; progress: SectionProgress; result: SectionAnswers };
  planePoint: { options: PointOptions; progress: never; result: PlanePoint };
  normals: { options: NormalsOptions; progress: NormalsProgress; result: NormalsFound };
  smallestPatch: { options: PatchOptions; progress: PatchProgress; result: PatchFound };
  smallestMove: { options: MoveOptions; progress: MoveProgress; result: MoveFound };
  applyPatch: { options: PatchByHand; progress: never; result: Changed };
  applyMove: { options: Moved; progress: never; result: Changed };
  scatterWords: { options: ScatterOptions; progress: never; result: Scattered };
  hideWords: { options: WordsOptions; progress: WordsProgress; result: WordsFound };
}

/** How a long call on one picture is asked: its options, and who hears of it. */
export type Asked<Call extends keyof OnPicture> = OnPicture[Call]['options'] & {
  onProgress?: (progress: OnPicture[Call]['progress']) => void;
  signal?: AbortSignal;
  /** Ends a call that can give a part of its result. */
  finish?: AbortSignal;
};

/** How the smallest noise is asked for: `onBest` hears of each that is smaller. */
export type AskedSmallest = Omit<Asked<'smallest'>, 'onProgress'> & {
  onBest?: (best: SmallestProgress) => void;
};

/** The methods that grow one perturbation for many pictures: what each takes and gives. */
export interface Grown {
  universal: { options: UniversalOptions; result: UniversalResult };
  universalOriginal: { options: OriginalOptions; result: OriginalResult };
}

/** The worker's face. `job` numbers a call, so that `cancel` can name it. */
export interface WorkerFace {
  start(
    assets: string,
    listen: (event: WorkerEvent) => void,
    metered: boolean,
    start: WorkerStart,
  ): Promise<NetworkInfo[]>;
  isAlive(): boolean;
  /** Addresses of what it has fetched. */
  fetched(): string[];
  /** Null unless it was started metered. */
  meter(): Metered | null;
  load(request: LoadRequest, job: number): Promise<Loaded>;
  bring(network: Brought): NetworkInfo;
  forget(id: string): Promise<void>;
  useDevice(wish: DeviceWish): Promise<Settled>;
  cancel(job: number): void;
  /** Ends a call early with what there is. */
  finish(job: number): void;
  keep(key: number, values: Float32Array, norm: 'linf' | 'l2'): void;
  drop(key: number): void;
  fitPicture(
    network: string,
    rgba: Uint8ClampedArray,
    from: number,
  ): Uint8ClampedArray<ArrayBuffer>;
  fitPerturbation(network: string, perturbation: number): Float32Array<ArrayBuffer>;
  loadPicture(
    network: string,
    source: Blob | CameraFrame | ImageData,
    mirror: boolean,
    job: number,
  ): Promise<Picture>;
  classify(
    rgba: Uint8ClampedArray,
    perturbation: number | null,
    strength: number,
    job: number,
  ): Promise<Classified>;
  classifyFrame(source: CameraFrame, question: FrameQuestion, job: number): Promise<FrameAnswer>;
  logits(rgba: Uint8ClampedArray, job: number): Promise<Float32Array>;
  classGradients(rgba: Uint8ClampedArray, classes: Uint32Array, job: number): Promise<Float32Array>;
  onPicture<Call extends keyof OnPicture>(
    call: Call,
    rgba: Uint8ClampedArray,
    options: OnPicture[Call]['options'],
    job: number,
  ): Promise<OnPicture[Call]['result']>;
  grow<Method extends keyof Grown>(
    method: Method,
    own: Uint8ClampedArray[],
    others: Uint8ClampedArray[],
    start: number | null,
    options: Grown[Method]['options'],
    job: number,
  ): Promise<Grown[Method]['result']>;
  fooling(pictures: Uint8ClampedArray[], perturbation: number, job: number): Promise<FoolingCount>;
  diversity(perturbations: number[], job: number): Promise<DiversityFound>;
  labelGraph(labels: Uint32Array, job: number): Promise<LabelGraphFound>;
  randomNoise(
    network: string,
    norm: 'linf' | 'l2',
    radius: number,
    seed: number,
  ): Float32Array<ArrayBuffer>;
  classNames(network: string): string[];
  perturbations(): Promise<PerturbationInfo[]>;
  loadPerturbation(info: PerturbationInfo): Promise<Float32Array<ArrayBuffer>>;
  readPerturbation(network: string, bytes: Uint8Array): Float32Array<ArrayBuffer>;
  noteOnNpy(network: string, bytes: Uint8Array): string | null;
  toNpy(network: string, perturbation: number): Uint8Array<ArrayBuffer>;
  pictureToNpy(network: string, rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer>;
  draw(network: string, perturbation: number, strength: number): Drawing;
}
