const tag = /^<\/?(?:final_)?(?:answer|response)>$/u;

/** Whether the marker opens the answer after the thoughts: some models use a tag for it. */
export function isAnswerStart(marker: string): boolean {
  return !marker.startsWith("</") && tag.test(marker);
}

export function isAnswerEnd(marker: string): boolean {
  return marker.startsWith("</") && tag.test(marker);
}
