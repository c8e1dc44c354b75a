import type { Inbound, Said } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import { messageBody } from "../wire/payload-schemas.ts";
import { isWorkflow } from "../wire/written.ts";

/** An answer may start the workflow that is answered: this ends every such circle. */
const mostCalls = 10;
const withinMs = 3_600_000;
const mostPlaces = 1_000;
const notAnswered =
  "a workflow mentioned the bot and is not answered; SLACK_ANSWER_WORKFLOWS=on has workflows answered";
const tooMany = "a workflow calls too often: it is answered again within the hour";

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets workflows call the bot where the operator allows it, so often an hour in each place. */
export class WorkflowCalls {
  readonly #clock: Clock;
  readonly #log: SparseLog;
  /** When which messages called, by workflow and place. */
  readonly #calls = new Map<string, Map<string, number>>();

  constructor(ports: Ports) {
    this.#clock = ports.clock;
    this.#log = new SparseLog(ports);
  }

  /** What came, without its right to call where it has none; the operator is told what is not answered. */
  judge(inbound: Inbound, body: unknown): Inbound {
    if (inbound.kind !== "said") return inbound;
    if (inbound.mayCall !== true && inbound.addressing === "mention" && isOfWorkflow(body))
      this.#log.info("workflow", { place: inbound.place }, notAnswered);
    return this.judgeSaid(inbound);
  }

  judgeSaid(said: Said): Said {
    if (said.mayCall !== true) return said;
    const { mayCall: _, ...overheard } = said;
    // What does not turn to the bot is no call, not even where it talks with one person: nothing would end that circle.
    if (!isCallOfApp(said)) return overheard;
    const { place, message } = said;
    if (this.#takes(`${place} ${message.author.id}`, message.id)) return said;
    this.#log.warn("workflow-calls", { place, most: mostCalls }, tooMany);
    return overheard;
  }

  /** One message comes as two events, and perhaps again. */
  #takes(caller: string, message: string): boolean {
    const nowMs = this.#clock.nowMs();
    const known = this.#calls.get(caller) ?? new Map<string, number>();
    const calls = new Map([...known].filter(([, atMs]) => nowMs - atMs < withinMs));
    const isTaken = calls.has(message) || calls.size < mostCalls;
    if (isTaken && !calls.has(message)) calls.set(message, nowMs);
    this.#calls.delete(caller);
    this.#calls.set(caller, calls);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > mostPlaces && oldest !== undefined) this.#calls.delete(oldest);
    return isTaken;
  }
}

function isCallOfApp({ addressing, message }: Said): boolean {
  return (addressing === "mention" || addressing === "direct") && message.author.isApp === true;
}

function isOfWorkflow(body: unknown): boolean {
  const parsed = messageBody.safeParse(body);
  return parsed.success && isWorkflow(parsed.data.event);
}
