import type { Log } from "../../ports/log.ts";
import { summaryPrompt, readLines, messageText } from "./summary-prompt.ts";
import { ModelError, type Model } from "../../ports/model.ts";
import type { BackgroundPorts } from "../records/turn-record.ts";
import type { Archive } from "../../ports/archive.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { retryWithLessRoom } from "../prompt/retry-with-less-room.ts";
import { verifySummary } from "./verify-summary.ts";
import type { Locks } from "../../ports/locks.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import { toSummaryLines, fitLines, repairLines } from "./summary-lines.ts";
import { markTokens, conversationZone, selectTimed } from "../text/time-marks.ts";
import type { UsageCounters } from "../../ports/usage.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Accept } from "../../ports/accept.ts";
import type { MessageToSummarize, SummaryInput } from "./summary-input.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { SummaryLine } from "../../domain/summary.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { takeThatFits } from "../prompt/fit-items.ts";
import type { Budget } from "../../domain/budget.ts";
import type { SpendingLimits } from "../../domain/spending-limits.ts";

/** Attempts of the model before lost facts are added verbatim. */
const maxTries = 2;

/** What summarizing needs from outside. */
export interface SummaryPorts extends BackgroundPorts {
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly archive: Archive;
  readonly model: Model;
  readonly usage: UsageCounters;
  readonly limits: SpendingLimits;
  readonly accept: Accept;
  readonly locks: Locks;
  /** For times in prompts, if no speaker's zone is known. */
  readonly timeZone: TimeZone;
  readonly log: Log;
  readonly budget: Budget;
}

/** Summarizes as many messages per model call as a prompt holds. Each part continues from the lines of the previous one. */
export async function summarizeInParts(
  ports: SummaryPorts,
  { conversation, platform, place, summary, speakers: known }: ConversationMemory,
  messagesToSummarize: readonly MessageToSummarize[],
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  const timeZone = conversationZone({ speakers: known }, ports.timeZone);
  let lines: readonly SummaryLine[] = summary?.lines ?? [];
  let rest = messagesToSummarize;
  while (rest.length > 0) {
    const done = await retryWithLessRoom(ports.budget, async (room) => {
      const summaryTokens = Math.min(ports.budget.summaryTokens, Math.floor(room * 0.4));
      const previous = fitLines(lines, summaryTokens, 0).lines;
      const speakers = known.map(({ label }) => label);
      const payer = { conversation, platform, place };
      const input = { payer, previous, speakers, messagesToSummarize: [], timeZone };
      const left = await roomBeside(ports, input, room);
      const taken = await takeThatFits(rest, left, messageTokensWith(ports.model, rest));
      const written = await summarizeOnce(ports, { ...input, messagesToSummarize: taken.part }, signal);
      // Older lines that did not fit into the prompt are kept unchanged before the new ones.
      return { lines: [...lines.slice(0, lines.length - previous.length), ...written], rest: taken.rest };
    });
    ({ lines, rest } = done);
  }
  return lines;
}

/** Tokens left for messages beside the previous lines. A quarter is reserved for the list of faults on a second attempt. */
async function roomBeside(
  { model, budget }: SummaryPorts,
  input: SummaryInput,
  room: number,
): Promise<number> {
  const { instructions, messages } = await summaryPrompt(input, budget.summaryTokens, []);
  const taken = [instructions, ...messages.map(({ content }) => content)].map(model.countTokens);
  const left = taken.reduce((sum, tokens) => sum - tokens, room);
  return Math.floor(Math.max(left, room / 4) * 0.75);
}

async function summarizeOnce(
  ports: SummaryPorts,
  input: SummaryInput,
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  const { log, budget, model } = ports;
  let faults: readonly string[] = [];
  for (let tries = 1; ; tries += 1) {
    const prompt = await summaryPrompt(input, budget.summaryTokens, faults);
    const answer = await askForLines(ports, prompt, signal);
    const written = readLines(answer, input);
    const checked = await verifySummary(written, input, model.countTokens);
    if (checked.forModel.length === 0) return toSummaryLines(written, input, model.countTokens);
    log.warn(
      { faults: checked.forLog, tries },
      "summary failed verification; asking again, or adding the lost facts verbatim after the last attempt",
    );
    if (tries === maxTries) return repairLines(written, input, model.countTokens);
    faults = checked.forModel;
  }
}

function messageTokensWith(
  { countTokens }: Model,
  messages: readonly MessageToSummarize[],
): (message: MessageToSummarize) => number {
  const timed = new Set(Array.from(selectTimed(messages), ({ ordinal }) => ordinal));
  return (message) => countTokens(messageText(message)) + 1 + (timed.has(message.ordinal) ? markTokens : 0);
}

/** Asks for the lines. An empty or refused answer counts as an empty summary, which then fails verification. */
async function askForLines(ports: SummaryPorts, prompt: Prompt, signal: AbortSignal): Promise<string> {
  try {
    return (await askWithinLimits(ports, prompt, signal)).text;
  } catch (error) {
    if (error instanceof ModelError && (error.kind === "empty" || error.kind === "refused")) return "";
    throw error;
  }
}
