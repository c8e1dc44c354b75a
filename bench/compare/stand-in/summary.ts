/**
 * A summary as a good model writes it: one line that names the person and rests on the first and the last message. Without it
 * the bot would ask a second time.
 */
export function summaryOf(prompt: string): string {
  const previous = /^- .*\[(?<first>\d+)[\d, ]*\]$/mu.exec(prompt)?.groups?.["first"];
  const said = [...prompt.matchAll(/^\[(?<ordinal>\d+)\] (?<speaker>[^:\n]+): Question/gmu)];
  const { ordinal: first = "1" } = said[0]?.groups ?? {};
  const { ordinal: last = "1", speaker = "" } = said.at(-1)?.groups ?? {};
  const cites = [...new Set([previous ?? first, last])].join(", ");
  return `- ${speaker} asked what was decided about the launch in March, and who books the venue for it. [${cites}]`;
}
