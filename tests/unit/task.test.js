import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Task } from '../../www/task.js';

/** A promise, and what settles it. */
function open() {
  /** @type {(value: string) => void} */
  let settle = () => {};
  /** @type {(error: Error) => void} */
  let fail = () => {};
  const promise = new Promise((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { promise, settle, fail };
}

test('it says at once that it runs, and when it has ended', async () => {
  /** @type {boolean[]} */
  const heard = [];
  const task = new Task(() => heard.push(task.running));
  const work = open();
  const result = task.run(() => work.promise);
  assert.deepEqual(heard, [true]);
  work.settle('done');
  assert.equal(await result, 'done');
  assert.deepEqual(heard, [true, false]);
});

test('what is begun anew drops the answer of the one before, however late', async () => {
  const task = new Task();
  const [first, second] = [open(), open()];
  /** @type {AbortSignal[]} */
  const signals = [];
  const results = [first, second].map(({ promise }) =>
    task.run((signal) => {
      signals.push(signal);
      return promise;
    }),
  );
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  second.settle('new');
  first.settle('old');
  assert.deepEqual(await Promise.all(results), [undefined, 'new']);
});

test('who stops it hears no error, and once', async () => {
  const task = new Task();
  const work = open();
  const result = task.run(() => work.promise);
  assert.equal(task.stop(), true);
  assert.equal(task.running, false);
  assert.equal(task.stop(), false);
  work.fail(new Error('too late'));
  assert.equal(await result, undefined);
});

test('a failure is told, and it can run again', async () => {
  const task = new Task();
  await assert.rejects(
    task.run(() => Promise.reject(new Error('no connection'))),
    /no connection/,
  );
  assert.equal(task.running, false);
  assert.equal(await task.run(async () => 'there'), 'there');
});
