import type { PostFile } from "../../domain/post.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Platform } from "../../ports/platform.ts";
import { saidIn } from "../../domain/file-texts.ts";
import { answerActions, type KnownCommands } from "./answer-actions.ts";
import { laidOutOf } from "./laid-out-of.ts";
import type { PostContent } from "./reply-posts.ts";

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
  {
    commands,
    platform,
  }: { readonly commands: KnownCommands; readonly platform: Pick<Platform, "limits" | "sharedFiles"> },
): OldReply["shown"] {
  const posts = laidOutOf(reply, platform);
  if (posts === undefined) return [];
  const actions = answerActions(commands, { ...reply, text: saidIn(reply) });
  const areBeside = platform.sharedFiles !== undefined;
  return posts.map(({ text, files = [] }, part) => {
    if (part < posts.length - 1) return { text, state: "part" };
    return { text, state: "done", actions, files: areBeside ? [] : files };
  });
}

/** Whether a post needs no write. `isSameAsPart`: a growing post looks as a complete part does. */
export function isAsWanted(shown: PostContent, wanted: PostContent, isSameAsPart: boolean): boolean {
  if (shown.text !== wanted.text || buttonsOf(shown) !== buttonsOf(wanted)) return false;
  if (!haveSameFiles(shown.files, wanted.files)) return false;
  return shown.state === wanted.state || (wanted.state === "part" && isSameAsPart);
}

/** What the buttons name. */
function buttonsOf({ actions: [first] = [] }: PostContent): string | undefined {
  return first?.on;
}

function haveSameFiles(some: readonly PostFile[] = [], others: readonly PostFile[] = []): boolean {
  return some.length === others.length && some.every((file, at) => isSameFile(file, others[at]));
}

function isSameFile({ name, content }: PostFile, other: PostFile | undefined): boolean {
  if (name !== other?.name) return false;
  const { content: wanted } = other;
  if (typeof content === "string" || typeof wanted === "string") return content === wanted;
  return content.hash === wanted.hash;
}
