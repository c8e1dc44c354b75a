const lengthMark = "\n\n*(I reached my length limit here. Press Continue, or ask me to go on.)*";
const timeMark = "\n\n*(I ran out of time here. Press Continue, or ask me to go on.)*";

/** Of older versions: their answers can be continued too. */
const olderMarks = [
  "\n\n*(I reached my length limit here. Ask me to go on.)*",
  "\n\n*(I ran out of time here. Ask me to go on.)*",
];

const marks = [lengthMark, timeMark, ...olderMarks];

/** Why an answer was cut before its end. */
export type CutReason = "length" | "time";

/** An answer that was cut. */
export interface CutAnswer {
  /** Without the line that says so. */
  readonly written: string;
  /** What stands behind that line: its sources, and a note about calls. Empty: nothing. */
  readonly behind: string;
}

/** A cut answer, with a line that says so. */
export function markCut(text: string, reason: CutReason): string {
  return text.trimEnd() + (reason === "time" ? timeMark : lengthMark);
}

/** Takes a cut answer apart. Undefined: it was not cut. Told by its text, which every store and version keeps. */
export function cutAnswerIn(text: string): CutAnswer | undefined {
  for (const mark of marks) {
    const at = text.lastIndexOf(mark);
    if (at < 0) continue;
    const behind = text.slice(at + mark.length);
    if (behind === "" || behind.startsWith("\n\n*")) return { written: text.slice(0, at), behind };
  }
  return undefined;
}

/** Whether an answer was cut before its end. */
export function isCutAnswer(text: string): boolean {
  return cutAnswerIn(text) !== undefined;
}

/** The text of a cut answer without the line that says so, and what stands behind it. Other texts stay. */
export function withoutCutMark(text: string): string {
  return cutAnswerIn(text)?.written ?? text;
}
