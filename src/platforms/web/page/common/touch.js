const coarse = matchMedia("(hover: none) and (pointer: coarse)");

/** True on devices with a touch keyboard: Enter makes a new line there, and a button sends. */
export function isTouch() {
  return coarse.matches;
}
