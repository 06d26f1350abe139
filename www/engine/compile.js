/**
 * Compiles a wasm file while it arrives, where the server says what it is. The
 * module is kept, for helpers to be made of it.
 * @param {URL} url
 */
export async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const type = response.headers.get('Content-Type') ?? '';
  return type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
