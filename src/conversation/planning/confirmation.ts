import type { CommandInbound, InboxEntry, Inbound, Said } from "../../domain/inbound.ts";
import type { PendingConfirmation, ConversationMemory } from "../../domain/conversation-memory.ts";
import { commandFrom } from "../command/parse-command.ts";
import { removeBotNames } from "../command/strip-to-command.ts";
import { authorOf } from "../inbounds/registry.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** How long a "yes" is accepted. */
const confirmWithinMs = 5 * 60_000;
export const confirmWithinText = "5 minutes";

const maxYesChars = 60;
const maxConversationsSearched = 10;
const maxOpen = 10;

/** First words of a "yes", in many languages. */
const agreeing: ReadonlySet<string> = new Set(
  "y yes yep yeah yup yea yah ye sure ok okay ок k confirm confirmed confirming absolutely definitely certainly affirmative ja jo jep oui si sí sim sì da да так tak evet hai はい 是 是的 好 好的 好吧 네 예 áno ano igen kyllä jah taip jā ναι".split(
    " ",
  ),
);
const emoji = "👍 ✅ 👌 ✔ ☑ 🆗 💯".split(" ");
/** Phrases that may follow the first word. */
const phrases: ReadonlySet<string> = new Set([
  ..."please|pls|plz|thanks|thank you|do it|do that|go ahead|go for it|for good|for everyone|for everybody|for all|for all of us|for us all|delete|delete it|delete this|delete them|delete everything|erase|erase it|erase this|erase everything|forget this|forget this conversation|forget me|forget everything|this conversation|this thread|this chat|all of it|everything|reset|reset it|reset this|i am sure|i'm sure|im sure|i am|i do|i confirm|of course|really|bitte|gerne|s'il te plaît|s'il vous plaît|por favor".split(
    "|",
  ),
  ...emoji,
  ..."🙏 🙂 😀 😃 😄 😊 🎉 🚀 💪 🤝".split(" "),
]);
const standalone: ReadonlySet<string> = new Set([
  ..."do it|go ahead|go for it|delete it|delete this|delete everything|erase it|erase this|erase everything|i am sure|i'm sure|im sure|i confirm|of course".split(
    "|",
  ),
  ...emoji,
]);
/** Slack sends an emoji by its name. */
const emojiNames: ReadonlyMap<string, string> = new Map(
  "+1 👍,thumbsup 👍,white_check_mark ✅,heavy_check_mark ✔,ballot_box_with_check ☑,ok_hand 👌,ok 🆗,100 💯,pray 🙏,slightly_smiling_face 🙂,smile 😄,blush 😊,tada 🎉"
    .split(",")
    .map((each): [string, string] => [each.split(" ")[0] ?? "", each.split(" ")[1] ?? ""]),
);

/**
 * Whether a text only says yes: "yes", "Yes!", "yes please", "ok, do it". Quoted or struck text and questions don't count.
 * `botName`: the bot's display name on the platform.
 */
export function isYes(text: string, botName?: string): boolean {
  if (text.length > maxYesChars) return false;
  const plain = removeBotNames(text.normalize("NFKC").trim(), botName);
  if (/^>|[~?]/u.test(plain)) return false;
  const words = plain
    .toLowerCase()
    .replaceAll(/:([a-z0-9_+-]{1,30}):(?::skin-tone-\d:)?/gu, (whole, name: string) => {
      const sign = emojiNames.get(name);
      return sign === undefined ? whole : ` ${sign} `;
    })
    .replaceAll("’", "'")
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\u{1F3FB}-\u{1F3FF}]/gu, "")
    .replaceAll(/[\u2600-\u27BF\u{1F300}-\u{1FAFF}]/gu, " $& ")
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{So}']+/gu, " ")
    .trim()
    .split(" ")
    .map((word) => word.replace(/^'/u, "").replace(/'$/u, ""));
  if (standalone.has(words.join(" ")) || words.every((word) => emoji.includes(word))) return true;
  const [first = "", ...rest] = words;
  return agreeing.has(first) && isPhrases(rest);
}

/** Whether the words are a sequence of known phrases. */
function isPhrases(words: readonly string[]): boolean {
  let at = 0;
  while (at < words.length) {
    const step = [4, 3, 2, 1].find((length) => {
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
 * Replaces each "yes" to a question of the bot by the command that it confirms. It must come from the same person, in the
 * same conversation or a DM, within five minutes, and the question must be the bot's last message to that person. A later
 * "yes" makes the bot ask again. The question is stored in memory, so any replica understands it. @throws {StoreError}
 */
export async function applyConfirmations(
  ports: ConfirmingPorts & Pick<TurnPorts, "platforms">,
  before: ConversationMemory,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const open = new Map((before.asked ?? []).map((each) => [each.by, each]));
  const entries: InboxEntry[] = [];
  for (const entry of waiting) {
    const { inbound } = entry;
    const by = authorOf(inbound)?.id ?? "";
    const asked = open.get(by);
    if (inbound.kind !== "said" || inbound.missed !== undefined || !isYesThere(ports, inbound)) {
      open.delete(by);
      entries.push(entry);
    } else if (asked !== undefined && inbound.addressing !== "others") {
      open.delete(by);
      const order = isInTime(asked, entry.acceptedAtMs) ? asked : withoutYes(asked);
      entries.push(order === undefined ? entry : { ...entry, inbound: commandFrom(inbound, order) });
    } else {
      const isHandedOn =
        asked === undefined && (await confirmElsewhere(ports, { before, entry, said: inbound }, signal));
      entries.push(isHandedOn ? { ...entry, inbound: asDeletion(inbound) } : entry);
    }
  }
  return entries;
}

function isYesThere(
  { platforms }: Pick<TurnPorts, "platforms">,
  { platform, place, message }: Said,
): boolean {
  return isYes(message.text, platforms.get(platform)?.botNameIn?.(place));
}

/** The command without its "yes", so that it asks first. Undefined: it had none. */
function withoutYes({
  name,
  argument,
}: PendingConfirmation): Pick<PendingConfirmation, "name" | "argument"> | undefined {
  const words = argument.split(" ");
  return words.includes("yes")
    ? { name, argument: words.filter((word) => word !== "yes").join(" ") }
    : undefined;
}

/** Adds an open question: at most one per person, ten in total, newest last. */
export function addPending(
  open: readonly PendingConfirmation[],
  asked: PendingConfirmation,
): readonly PendingConfirmation[] {
  return [...open.filter(({ by }) => by !== asked.by), asked].slice(-maxOpen);
}

function isInTime({ atMs }: Pick<PendingConfirmation, "atMs">, nowMs: number): boolean {
  return nowMs - atMs <= confirmWithinMs;
}

type ConfirmingPorts = Pick<
  TurnPorts,
  "accept" | "inbox" | "clock" | "confirmations" | "directory" | "memories"
>;

/** Confirms a question that the bot asked in private elsewhere. Returns whether there was one. */
async function confirmElsewhere(
  ports: ConfirmingPorts,
  {
    before,
    entry,
    said,
  }: { readonly before: ConversationMemory; readonly entry: InboxEntry; readonly said: Said },
  signal: AbortSignal,
): Promise<boolean> {
  if (said.addressing !== "direct" && said.addressing !== "mention") return false;
  const { confirmations, directory, memories } = ports;
  const { platform, message } = said;
  const last = Math.max(0, ...before.messages.map(({ saidAtMs }) => saidAtMs));
  // A "yes" that waited for its turn may be older than the question, and answers another one.
  const isOpen = ({ atMs }: PendingConfirmation): boolean =>
    atMs <= entry.acceptedAtMs && isInTime({ atMs }, entry.acceptedAtMs) && atMs >= last;
  const outside = await confirmations.find(platform, message.author.id, signal);
  if (outside !== undefined && isOpen(outside)) {
    await handOn(ports, said, { ...confirmed(said, outside), isOutside: true }, signal);
    return true;
  }
  const listed = await directory.ofAuthor(platform, message.author.id, maxConversationsSearched, signal);
  for (const { conversation, place } of listed) {
    if (conversation === said.conversation) continue;
    const { memory } = await memories.read(conversation, signal);
    const asked = memory?.asked?.find(({ by }) => by === message.author.id);
    if (asked === undefined || !isOpen(asked)) continue;
    await handOn(ports, said, confirmed({ ...said, conversation, place }, asked), signal);
    return true;
  }
  return false;
}

/**
 * Gives the command, then stores that the "yes" is done: the turn may be planned again, when the question is no longer open.
 * Idempotent.
 */
async function handOn(
  { accept, inbox, clock }: Pick<TurnPorts, "accept" | "inbox" | "clock">,
  said: Said,
  command: CommandInbound,
  signal: AbortSignal,
): Promise<void> {
  await accept(command, signal);
  const done = { ...asDeletion(said), dedupeId: `${said.dedupeId}:handed-on` };
  await inbox.accept(done, clock.nowMs(), signal);
}

/** The command that a "yes" elsewhere confirms. Without the message, so that the person's rights are checked. */
function confirmed(said: Said, asked: PendingConfirmation): CommandInbound {
  const { message: _, ...command } = commandFrom(said, asked);
  return { ...command, dedupeId: `${said.dedupeId}:confirmed` };
}

/** Removes the "yes" from the conversation: it was handled elsewhere. */
function asDeletion({ conversation, dedupeId, platform, place, message }: Said): Inbound {
  return { kind: "deleted", conversation, dedupeId, platform, place, message: message.id };
}
