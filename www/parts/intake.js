/**
 * Pictures that are dropped anywhere on the page or pasted into it.
 * @param {(file: File) => void} take
 * @param {(sentence: string) => void} explain called when what came is no file
 * @returns {() => void} stops listening
 */
export function listenForFiles(take, explain) {
  const controller = new AbortController();
  const { signal } = controller;
  const root = document.documentElement;
  /** Drag events come from every element passed over: count in and out. */
  let depth = 0;
  const setDepth = (/** @type {number} */ to) => {
    depth = Math.max(0, to);
    root.toggleAttribute('data-dropping', depth > 0);
  };

  addEventListener('dragenter', () => setDepth(depth + 1), { signal });
  addEventListener('dragleave', () => setDepth(depth - 1), { signal });
  addEventListener('dragover', (event) => event.preventDefault(), { signal });
  addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      setDepth(0);
      const file = event.dataTransfer?.files[0];
      if (file) take(file);
      else explain('This is not a file. Save the picture first, then drop the saved file here.');
    },
    { signal },
  );
  addEventListener(
    'paste',
    (event) => {
      const file = event.clipboardData?.files[0];
      if (file) take(file);
      else if (!(event.target instanceof HTMLInputElement)) {
        explain('There is no picture to paste. Copy a picture first, then paste it here.');
      }
    },
    { signal },
  );
  return () => controller.abort();
}
