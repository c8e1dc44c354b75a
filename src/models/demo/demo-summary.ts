const mostChars = 120;

/** Lines that stand for what is to be folded: those that stood before, and one for each message. */
export function demoRollingSummary(text: string): string {
  const previous = text.match(/^- .*\[[\d, ]+\]$/gmu) ?? [];
  const messages = Array.from(
    text.matchAll(/^\[(\d+)\] (.*(?:\n {2}.*)*)/gmu),
    ([, number = "", said = ""]) => ({ number, said: said.replaceAll(/\s+/gu, " ").trim() }),
  );
  // Our own answers only repeat what people said.
  const people = messages.filter(({ said }) => !said.startsWith("Threadkeeper: "));
  const told = people.length === 0 ? messages : people;
  const lines = [...previous, ...told.map(({ number, said }) => `- ${shortened(said)} [${number}]`)];
  return lines.length === 0 ? "Nothing was said." : lines.join("\n");
}

function shortened(text: string): string {
  if (text.length <= mostChars) return text;
  return `${text.slice(0, mostChars - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
