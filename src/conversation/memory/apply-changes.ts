import type {
  Announced,
  Change,
  Deleted,
  Edited,
  Expired,
  AuthorErased,
  Lapsed,
  Retracted,
} from "../../domain/inbound.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { quotedId } from "../../domain/quoted.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { withoutLapsed, withoutSpeaker } from "./delayed-erasure.ts";
import { answerTo, awaiting, isStillThere, reasked } from "./reanswer.ts";
import { isPostOfApp } from "./app-messages.ts";
import { answeredOnce } from "./still-asked.ts";
import { withSummary } from "./apply-summary.ts";
import { withTitle } from "./apply-title.ts";
import { reworded, withReply, type CountTokens } from "./append.ts";
import { staleSummary, withoutLines } from "./invalidate-summary.ts";
import { nothing, withoutDerived, type Changed, type Changing } from "./remove-derived.ts";
import { yielding } from "../async/yielding.ts";

/**
 * Follows edits, deletions and what the bot has told itself. Twice the same changes nothing. In slices; the window is read
 * once for all edits and deletions that stand together, however many they are.
 */
export async function withChanges(
  memory: ConversationMemory,
  changes: readonly Change[],
  countTokens: CountTokens,
): Promise<Changed> {
  const pause = yielding();
  let changing: Changing = {
    memory,
    gone: [],
    postsToRetract: [],
    again: [],
    hide: [],
    unfollowed: nothing,
  };
  for (const change of changes) {
    changing = await withChange(changing, change, countTokens);
    await pause();
  }
  const { unfollowed: _, ...changed } = await withoutDerived(changing);
  const again = changed.again.filter((each) => isStillThere(changed.memory, each));
  return { ...changed, again: answeredOnce(again) };
}

async function withChange(changing: Changing, change: Change, countTokens: CountTokens): Promise<Changing> {
  switch (change.kind) {
    case "edited":
      return withEdit(changing, change, countTokens);
    case "deleted":
      return withDeletion(changing, change);
    case "retracted":
      if (isOfPerson(changing, change))
        return withoutForgottenMessage(await withoutDerived(changing), change);
      return withoutMessage(changing, change.message, retractedPosts(changing, change), false);
    case "forgot":
      return withoutAuthor(await withoutDerived(changing), change);
    case "expired":
      return { ...withoutOld(await withoutDerived(changing), change), unfollowed: nothing };
    case "lapsed":
      return { ...dropForgotten(await withoutDerived(changing), change), unfollowed: nothing };
    case "filed":
      // The write that follows leaves out what the ledger has.
      return changing;
    case "announced":
      return { ...changing, memory: withAnnounced(changing.memory, change, countTokens) };
    case "folded":
      return { ...changing, memory: withSummary(changing.memory, change) };
    case "titled":
      return { ...changing, memory: withTitle(changing.memory, change) };
  }
}

function withEdit(changed: Changing, edit: Edited, countTokens: CountTokens): Changing {
  const { message: id, text } = edit;
  const { memory, unfollowed } = changed;
  const known = memory.messages.find((message) => message.id === id);
  // What an app shows changes as its work goes on: it takes nothing back, asks for nothing, and voids no summary. One
  // that changes every second would otherwise leave no conversation a summary, and each fold would be made in vain.
  const isByApp = edit.isByApp === true || isPostOfApp(memory, id);
  const stale = (next: ConversationMemory): ConversationMemory =>
    isByApp ? next : staleSummary(next, saidAt(memory, id));
  if (known === undefined) {
    const late = { revision: memory.revision, message: id, text };
    // What was never remembered has nothing to be changed in: the ledger will not find it either.
    if (memory.nextOrdinal === 1) return changed;
    const edits = [...memory.edits.filter((each) => each.message !== id), late];
    return { ...changed, memory: stale({ ...memory, edits }) };
  }
  if (known.role !== "person" || known.text === text) return changed;
  const answer = isByApp ? undefined : answerTo(memory, known, edit);
  const messages = memory.messages.map((message) => {
    if (message === answer) return awaiting(message, memory);
    return message.id === id ? reworded(message, text, memory, countTokens) : message;
  });
  const edited = stale({ ...memory, messages });
  const before = isByApp ? unfollowed : { ...unfollowed, reworded: [...unfollowed.reworded, known] };
  const again = answer && reasked(edit, known, answer);
  const asked = again === undefined ? changed.again : [...changed.again, again];
  return { ...changed, memory: edited, unfollowed: before, again: asked };
}

function withDeletion(changing: Changing, change: Deleted): Changing {
  const next = withoutMessage(changing, change.message, [], true);
  // What an app takes back goes, with what rests on it; no question is asked again for it.
  if (isPostOfApp(changing.memory, change.message)) return next;
  const deletions = [...next.unfollowed.deletions, change];
  return { ...next, unfollowed: { ...next.unfollowed, deletions } };
}

function withoutMessage(
  changed: Changing,
  id: MessageId,
  posts: readonly PostId[],
  isShown: boolean,
): Changing {
  const { memory, unfollowed } = changed;
  if (memory.nextOrdinal === 1) return { ...changed, gone: [...changed.gone, id] };
  const known = memory.messages.find((message) => message.id === id);
  const erasure: Erasure = { revision: memory.revision, kind: "message", message: id };
  const without = staleSummary(
    {
      ...memory,
      messages: memory.messages.filter((message) => message.id !== id),
      erasures: [...memory.erasures.filter((each) => !isOf(each, id)), erasure],
      edits: memory.edits.filter(({ message }) => message !== id),
    },
    saidAt(memory, id),
  );
  const next: Changing = {
    ...changed,
    memory: without,
    gone: [...changed.gone, id],
    postsToRetract: [...changed.postsToRetract, ...posts],
  };
  if (known === undefined || !isShown) return next;
  return { ...next, unfollowed: { ...unfollowed, deleted: [...unfollowed.deleted, known] } };
}

/** From which ordinal on a message may be repeated. A quotation comes behind its original, where that is remembered too. */
function saidAt({ messages }: ConversationMemory, id: MessageId): number | "covered" {
  const known =
    messages.find((message) => message.id === id) ?? messages.find((each) => quotedId(each.id) === id);
  return known?.ordinal ?? "covered";
}

function isOf(erasure: Erasure, id: MessageId): boolean {
  return erasure.kind === "message" && erasure.message === id;
}

/** Where the reply is still remembered, memory knows its posts best. */
function retractedPosts({ memory }: Changed, { message, posts, staysShown }: Retracted): readonly PostId[] {
  if (staysShown === true) return [];
  return memory.messages.find(({ id }) => id === message)?.posts ?? posts;
}

function isOfPerson({ memory }: Changed, { message }: Retracted): boolean {
  return memory.messages.some(({ id, role }) => id === message && role === "person");
}

/** What people still see of it, and of replies to it, stays. */
async function withoutForgottenMessage(changed: Changing, { message }: Retracted): Promise<Changing> {
  return {
    ...(await withoutDerived(withoutMessage(changed, message, [], true))),
    postsToRetract: changed.postsToRetract,
  };
}

/** What people still see of replies to the person stays where it is, as the person's own messages do. */
async function withoutAuthor(changed: Changing, forgot: AuthorErased): Promise<Changing> {
  const { memory } = changed;
  const { forgetting, author } = forgot;
  const isTheirs = (message: RememberedMessage): boolean => isSaidBy(forgot, message);
  const theirs = memory.messages.filter(isTheirs);
  const { revision, nextOrdinal, erasing } = memory;
  const erasures: readonly Erasure[] = [
    ...memory.erasures,
    { revision, kind: "author", author, beforeOrdinal: nextOrdinal },
    ...theirs.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
  ];
  const without = staleSummary(
    {
      ...memory,
      messages: memory.messages.filter((message) => !isTheirs(message)),
      speakers: memory.speakers.filter((speaker) => speaker.id !== author),
      ...(erasing === undefined ? {} : { erasing: withoutSpeaker(erasing, author) }),
      erasures,
    },
    "covered",
  );
  // Named too: what was set aside unread goes even where memory holds nothing of theirs.
  const gone = [...changed.gone, forgetting, ...theirs.map(({ id }) => id)];
  const unfollowed = { ...nothing, deleted: theirs };
  const next = await withoutDerived({ ...changed, memory: without, gone, unfollowed });
  return { ...next, postsToRetract: changed.postsToRetract };
}

/** The ledger drops what is old by itself. */
function withoutOld(changed: Changed, { beforeMs }: Expired): Changed {
  const { memory } = changed;
  const old = memory.messages.filter(({ saidAtMs }) => saidAtMs < beforeMs);
  const messages = memory.messages.filter(({ saidAtMs }) => saidAtMs >= beforeMs);
  const { summary } = memory;
  const lines = summary?.lines.filter(({ cites }) => cites.every(({ saidAtMs }) => saidAtMs >= beforeMs));
  const isSummaryOld = lines !== undefined && lines.length < (summary?.lines.length ?? 0);
  // A fold that is under way has read what is old from the ledger: it must meet another base.
  const { erasing } = memory;
  const speakers = memory.speakers.filter(({ lastAtMs }) => (lastAtMs ?? beforeMs) >= beforeMs);
  const without: ConversationMemory = {
    ...memory,
    base: memory.base + 1,
    messages,
    speakers,
    ...(erasing === undefined ? {} : { erasing: { ...erasing, closed: withoutLines(erasing.closed) } }),
  };
  if (old.length === 0 && !isSummaryOld) return { ...changed, memory: without };
  const { closed: _, ...rest } = {
    ...without,
    ...(summary === undefined || lines === undefined ? {} : { summary: { ...summary, lines } }),
  };
  return { ...changed, memory: rest, gone: [...changed.gone, ...old.map(({ id }) => id)] };
}

function dropForgotten(changed: Changed, lapsed: Lapsed): Changed {
  const { messages } = changed.memory;
  const memory = withoutLapsed(changed.memory, lapsed);
  if (memory === undefined) return changed;
  const old = messages.filter(({ ordinal }) => ordinal < lapsed.beforeOrdinal);
  return { ...changed, memory, gone: [...changed.gone, ...old.map(({ id }) => id)] };
}

/** The model does not see it. */
function withAnnounced(
  memory: ConversationMemory,
  { message: id, text, posts, sources, atMs: saidAtMs }: Announced,
  countTokens: CountTokens,
): ConversationMemory {
  const notice = { id, role: "notice", text, answers: [], saidAtMs, posts, sources } as const;
  return withReply(memory, notice, countTokens);
}
