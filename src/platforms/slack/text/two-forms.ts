import { Told } from "./told.ts";

/**
 * What Slack sends as a text and as parts, once: all of the one that holds the other, else the text and the parts that it
 * does not hold. Two parts may say the same: people see both.
 */
export function inOneForm(text: string, parts: readonly string[]): readonly string[] {
  const inText = toldBy([text]);
  const others = parts.filter((part) => !inText.has(part));
  // Where both say the same, the text has the names of groups and channels.
  return others.length > 0 && toldBy(parts).has(text) ? parts : [text, ...others];
}

export function toldBy(texts: readonly string[]): Told {
  const told = new Told();
  for (const text of texts) told.add(text);
  return told;
}
