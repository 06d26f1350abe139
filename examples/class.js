/** The buttons of the lesson, and a frame as high as it wants. */
addEventListener('message', ({ source, data }) => {
  for (const frame of document.querySelectorAll('iframe'))
    if (frame.contentWindow === source && data?.foolscope) frame.height = data.foolscope.height;
});
for (const button of document.querySelectorAll('[data-sample]'))
  button.addEventListener('click', () =>
    document.getElementById('digits').setAttribute('sample', button.dataset.sample),
  );
