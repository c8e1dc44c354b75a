import type { RecallResult } from "./demo-recall.ts";
import { findLines, isQuestion } from "./find-lines.ts";
import { endSentence, quote } from "./quote.ts";
import type { Line, Scene } from "./read-prompt.ts";

const label = "**Demo model:**";
const maxSummed = 30;

/** An answer made only from the prompt, which shows what the bot remembers. Markdown. */
export function demoAnswer(scene: Scene, searched: RecallResult | undefined): string {
  const { question, earlier } = scene;
  const isSought = isQuestion(question.text) && searched?.isFound !== true;
  const found = isSought ? findLines(question, earlier) : [];
  return [`${label} ${opening(question)}`, searched?.text ?? "", findings(found), memory(scene)]
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** Lists what was said. Markdown. */
export function demoSummary({ question, earlier }: Scene): string {
  // The request for a summary has no speaker and is not part of the conversation.
  const lines = question.speaker === "" ? earlier : [...earlier, question];
  if (lines.length === 0) return `${label} nobody has said anything yet.`;
  const shown = lines.slice(-maxSummed);
  const left = lines.length - shown.length;
  return [
    `${label} I can't summarise, so here's what ${namesOf(lines)} said.`,
    left === 0 ? "" : `I leave out the first ${counted(left, "message")}.`,
    shown.map(listed).join("\n"),
  ]
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

function opening({ speaker, text }: Line): string {
  const who = speaker === "" ? "You" : speaker;
  return endSentence(`${who} said ${quote(text, 160)}`);
}

function findings(found: readonly Line[]): string {
  if (found.length === 0) return "";
  return `Related, from earlier:\n\n${found.map(listed).join("\n")}`;
}

function memory({ earlierCount, earlier }: Scene): string {
  const [first] = earlier;
  const latest = earlier.at(-1);
  if (first === undefined || latest === undefined) {
    return "I'm a stand-in that needs no account. I can't think, but I show what the bot remembers. It gave me no earlier messages: write again and see.";
  }
  const count = `I remember ${counted(earlierCount, "earlier message")} of this conversation, with ${namesOf(earlier)}.`;
  if (earlier.length === 1)
    return endSentence(`${count} ${first.speaker} began with ${quote(first.text, 120)}`);
  return `${count}\n\n- First: ${first.speaker}, ${quote(first.text, 120)}\n- Latest: ${latest.speaker}, ${quote(latest.text, 120)}`;
}

function listed({ speaker, text }: Line): string {
  return `- ${speaker}: ${quote(text, 200)}`;
}

function namesOf(lines: readonly Line[]): string {
  const names = [...new Set(lines.map(({ speaker }) => (speaker === "You" ? "you" : speaker)))];
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} others`] : names;
  return shown.length === 1 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
