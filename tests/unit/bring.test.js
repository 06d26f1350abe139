/** What a site's list of networks may say, which files are a network's, and how a proposal reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOffers } from '../../www/engine/offers.js';
import { sortNetworks } from '../../www/pictures/network-files.js';
import { proposal, trialText } from '../../www/words/bring.js';

const offer = { title: 'One', url: 'lent/one.onnx', size: 10, sha256: 'ab'.repeat(32) };
const base = 'https://example.org/page/';

test('an entry of the list is found beside the page, under an id of its content', () => {
  const [found] = readOffers([{ ...offer, preset: 'caffe' }], base);
  assert.equal(found.id, 'site-abababababab');
  assert.equal(found.url, 'https://example.org/page/lent/one.onnx');
  assert.equal(found.preset, 'caffe');
  assert.deepEqual(readOffers([], base), []);
});

test('what is wrong in the list is named', () => {
  const wrong = (/** @type {unknown} */ list) => () => readOffers(list, base);
  assert.throws(wrong({}), /it is not a list/);
  assert.throws(wrong([offer, { ...offer, title: '' }]), /entry 2 has no title/);
  assert.throws(wrong([{ ...offer, size: '10' }]), /entry 1 has no size/);
  assert.throws(wrong([{ ...offer, sha256: 'ab' }]), /entry 1 has no sha256/);
  assert.throws(wrong([null]), /entry 1 has no title/);
});

test('a network is told by its name or its content, and takes its companions along', async () => {
  const bytes = (/** @type {number[]} */ ...all) => new Uint8Array(all);
  const picture = new File(['x'], 'cat.jpg', { type: 'image/jpeg' });
  const text = new File(['a'], 'names.txt', { type: 'text/plain' });
  const named = new File(['x'], 'net.caffemodel');
  const unnamed = new File([bytes(8, 8, 18, 7, 112)], 'net');
  const zip = new File([bytes(80, 75, 3, 4), 'archive/data.pkl'], 'weights');
  const older = new File([bytes(128, 2, 138, 10, 108, 252)], 'weights');
  for (const network of [named, unnamed, zip, older]) {
    const sorted = await sortNetworks([picture, network, text]);
    assert.deepEqual(sorted, { network: [network, text], others: [picture] });
  }
  // A photo of a kind that the system does not know is a photo all the same.
  const unknown = new File(['x'], 'IMG_1.HEIC');
  const sorted = await sortNetworks([unknown, named]);
  assert.deepEqual(sorted, { network: [named], others: [unknown] });
  const alone = [picture, text];
  assert.deepEqual(await sortNetworks(alone), { network: [], others: alone });
});

test('a proposal says its evidence', () => {
  const trial = { photos: 7, sureness: 0.84, agreement: 5, different: 6 };
  const best = { ...trial, preset: 'caffe' };
  const other = { ...trial, preset: 'none', sureness: 0.5, agreement: 1 };
  assert.equal(
    proposal(best, [other, best], 'EfficientNet-Lite0'),
    'Proposed: Caffe’s way. With it the network is surest, 84\u00a0% on average, and agrees with EfficientNet-Lite0 on 5 of 7 photos.',
  );
  assert.equal(
    proposal({ ...other, agreement: null }, [best, other], ''),
    'Proposed: As they are. With it the network is 50\u00a0% sure on average and names 6 different classes on 7 photos.',
  );
});

test('one is one', () => {
  const trial = { preset: 'none', photos: 1, sureness: 0.5, agreement: null, different: 1 };
  assert.match(trialText(trial), /, the same answer to all$/);
  assert.match(trialText({ ...trial, different: 2 }), /, 2 different answers$/);
  assert.match(proposal(trial, [trial], ''), / names 1 different class on 1 photo\.$/);
});
