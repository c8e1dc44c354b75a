import { erasedBy } from "../../domain/apply-pending-changes.ts";
import type { DerivedReply } from "../../domain/archive.ts";
import type { Source } from "../../domain/conversation-memory.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Archive } from "../../ports/archive.ts";
import { findRepeating } from "../memory/find-repeating.ts";
import { paginate } from "./paginate.ts";
import type { Unsynced } from "./unsynced.ts";

/** Replies in other conversations that were made from what a sync takes away. */
interface DerivedElsewhere {
  /** Those that the archive has before the sync. */
  readonly known: readonly DerivedReply[];
  /** Call it after the sync: those that were archived during it. @throws {ArchiveError} */
  readonly findLate: () => Promise<readonly DerivedReply[]>;
}

/** A message of a person as it is to be archived. */
interface Edited {
  readonly id: MessageId;
  readonly text: string;
  readonly revision: number;
}

/**
 * Finds the replies in other conversations that repeat the old text of an edited message, or were made from messages of an
 * erased author or an erased conversation. Call it before the sync, while the archive has those. @throws {ArchiveError}
 */
export async function findDerivedElsewhere(
  archive: Archive,
  conversation: ConversationKey,
  news: Unsynced,
  signal: AbortSignal,
): Promise<DerivedElsewhere> {
  const erased = await findErased(archive, conversation, news, signal);
  const edited = editedIn(news);
  const find = async () => ({
    ofErased: await derivedFromPages(archive, conversation, erased, signal),
    ofEdited: await derivedFromPages(archive, conversation, [edited.map(({ id }) => id)], signal),
  });
  const { ofErased, ofEdited } = await find();
  const repeating = await repeatingOldText(archive, conversation, { edited, derived: ofEdited }, signal);
  const judged = new Set([...ofErased, ...ofEdited].map(versionOf));
  const isLate = (each: DerivedReply): boolean => !judged.has(versionOf(each));
  const findLate = async (): Promise<readonly DerivedReply[]> => {
    const now = await find();
    const derived = now.ofEdited.filter(isLate);
    const outdated = await madeFromOldText(archive, conversation, { edited, derived }, signal);
    return [...now.ofErased.filter(isLate), ...outdated];
  };
  return { known: [...ofErased, ...repeating], findLate };
}

/** The archived messages of erased authors or of an erased conversation, page by page. */
async function findErased(
  archive: Archive,
  conversation: ConversationKey,
  { erasures }: Unsynced,
  signal: AbortSignal,
): Promise<readonly (readonly MessageId[])[]> {
  const sweeps = erasures.filter((each) => each.kind !== "message");
  if (sweeps.length === 0) return [];
  const isSwept = erasedBy(sweeps);
  const pages: (readonly MessageId[])[] = [];
  for await (const page of paginate(archive, { conversation }, signal))
    pages.push(page.filter(isSwept).map(({ id }) => id));
  return pages;
}

/** Includes messages that are new: only the archive could tell. */
function editedIn({ messages, edits }: Unsynced): readonly Edited[] {
  const people = messages.filter(({ role }) => role === "person");
  return [...people, ...edits.map(({ message: id, text, revision }) => ({ id, text, revision }))];
}

async function derivedFromPages(
  archive: Archive,
  conversation: ConversationKey,
  pages: readonly (readonly MessageId[])[],
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const derived: DerivedReply[] = [];
  for (const ids of pages)
    if (ids.length > 0) derived.push(...(await archive.derivedFrom(conversation, ids, signal)));
  return derived.filter((each) => each.conversation !== conversation);
}

interface EditedAndDerived {
  readonly edited: readonly Edited[];
  readonly derived: readonly DerivedReply[];
}

async function repeatingOldText(
  archive: Archive,
  conversation: ConversationKey,
  { edited, derived }: EditedAndDerived,
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  if (derived.length === 0) return [];
  const olds = await Promise.all(edited.map(({ id }) => archive.find(conversation, id, signal)));
  const gone = olds.flatMap((old) => (old === undefined ? [] : [{ text: old.text }]));
  const replies = await findAll(archive, derived, signal);
  const answers = derived.map((each, index) => ({ each, text: replies[index]?.text ?? "" }));
  const texts = edited.map(({ text }) => text);
  return (await findRepeating(answers, gone, texts)).map(({ each }) => each);
}

/** The old text is gone by now. What was made from it names its revision. */
async function madeFromOldText(
  archive: Archive,
  conversation: ConversationKey,
  { edited, derived }: EditedAndDerived,
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const revisions = new Map(edited.map(({ id, revision }) => [id, revision]));
  const isOld = ({ conversation: home, message, revision = Infinity }: Source): boolean =>
    home === conversation && revision < (revisions.get(message) ?? 0);
  const replies = await findAll(archive, derived, signal);
  return derived.filter((_, index) => replies[index]?.sources?.some(isOld) === true);
}

function findAll(archive: Archive, replies: readonly DerivedReply[], signal: AbortSignal) {
  return Promise.all(replies.map((each) => archive.find(each.conversation, each.message, signal)));
}

function versionOf({ conversation, message, revision }: DerivedReply): string {
  return JSON.stringify([conversation, message, revision]);
}
