import { finishMarkdown } from "./markdown/finish-markdown.ts";
import type { Post } from "./post.ts";

/** Stands for a beginning that can't be shown yet. */
const nothingYet = "…";

/**
 * What people see of a post: while its text grows, it looks as if it ended here. A line is complete. A few characters longer at
 * most. Never empty for a text that is not.
 */
export function shownText({ text, state, isLine }: Pick<Post, "text" | "state" | "isLine">): string {
  if (state !== "writing" || isLine === true || text === "") return text;
  return finishMarkdown(text) || nothingYet;
}

/** A shown text without what closes it: what is left is a part of the post's text. */
export function withoutClosing(shown: string): string {
  let to = shown.length;
  while (to > 0 && /[\s*_~`>…]/u.test(shown.charAt(to - 1))) to -= 1;
  return shown.slice(0, to).trim();
}
