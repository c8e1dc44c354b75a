import type { PlannedWrite } from "../../ports/platform-posts.ts";
import { stillLoading } from "../text/user-messages.ts";
import type { PostContent } from "./reply-posts.ts";
import { splitMarkdown } from "./split-markdown.ts";

/** One write to a growing reply. */
export interface Growing {
  readonly part: number;
  readonly kind: PlannedWrite["kind"];
  readonly content: PostContent;
}

interface Wanted {
  readonly text: string;
  /** The model is loading. Shown until there is text. */
  readonly isLoading: boolean;
  readonly postChars: number;
}

/** The next write that brings the posts to the wanted text. Undefined: they show it already. */
export function nextWrite(
  shown: ReadonlyMap<number, PostContent>,
  { text, isLoading, postChars }: Wanted,
): Growing | undefined {
  const first = shown.get(0);
  if (text === "") {
    const content = { text: stillLoading, state: "writing", isLine: true } as const;
    return isLoading && first?.text !== stillLoading ? { part: 0, kind: "final", content } : undefined;
  }
  const texts = splitMarkdown(text, postChars);
  const part = texts.findIndex((each, index) => shown.get(index)?.text !== each);
  const next = texts[part];
  if (next === undefined) return undefined;
  if (part < texts.length - 1) return { part, kind: "final", content: { text: next, state: "part" } };
  const hasWords = first !== undefined && first.text !== "" && first.isLine !== true;
  return { part, kind: hasWords ? "growth" : "first", content: { text: next, state: "writing" } };
}
