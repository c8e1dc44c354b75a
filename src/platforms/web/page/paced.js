/** What takes long is done less often: so much of the time stays free. */
const shareFree = 4;

/** Gives a function that has `draw` called before the next frame; often called, it is called once. */
export function paced(draw) {
  let isDue = false;
  let freeAtMs = 0;
  const run = () => {
    isDue = false;
    const startMs = performance.now();
    draw();
    const endMs = performance.now();
    freeAtMs = endMs + (endMs - startMs) * shareFree;
  };
  return () => {
    if (isDue) return;
    isDue = true;
    const waitMs = freeAtMs - performance.now();
    if (waitMs > 16) setTimeout(run, waitMs);
    else if (document.hidden) setTimeout(run, 0);
    else requestAnimationFrame(run);
  };
}
