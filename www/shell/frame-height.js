/**
 * In a frame of another page the exhibit has no scroll bar of its own: it tells
 * that page how high it is, whenever that changes. The message is
 * `{ foolscope: { height } }`, in CSS pixels; what the embed dialog offers to
 * paste listens for it. Nothing else is ever sent.
 */

/** @param {Element} page what the frame shows */
export function tellHeight(page) {
  if (window.parent === window) return;
  document.documentElement.toggleAttribute('data-framed', true);
  let told = 0;
  const tell = () => {
    const height = Math.ceil(page.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    // Whoever embeds it may be anybody; a height is no secret.
    window.parent.postMessage({ foolscope: { height } }, '*');
  };
  new ResizeObserver(tell).observe(page);
}
