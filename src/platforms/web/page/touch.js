const coarse = matchMedia("(hover: none) and (pointer: coarse)");

/** Whether people write with a keyboard on the screen: it has Enter for new lines, and a button to send. */
export function isTouch() {
  return coarse.matches;
}
