import type { ModelRequest } from "./model-request.ts";
import { withoutTimes } from "../texts/without-times.ts";
import { says, type StreamScript } from "./script.ts";

/** The default answer: deterministic, built from the prompt alone, so that it shows what the bot remembers. */
export function echo({ messages }: ModelRequest): StreamScript {
  const earlier = messages.slice(0, -1);
  const last = messages.at(-1)?.text ?? "";
  const count = `I remember ${earlier.length} earlier ${earlier.length === 1 ? "message" : "messages"}.`;
  const first = earlier[0] === undefined ? "" : ` The first was “${brief(withoutTimes(earlier[0].text))}”.`;
  return says(count, first === "" ? " " : `${first} `, `You said “${brief(withoutTimes(last))}”.`);
}

function brief(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
