const tag = /^<\/?(?:final_)?(?:answer|response)>$/u;

/** Some models put the answer that follows their thoughts in a tag of its own. */
export function isAnswerStart(marker: string): boolean {
  return !marker.startsWith("</") && tag.test(marker);
}

export function isAnswerEnd(marker: string): boolean {
  return marker.startsWith("</") && tag.test(marker);
}
