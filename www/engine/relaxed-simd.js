/**
 * The smallest module with a relaxed multiply-add:
 * `(func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) …))`.
 */
const probe = new Uint8Array(
  [
    ['\0asm', 1, 0, 0, 0],
    // One type, v128 to v128, and one function of it.
    [1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b],
    [3, 2, 1, 0],
    // Its code: local 0 three times, multiply-add, end.
    [10, 13, 1, 11, 0, 0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 0x02, 0x0b],
  ]
    .flat()
    .flatMap((part) =>
      typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : part,
    ),
);

/** Whether this browser multiplies and adds four numbers in one instruction. */
export const knowsRelaxedSimd = () => WebAssembly.validate(probe);
