import type { Change, Edited, Expired, Folded, Forgot, Retracted } from "../domain/inbound.ts";
import type { MessageId } from "../domain/message.ts";
import type { Erasure, Recollection, RememberedMessage } from "../domain/recollection.ts";
import { isSaidBy } from "../domain/said-by.ts";
import type { PostId } from "../domain/turn.ts";
import { restsOn } from "./rests-on.ts";
import { reworded, type CountTokens } from "./recollect.ts";
import { countLeftOut } from "./window.ts";
import { staleSummary } from "./stale-summary.ts";

/** A memory in which something has gone or changed, and what that means elsewhere. */
export interface Changed {
  readonly recollection: Recollection;
  /** Messages of people and replies of ours that are no more. */
  readonly gone: readonly MessageId[];
  /** Posts of ours that people still see, and that rest on what is no more. */
  readonly takeBack: readonly PostId[];
}

/** Follows edits, deletions and what the bot has told itself. Twice the same changes nothing. */
export function withChanges(
  recollection: Recollection,
  changes: readonly Change[],
  countTokens: CountTokens,
): Changed {
  let changed: Changed = { recollection, gone: [], takeBack: [] };
  for (const change of changes) changed = withChange(changed, change, countTokens);
  return changed;
}

function withChange(changed: Changed, change: Change, countTokens: CountTokens): Changed {
  switch (change.kind) {
    case "edited":
      return withEdit(changed, change, countTokens);
    case "deleted":
      return withoutMessage(changed, change.message, [], true);
    case "retracted":
      return withoutMessage(changed, change.message, retractedPosts(changed, change), false);
    case "forgot":
      return withoutAuthor(changed, change);
    case "expired":
      return withoutOld(changed, change);
    case "filed":
      // The write that follows leaves out what the ledger has.
      return changed;
    case "folded":
      return { ...changed, recollection: withFold(changed.recollection, change) };
  }
}

function withEdit(changed: Changed, { message: id, text }: Edited, countTokens: CountTokens): Changed {
  const { recollection } = changed;
  const known = recollection.messages.find((message) => message.id === id);
  if (known === undefined) {
    const edit = { revision: recollection.revision, message: id, text };
    // What was never remembered has nothing to be changed in: the ledger will not find it either.
    if (recollection.nextOrdinal === 1) return changed;
    const edits = [...recollection.edits.filter((each) => each.message !== id), edit];
    return { ...changed, recollection: staleSummary({ ...recollection, edits }, "covered") };
  }
  if (known.role !== "person" || known.text === text) return changed;
  const messages = recollection.messages.map((message) =>
    message.id === id ? reworded(message, text, recollection, countTokens) : message,
  );
  const edited = staleSummary({ ...recollection, messages }, known.ordinal);
  return withoutDerived({ ...changed, recollection: edited }, [known], text);
}

function withoutMessage(
  changed: Changed,
  id: MessageId,
  posts: readonly PostId[],
  isShown: boolean,
): Changed {
  const { recollection } = changed;
  if (recollection.nextOrdinal === 1) return { ...changed, gone: [...changed.gone, id] };
  const known = recollection.messages.find((message) => message.id === id);
  const erasure: Erasure = { revision: recollection.revision, kind: "message", message: id };
  const without = staleSummary(
    {
      ...recollection,
      messages: recollection.messages.filter((message) => message.id !== id),
      erasures: [...recollection.erasures.filter((each) => !isOf(each, id)), erasure],
      edits: recollection.edits.filter(({ message }) => message !== id),
    },
    known?.ordinal ?? "covered",
  );
  const next: Changed = {
    recollection: without,
    gone: [...changed.gone, id],
    takeBack: [...changed.takeBack, ...posts],
  };
  return known === undefined || !isShown ? next : withoutDerived(next, [known], "");
}

function isOf(erasure: Erasure, id: MessageId): boolean {
  return erasure.kind === "message" && erasure.message === id;
}

/** Where the reply is still remembered, memory knows its posts best. */
function retractedPosts(
  { recollection }: Changed,
  { message, posts, staysShown }: Retracted,
): readonly PostId[] {
  if (staysShown === true) return [];
  return recollection.messages.find(({ id }) => id === message)?.posts ?? posts;
}

/** What people still see of replies to the person stays where it is, as the person's own messages do. */
function withoutAuthor(changed: Changed, forgot: Forgot): Changed {
  const { recollection } = changed;
  const { forgetting, author } = forgot;
  const isTheirs = (message: RememberedMessage): boolean => isSaidBy(forgot, message);
  const theirs = recollection.messages.filter(isTheirs);
  const { revision, nextOrdinal } = recollection;
  const erasures: readonly Erasure[] = [
    ...recollection.erasures,
    { revision, kind: "author", author, beforeOrdinal: nextOrdinal },
    ...theirs.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
  ];
  const without = staleSummary(
    {
      ...recollection,
      messages: recollection.messages.filter((message) => !isTheirs(message)),
      speakers: recollection.speakers.filter((speaker) => speaker.id !== author),
      erasures,
    },
    "covered",
  );
  // Named too: what was set aside unread goes even where memory holds nothing of theirs.
  const gone = [...changed.gone, forgetting, ...theirs.map(({ id }) => id)];
  const next = withoutDerived({ ...changed, recollection: without, gone }, theirs, "");
  return { ...next, takeBack: changed.takeBack };
}

/** The ledger drops what is old by itself. */
function withoutOld(changed: Changed, { beforeMs }: Expired): Changed {
  const { recollection } = changed;
  const old = recollection.messages.filter(({ saidAtMs }) => saidAtMs < beforeMs);
  const messages = recollection.messages.filter(({ saidAtMs }) => saidAtMs >= beforeMs);
  const { summary } = recollection;
  const lines = summary?.lines.filter(({ cites }) => cites.every(({ saidAtMs }) => saidAtMs >= beforeMs));
  const isSummaryOld = lines !== undefined && lines.length < (summary?.lines.length ?? 0);
  // A fold that is under way has read what is old from the ledger: it must meet another base.
  const without: Recollection = { ...recollection, base: recollection.base + 1, messages };
  if (old.length === 0 && !isSummaryOld) return { ...changed, recollection: without };
  const { closed: _, ...rest } = {
    ...without,
    ...(summary === undefined || lines === undefined ? {} : { summary: { ...summary, lines } }),
  };
  return { ...changed, recollection: rest, gone: [...changed.gone, ...old.map(({ id }) => id)] };
}

/** A fold of something that has changed since is dropped; the next one reads anew. */
function withFold(recollection: Recollection, { base, summary }: Folded): Recollection {
  if (base !== recollection.base) return recollection;
  const windowFrom = Math.max(recollection.windowFrom, summary.upTo);
  const folded = { ...recollection, base: base + 1, summary, windowFrom };
  return { ...folded, leftOut: countLeftOut(folded) };
}

/** Our replies to what is gone, or that repeat it, go with it: a reply quotes what it answers. */
function withoutDerived(changed: Changed, gone: readonly RememberedMessage[], keeps: string): Changed {
  const { recollection } = changed;
  const derived = recollection.messages.filter(
    (message) => message.role !== "person" && restsOn(message, gone, recollection, keeps),
  );
  if (derived.length === 0) return changed;
  const ids = new Set(derived.map(({ id }) => id));
  const { revision } = recollection;
  const removed: Recollection = {
    ...recollection,
    messages: recollection.messages.filter(({ id }) => !ids.has(id)),
    erasures: [
      ...recollection.erasures,
      ...derived.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
    ],
  };
  const without = staleSummary(removed, Math.min(...derived.map(({ ordinal }) => ordinal)));
  return {
    recollection: without,
    gone: [...changed.gone, ...ids],
    takeBack: [...changed.takeBack, ...derived.flatMap(({ posts = [] }) => posts)],
  };
}
