import type { Step } from "../../domain/post.ts";
import type { PlannedWrite, PostLimits } from "../../ports/platform-posts.ts";
import { stillLoading } from "../text/user-messages.ts";
import type { PostContent } from "./reply-posts.ts";
import { layOutGrowing, type LayoutLimits } from "./lay-out.ts";

/** One write to a growing reply. */
export interface Growing {
  readonly part: number;
  readonly kind: PlannedWrite["kind"];
  readonly content: PostContent;
}

interface Wanted {
  readonly text: string;
  /** Done since the last words. */
  readonly steps: readonly Step[];
  /** The model is loading. Shown until there is text. */
  readonly isLoading: boolean;
  readonly limits: LayoutLimits & Pick<PostLimits, "carriesStop">;
}

/** The next write that brings the posts to the wanted text. Undefined: they show it already. */
export function nextWrite(
  shown: ReadonlyMap<number, PostContent>,
  { text, steps, isLoading, limits }: Wanted,
): Growing | undefined {
  const first = shown.get(0);
  const newSteps = (post: PostContent | undefined): Pick<PostContent, "steps"> | undefined =>
    steps.length === 0 || post?.steps === steps ? undefined : { steps };
  if (text === "") {
    const content = { text: stillLoading, state: "writing", isLine: true } as const;
    if (isLoading && steps.length === 0)
      return first?.text === stillLoading ? undefined : { part: 0, kind: "final", content };
    const done = newSteps(first);
    return done && { part: 0, kind: "first", content: { text, state: "writing", ...done } };
  }
  const texts = layOutGrowing(text, limits);
  const isLast = (index: number): boolean => index === texts.length - 1;
  const part = texts.findIndex((each, index) => {
    const post = shown.get(index);
    if (post?.text !== each) return true;
    // A complete part loses its Stop button.
    return isLast(index)
      ? newSteps(post) !== undefined
      : limits.carriesStop === true && post.state === "writing";
  });
  const next = texts[part];
  if (next === undefined) return undefined;
  if (!isLast(part)) return { part, kind: "final", content: { text: next, state: "part" } };
  const hasWords = first !== undefined && first.text !== "" && first.isLine !== true;
  return {
    part,
    kind: hasWords ? "growth" : "first",
    content: { text: next, state: "writing", ...newSteps(shown.get(part)) },
  };
}
