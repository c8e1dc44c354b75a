import { oneLine } from "../../domain/one-line.ts";
import { removeInvisible } from "../text/clean-name.ts";

const maxChars = 500;

/**
 * What a call does, as people read it: one line of visible characters. Behind a cut stands how many more there are, since a
 * person may approve the call.
 */
export function saysOf(description: string): string {
  const line = oneLine(removeInvisible(oneLine(description)));
  if (line.length <= maxChars) return line;
  const head = line.slice(0, maxChars).toWellFormed().trimEnd();
  return `${head} … (and ${line.length - maxChars} more characters that are not shown here)`;
}
