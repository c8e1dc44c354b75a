import { words } from "./marks.ts";

/**
 * A summary as a good model writes it: one line that names the person, rests on the first and the last message, and keeps what
 * long questions tell. Without all this the bot would ask a second time.
 */
export function summaryOf(prompt: string): string {
  const previous = /^- .*\[(?<first>\d+)[\d, ]*\]$/mu.exec(prompt)?.groups?.["first"];
  const said = [...prompt.matchAll(/^\[(?<ordinal>\d+)\] (?<speaker>[^:\n]+): Question/gmu)];
  const { ordinal: first = "1" } = said[0]?.groups ?? {};
  const { ordinal: last = "1", speaker = "" } = said.at(-1)?.groups ?? {};
  const cites = [...new Set([previous ?? first, last])].join(", ");
  const told = /venue for it[?.] We said/u.test(prompt) ? ` ${words}` : "";
  return `- ${speaker} asked what was said about the launch in March, and who books the venue for it.${told} [${cites}]`;
}
