/** Stylesheets are gathered by the bundler; importing one gives nothing. */
declare module '*.css';

declare module 'img-comparison-slider';

interface Window {
  /** For tests and the curious: the running page's engine and settings. */
  foolscope?: {
    engine: import('./engine/engine.js').Engine | null;
    settings: import('./state.js').Settings;
  };
}

/** What `results/bench` holds, without `.json`; the bundler puts it here. */
declare const BENCH_FILES: string[];
