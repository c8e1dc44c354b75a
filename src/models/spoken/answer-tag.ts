const tag = /^<\/?(?:final_)?(?:answer|response)>$/u;

/** Some models put the answer that follows their thoughts in a tag of its own. */
export function isAnswerStart(mark: string): boolean {
  return !mark.startsWith("</") && tag.test(mark);
}

export function isAnswerEnd(mark: string): boolean {
  return mark.startsWith("</") && tag.test(mark);
}
