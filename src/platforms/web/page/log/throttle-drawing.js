/** After a draw of n ms, 4 n ms stay free. */
const shareFree = 4;

/** Returns a function that schedules `draw` before the next frame; repeated calls draw once. */
export function throttleDrawing(draw) {
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
