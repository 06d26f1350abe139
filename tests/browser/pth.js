/** PyTorch's files of the small networks that are shipped, as `torch.save` writes them. */
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** @typedef {{ name: string, shape: number[], data: Buffer }} Tensor of 16-bit floats */

/** @param {string} network @returns {Promise<Tensor[]>} */
async function tensorsOf(network) {
  const file = await readFile(new URL(`../../www/models/${network}.safetensors`, import.meta.url));
  const begin = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.subarray(8, begin).toString());
  return Object.entries(header).flatMap(([name, { shape, dtype, data_offsets: offsets }]) => {
    if (name === '__metadata__') return [];
    if (dtype !== 'F16') throw new Error(`${name} is ${dtype}`);
    const [from, to] = offsets;
    return [{ name, shape, data: file.subarray(begin + from, begin + to) }];
  });
}

// The pickle's instructions that are needed.
const bytes = (/** @type {number[]} */ ...all) => Buffer.from(all);
const int = (/** @type {number} */ value) => {
  const number = bytes(0x4a, 0, 0, 0, 0);
  number.writeInt32LE(value, 1);
  return number;
};
const text = (/** @type {string} */ value) => {
  const length = bytes(0x58, 0, 0, 0, 0);
  length.writeUInt32LE(value.length, 1);
  return Buffer.concat([length, Buffer.from(value)]);
};
const tuple = (/** @type {Buffer[]} */ ...items) =>
  Buffer.concat([bytes(0x28), ...items, Buffer.from('t')]);
const named = (/** @type {string} */ module, /** @type {string} */ name) =>
  Buffer.from(`c${module}\n${name}\n`);
const pickle = (/** @type {Buffer[]} */ ...parts) =>
  Buffer.concat([bytes(0x80, 2), ...parts, Buffer.from('.')]);

/** @param {number[]} shape */
const strides = (shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));

/**
 * A dictionary of the tensors, each with numbers of its own.
 * @param {Tensor[]} tensors
 * @param {Buffer[]} [view] what is said last of the numbers
 */
function stateDict(tensors, view = []) {
  const entries = tensors.flatMap(({ name, shape, data }, key) => {
    const [kind, count] = [named('torch', 'HalfStorage'), int(data.length / 2)];
    const place = tuple(text('storage'), kind, text(String(key)), text('cpu'), count, ...view);
    const storage = Buffer.concat([place, Buffer.from('Q')]);
    const [sizes, steps] = [shape, strides(shape)].map((axes) => tuple(...axes.map(int)));
    const given = tuple(storage, int(0), sizes, steps, bytes(0x89), Buffer.from('N'));
    return [text(name), named('torch._utils', '_rebuild_tensor_v2'), given, Buffer.from('R')];
  });
  return pickle(Buffer.from('}('), ...entries, Buffer.from('u'));
}

/** As before version 1.6. @param {string} network */
export async function olderFile(network) {
  const tensors = await tensorsOf(network);
  const mark = bytes(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19);
  const numbers = tensors.flatMap(({ data }) => {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(data.length / 2));
    return [count, data];
  });
  const keys = tensors.flatMap((_, key) => [text(String(key)), Buffer.from('a')]);
  return Buffer.concat([
    pickle(mark),
    pickle(int(1001)),
    pickle(Buffer.from('}'), text('little_endian'), bytes(0x88), Buffer.from('s')),
    stateDict(tensors, [Buffer.from('N')]),
    pickle(Buffer.from(']'), ...keys),
    ...numbers,
  ]);
}

/** A zip archive. @param {string} network */
export async function newerFile(network) {
  const tensors = await tensorsOf(network);
  const parts = [
    { name: 'net/data.pkl', data: stateDict(tensors) },
    { name: 'net/version', data: Buffer.from('3\n') },
    ...tensors.map(({ data }, key) => ({ name: `net/data/${key}`, data })),
  ];
  /** @type {Buffer[]} */
  const written = [];
  /** @type {Buffer[]} */
  const table = [];
  let at = 0;
  for (const { name, data } of parts) {
    const about = Buffer.alloc(26);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const part = [Buffer.from('PK\x03\x04'), about, Buffer.from(name), data];
    table.push(Buffer.from('PK\x01\x02'), bytes(20, 0), about, place, Buffer.from(name));
    written.push(...part);
    at += Buffer.concat(part).length;
  }
  const length = Buffer.concat(table).length;
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...written, ...table, Buffer.from('PK\x05\x06'), end]);
}
