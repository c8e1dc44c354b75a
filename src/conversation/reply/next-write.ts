import type { Post } from "../../domain/post.ts";
import { stillLoading } from "../text/user-messages.ts";
import { splitMarkdown } from "./split-markdown.ts";

/** One write to a growing reply. */
export type Growing = Pick<Post, "part" | "text" | "state" | "isLine">;

interface Wanted {
  readonly text: string;
  /** The model is loading. Shown until there is text. */
  readonly isLoading: boolean;
  readonly postChars: number;
}

/** The next write that brings the posts to the wanted text. Undefined: they show it already. */
export function nextWrite(
  shown: ReadonlyMap<number, Pick<Post, "text">>,
  { text, isLoading, postChars }: Wanted,
): Growing | undefined {
  if (text === "") {
    const isNews = isLoading && shown.get(0)?.text !== stillLoading;
    return isNews ? { part: 0, text: stillLoading, state: "writing", isLine: true } : undefined;
  }
  const texts = splitMarkdown(text, postChars);
  const part = texts.findIndex((each, index) => shown.get(index)?.text !== each);
  const next = texts[part];
  return next === undefined
    ? undefined
    : { part, text: next, state: part < texts.length - 1 ? "part" : "writing" };
}
