import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { answerActions, type KnownCommands } from "./answer-actions.ts";
import type { PostContent } from "./reply-posts.ts";
import { splitMarkdown } from "./split-markdown.ts";

/** A reply whose posts a new one takes over. */
export interface OldReply {
  /** Of its text: what the new reply begins with. */
  readonly beginning: string;
  /** What its posts show, by part. Empty: unknown. */
  readonly shown: readonly PostContent[];
}

/** What the posts of a finished reply show. Empty: they were made otherwise. */
export function shownOf(
  reply: RememberedMessage,
  { commands, postChars }: { readonly commands: KnownCommands; readonly postChars: number },
): OldReply["shown"] {
  const texts = splitMarkdown(reply.text, postChars);
  if (texts.length !== reply.posts?.length) return [];
  const actions = answerActions(commands, reply);
  return texts.map((text, part) =>
    part === texts.length - 1 ? { text, state: "done", actions } : { text, state: "part" },
  );
}

/** Whether a post needs no write. `isSameAsPart`: a growing post looks as a complete part does. */
export function isAsWanted(shown: PostContent, wanted: PostContent, isSameAsPart: boolean): boolean {
  if (shown.text !== wanted.text || buttonsOf(shown) !== buttonsOf(wanted)) return false;
  return shown.state === wanted.state || (wanted.state === "part" && isSameAsPart);
}

/** What the buttons name. */
function buttonsOf({ actions: [first] = [] }: PostContent): string | undefined {
  return first?.on;
}
