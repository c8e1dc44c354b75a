import type { InboxEntry, Inbound, Said } from "../domain/inbound.ts";
import type { AskedBack, Recollection } from "../domain/recollection.ts";
import { commandedBy } from "./command-words.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** How long a "yes" counts. */
const confirmWithinMs = 5 * 60_000;
export const confirmWithinText = "5 minutes";

const longestYes = 60;
const mostLookedAt = 10;

/** How a "yes" begins, in the languages that people are likely to write. */
const agreeing: ReadonlySet<string> = new Set(
  "y yes yep yeah yup yea yah ye sure ok okay k confirm confirmed confirming absolutely definitely certainly affirmative ja jo jep oui si sí sim sì da да так tak evet hai はい 是 是的 好 好的 好吧 네 예 áno ano igen kyllä jah taip jā ναι".split(
    " ",
  ),
);
/** What may follow it, or say the same by itself. */
const phrases: ReadonlySet<string> = new Set(
  "please|pls|plz|thanks|thank you|do it|do that|go ahead|go for it|for good|for everyone|for all|delete|delete it|delete this|delete them|delete everything|erase|erase it|erase this|erase everything|forget this|forget me|forget everything|reset it|reset this|i am sure|i'm sure|im sure|i am|i confirm|bitte|gerne|s'il te plaît|s'il vous plaît|por favor|👍|✅|👌|🙏".split(
    "|",
  ),
);
const alone: ReadonlySet<string> = new Set(
  "do it|go ahead|go for it|delete it|delete this|delete everything|erase it|erase this|erase everything|i am sure|i'm sure|im sure|i confirm|👍|✅|👌".split(
    "|",
  ),
);

/** Whether a text says nothing but yes: "yes", "Yes!", "yes please", "ok, do it". */
export function isYes(text: string): boolean {
  if (text.length > longestYes) return false;
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("’", "'")
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\u{1F3FB}-\u{1F3FF}]/gu, "")
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{So}']+/gu, " ")
    .trim()
    .split(" ");
  if (alone.has(words.join(" "))) return true;
  const [first = "", ...rest] = words;
  return agreeing.has(first) && isPhrases(rest);
}

/** The words are phrases or more of the same, one after the other. */
function isPhrases(words: readonly string[]): boolean {
  let at = 0;
  while (at < words.length) {
    const step = [3, 2, 1].find((length) => {
      const phrase = words.slice(at, at + length);
      return phrase.length === length && isPhrase(phrase.join(" "));
    });
    if (step === undefined) return false;
    at += step;
  }
  return true;
}

function isPhrase(words: string): boolean {
  return phrases.has(words) || agreeing.has(words);
}

/**
 * What waits, with the "yes" to a question of the bot's as the order that it confirms. It counts from the same person in
 * the same conversation, or in a direct message, within five minutes, while that question is the last thing that the bot
 * said to that person. The question lies in memory: any replica understands the answer. @throws {StoreError}
 */
export async function withConfirmed(
  ports: Pick<TurnPorts, "accept" | "directory" | "memory">,
  before: Recollection,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  let { asked } = before;
  const entries: InboxEntry[] = [];
  for (const entry of waiting) {
    const { inbound } = entry;
    const by = personIn(inbound);
    if (inbound.kind !== "said" || !isYes(inbound.message.text) || inbound.missed !== undefined) {
      if (by === asked?.by) asked = undefined;
      entries.push(entry);
      continue;
    }
    const isAnswered = asked !== undefined && by === asked.by && inbound.addressing !== "others";
    if (isAnswered && asked !== undefined && isInTime(asked, entry.acceptedAtMs)) {
      entries.push({ ...entry, inbound: commandedBy(inbound, asked) });
      asked = undefined;
    } else {
      const isHandedOn =
        asked === undefined && (await handOn(ports, { before, entry, said: inbound }, signal));
      entries.push(isHandedOn ? { ...entry, inbound: nothingOf(inbound) } : entry);
    }
  }
  return entries;
}

function personIn(inbound: Inbound): string | undefined {
  if (inbound.kind === "said") return inbound.message.author.id;
  return inbound.kind === "commanded" ? inbound.by.id : undefined;
}

function isInTime({ atMs }: AskedBack, nowMs: number): boolean {
  return nowMs - atMs <= confirmWithinMs;
}

/** The bot may have asked elsewhere, and privately: the "yes" then goes to where the order was given. */
async function handOn(
  { accept, directory, memory }: Pick<TurnPorts, "accept" | "directory" | "memory">,
  { before, entry, said }: { readonly before: Recollection; readonly entry: InboxEntry; readonly said: Said },
  signal: AbortSignal,
): Promise<boolean> {
  if (said.addressing !== "direct" && said.addressing !== "mention") return false;
  const { platform, message } = said;
  const last = Math.max(0, ...before.messages.map(({ saidAtMs }) => saidAtMs));
  const listed = await directory.ofAuthor(platform, message.author.id, mostLookedAt, signal);
  for (const { conversation, place } of listed) {
    if (conversation === said.conversation) continue;
    const { asked } = (await memory.recall(conversation, signal)).recollection ?? {};
    if (asked?.by !== message.author.id || !isInTime(asked, entry.acceptedAtMs) || asked.atMs < last)
      continue;
    const command = commandedBy({ ...said, conversation, place }, asked);
    await accept({ ...command, dedupeId: `${said.dedupeId}:confirmed` }, signal);
    return true;
  }
  return false;
}

/** It has been dealt with, and is no talk. */
function nothingOf({ conversation, dedupeId, platform, place, message }: Said): Inbound {
  return { kind: "deleted", conversation, dedupeId, platform, place, message: message.id };
}
