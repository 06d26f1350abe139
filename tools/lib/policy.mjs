/**
 * What the page may do, as its Content-Security-Policy: fetch from its own address,
 * send nothing elsewhere, run and be styled by files alone, nothing inline. It stands
 * in each page and comes with every file from our server, because a worker obeys what
 * its own file came with. `wasm-unsafe-eval` allows to compile WebAssembly and nothing
 * else. Who may frame the page is left open: teachers do.
 */
export const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
].join('; ');
