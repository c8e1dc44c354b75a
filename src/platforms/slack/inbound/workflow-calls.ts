import type { Inbound, Said } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import { messageBody } from "../wire/payload-schemas.ts";
import { isWorkflow } from "../wire/authorship.ts";

/** An answer may start the same workflow again: this ends every such loop. */
const maxCalls = 10;
const windowMs = 3_600_000;
const maxPlaces = 1_000;
const notAnswered =
  "a workflow mentioned the bot and gets no answer; set SLACK_ANSWER_WORKFLOWS=on to answer workflows";
const tooMany = "a workflow mentions the bot too often; it is answered again within the hour";

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets workflows call the bot if the operator allows it, ten times an hour per workflow and place. */
export class WorkflowCalls {
  readonly #clock: Clock;
  readonly #log: SparseLog;
  /** Workflow and place → its calls: message id → time (ms). */
  readonly #calls = new Map<string, Map<string, number>>();

  constructor(ports: Ports) {
    this.#clock = ports.clock;
    this.#log = new SparseLog(ports);
  }

  /** Removes `mayCall` from an inbound that may not call the bot, and logs unanswered mentions. */
  checkInbound(inbound: Inbound, body: unknown): Inbound {
    if (inbound.kind !== "said") return inbound;
    if (inbound.mayCall !== true && inbound.addressing === "mention" && isOfWorkflow(body))
      this.#log.info("workflow", { place: inbound.place }, notAnswered);
    return this.checkSaid(inbound);
  }

  /** Removes `mayCall` from a message that may not call the bot. */
  checkSaid(said: Said): Said {
    if (said.mayCall !== true) return said;
    const { mayCall: _, ...overheard } = said;
    // Only mentions and DMs are calls, also in a thread of two: otherwise nothing would end a loop.
    if (!isCallOfApp(said)) return overheard;
    const { place, message } = said;
    if (this.#countCall(`${place} ${message.author.id}`, message.id)) return said;
    this.#log.warn("workflow-calls", { place, max: maxCalls }, tooMany);
    return overheard;
  }

  /** Counts a message once: it comes as two events, and may be delivered again. False beyond the limit. */
  #countCall(caller: string, message: string): boolean {
    const nowMs = this.#clock.nowMs();
    const known = this.#calls.get(caller) ?? new Map<string, number>();
    const calls = new Map([...known].filter(([, atMs]) => nowMs - atMs < windowMs));
    const isAllowed = calls.has(message) || calls.size < maxCalls;
    if (isAllowed && !calls.has(message)) calls.set(message, nowMs);
    this.#calls.delete(caller);
    this.#calls.set(caller, calls);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > maxPlaces && oldest !== undefined) this.#calls.delete(oldest);
    return isAllowed;
  }
}

function isCallOfApp({ addressing, message }: Said): boolean {
  return (addressing === "mention" || addressing === "direct") && message.author.isApp === true;
}

function isOfWorkflow(body: unknown): boolean {
  const parsed = messageBody.safeParse(body);
  return parsed.success && isWorkflow(parsed.data.event);
}
