/**
 * ONNX's own tests of each operator, out of a pinned package, for the native
 * tests of the reader. Without them those tests say 'skipped'.
 */
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

const folder = 'target/onnx-nodes';

export async function onnxNodes() {
  const fetched = async () => {
    await run('python3', ['tests/files/fetch_onnx_nodes.py', folder], { quiet: true });
  };
  await step("ONNX's tests", `fetch them into ${folder}`, fetched, {
    key: '1.16.2',
    makes: [`${folder}/node`, `${folder}/light`],
  }).catch((error) => console.log(`[ONNX's tests] not fetched: ${error.message}`));
}
