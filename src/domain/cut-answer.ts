const lengthMark = "\n\n*(I reached my length limit here. Ask me to go on.)*";
const timeMark = "\n\n*(I ran out of time here. Ask me to go on.)*";

/** Why an answer was cut before its end. */
export type CutReason = "length" | "time";

/** A cut answer, with a line that says so. */
export function markCut(text: string, reason: CutReason): string {
  return text.trimEnd() + (reason === "time" ? timeMark : lengthMark);
}

/** Whether an answer ends with the line that it was cut. Told by its text, which every store and version keeps. */
export function isCutAnswer(text: string): boolean {
  return text.endsWith(lengthMark) || text.endsWith(timeMark);
}

/** The text of a cut answer without that line. Other texts stay. */
export function withoutCutMark(text: string): string {
  const mark = [lengthMark, timeMark].find((each) => text.endsWith(each));
  return mark === undefined ? text : text.slice(0, -mark.length);
}
