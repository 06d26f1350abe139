/**
 * Compiles a wasm file while it arrives, where the server says what it is. The
 * module is kept, for helpers to be made of it.
 * @param {Response} response
 */
export async function compile(response) {
  const type = response.headers.get('Content-Type') ?? '';
  return type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
