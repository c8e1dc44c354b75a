const maxChars = 120;

/** The previous summary lines, and one line for each message to summarize. */
export function demoRollingSummary(text: string): string {
  const previous = text.match(/^- .*\[[\d, ]+\]$/gmu) ?? [];
  const messages = Array.from(
    text.matchAll(/^\[(\d+)\] (.*(?:\n {2}.*)*)/gmu),
    ([, number = "", said = ""]) => ({ number, said: said.replaceAll(/\s+/gu, " ").trim() }),
  );
  // Our own answers only repeat what people said.
  const people = messages.filter(({ said }) => !said.startsWith("Threadkeeper: "));
  const told = people.length === 0 ? messages : people;
  const lines = [...previous, ...told.map(({ number, said }) => `- ${truncate(said)} [${number}]`)];
  return lines.length === 0 ? "Nothing was said." : lines.join("\n");
}

function truncate(text: string): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
