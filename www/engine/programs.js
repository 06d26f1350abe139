/** Where the core's three programs lie, for this browser. */
import { knowsRelaxedSimd } from './relaxed-simd.js';

/**
 * Each module is there twice: the second file needs no relaxed instructions, and is slower. The
 * bundler wants to see the addresses whole.
 */
export const wasmForThisBrowser = () =>
  knowsRelaxedSimd()
    ? {
        cpu: new URL('../wasm/cpu/foolscope_bg.wasm', import.meta.url),
        explore: new URL('../wasm/explore/foolscope_bg.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_bg.wasm', import.meta.url),
      }
    : {
        cpu: new URL('../wasm/cpu/foolscope_simd128.wasm', import.meta.url),
        explore: new URL('../wasm/explore/foolscope_simd128.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_simd128.wasm', import.meta.url),
      };
