/** The benchmark's arithmetic, its ONNX bytes, and the counting of the worker's own work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORKS } from '../../www/bench/peers/networks.js';
import { onnxModel } from '../../www/bench/peers/onnx-model.js';
import { normalised, readWeights } from '../../www/bench/peers/weights.js';
import { ratioToBest, relativeDifference, summary } from '../../www/bench/stats.js';
import { Meter } from '../../www/engine/meter.js';

test('a summary has the middle of the runs, and their ends', () => {
  assert.deepEqual(summary([5, 1, 3]), { median: 3, min: 1, max: 5, runs: 3 });
  assert.deepEqual(summary([4, 1, 2, 9]), { median: 3, min: 1, max: 9, runs: 4 });
});

test('a difference is relative to the largest value, and NaN is no small one', () => {
  assert.equal(relativeDifference([1, -8.5], [1, -8]), 0.0625);
  assert.equal(relativeDifference([1, NaN], [1, 2]), Infinity);
  assert.equal(relativeDifference([NaN, 1], [1, 2]), Infinity);
  assert.equal(relativeDifference([1], [1, 2]), Infinity);
});

test('the best peer is the fastest, by time and by frames', () => {
  assert.equal(ratioToBest(10, [30, 20], false), 2);
  assert.equal(ratioToBest(10, [30, 20], true), 1 / 3);
  assert.equal(ratioToBest(10, [], true), null);
});

test('weights of 16 bits are read as they were written', () => {
  // 1, -2, the smallest above zero, the largest, zero.
  const halves = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0]);
  const offsets = [0, halves.byteLength];
  const header = JSON.stringify({
    __metadata__: {},
    w: { dtype: 'F16', shape: [5], data_offsets: offsets },
  });
  const file = new Uint8Array(8 + header.length + halves.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(new TextEncoder().encode(header), 8);
  file.set(new Uint8Array(halves.buffer), 8 + header.length);
  const tensor = readWeights(file.buffer).get('w');
  assert.deepEqual(tensor?.shape, [5]);
  assert.deepEqual([...(tensor?.values ?? [])], [1, -2, 2 ** -24, 65504, 0]);
});

test('a picture is normalised by channel', () => {
  const network = {
    ...NETWORKS['efficientnet-lite0'](),
    input: /** @type {[number, number, number]} */ ([3, 1, 2]),
  };
  const values = normalised(new Uint8ClampedArray([127, 255, 0, 255, 127, 127, 127, 255]), network);
  const expected = [0, 0, 1, 0, -127 / 128, 0];
  values.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${i}: ${value}`));
});

test('the peers run a network of the published size', () => {
  const { steps } = NETWORKS['efficientnet-lite0']();
  let parameters = 0;
  for (const step of steps) {
    if (step.op === 'conv') {
      const { input, output, kernel, depthwise } = step;
      parameters += output * (depthwise ? 1 : input) * kernel ** 2 + output;
    } else if (step.op === 'linear') parameters += step.output * (step.input + 1);
  }
  // The number that the core has too: `lab classify --help` names the same network.
  assert.ok(parameters > 4_600_000 && parameters < 4_700_000, String(parameters));
});

test('an ONNX file is fields within fields, down to the last byte', () => {
  const network = NETWORKS['lenet-mnist']();
  const bias = { shape: [2], values: new Float32Array([1.5, -2]) };
  const model = onnxModel(network, new Map([['conv1.bias', bias]]));
  const fields = read(model);
  assert.equal(fields.find(([field]) => field === 1)?.[1], 7);
  const graph = read(/** @type {Uint8Array} */ (fields.find(([field]) => field === 7)?.[1]));
  const text = new TextDecoder();
  const operators = graph
    .filter(([field]) => field === 1)
    .map(([, node]) => read(/** @type {Uint8Array} */ (node)).find(([field]) => field === 4)?.[1])
    .map((name) => text.decode(/** @type {Uint8Array} */ (name)));
  assert.deepEqual(operators, [
    ...['Conv', 'MaxPool', 'Conv', 'MaxPool', 'Flatten', 'Gemm', 'Relu', 'Gemm', 'Identity'],
  ]);
  const [, constant] = graph.find(([field]) => field === 5) ?? [];
  const raw = read(/** @type {Uint8Array} */ (constant)).find(([field]) => field === 9)?.[1];
  assert.deepEqual(
    [...new Float32Array(/** @type {Uint8Array} */ (raw).slice().buffer)],
    [1.5, -2],
  );
});

/**
 * The fields of a protocol buffer.
 * @param {Uint8Array} bytes
 * @returns {[number, number | Uint8Array][]}
 */
function read(bytes) {
  let at = 0;
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  /** @type {[number, number | Uint8Array][]} */
  const fields = [];
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) fields.push([tag >> 3, varint()]);
    else {
      assert.equal(tag % 8, 2);
      const length = varint();
      assert.ok(at + length <= bytes.length);
      fields.push([tag >> 3, bytes.subarray(at, (at += length))]);
    }
  }
  return fields;
}

test('own time is inside calls, counted once where they nest, and up to the last submit', () => {
  let now = 0;
  const meter = new Meter(() => now);
  const spend = (/** @type {number} */ time) => (now += time);
  const inner = meter.counted(() => spend(2));
  const outer = meter.counted(() => {
    spend(1);
    inner();
    meter.count('submits');
    spend(4);
  });
  outer();
  spend(100); // Waiting for the GPU.
  const { calls, submits, milliseconds } = meter.read();
  assert.deepEqual({ calls, submits, milliseconds }, { calls: 2, submits: 1, milliseconds: 3 });

  // Without a submit all of it counts, a call that fails too.
  const failing = meter.counted(() => {
    spend(5);
    throw new Error('no');
  });
  assert.throws(failing, /no/);
  assert.equal(meter.read().milliseconds, 5);
  assert.equal(meter.read().calls, 0);
});

test('a wrapped instance counts, and still works', async () => {
  // (module (memory (export "m") 2) (func (export "f") (result i32) i32.const 7))
  const module = new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 2],
    ...[7, 9, 2, 1, 109, 2, 0, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11],
  ]);
  const { instance } = await WebAssembly.instantiate(module);
  const meter = new Meter();
  meter.wrap(instance);
  const { f, m } = /** @type {{ f: () => number, m: WebAssembly.Memory }} */ (
    /** @type {unknown} */ (instance.exports)
  );
  assert.equal(f(), 7);
  assert.ok(m instanceof WebAssembly.Memory);
  const { calls, memory } = meter.read();
  assert.deepEqual({ calls, memory }, { calls: 1, memory: 2 * 65536 });
});
