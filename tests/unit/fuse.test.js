import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fuse } from '../../www/engine/fuse.js';

const never = () => new Promise(() => {});

test('what is open fails together, and so does what comes later', async () => {
  const fuse = new Fuse();
  const open = [fuse.guard(never()), fuse.guard(never())];
  assert.equal(await fuse.guard(Promise.resolve(7)), 7);
  fuse.blow(new Error('lost'));
  fuse.blow(new Error('lost twice'));
  for (const promise of [...open, fuse.guard(never())]) {
    await assert.rejects(promise, /^Error: lost$/);
  }
});
