import type { Inbound } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import { isWorkflow } from "../wire/authorship.ts";
import { asObject } from "../wire/json-object.ts";

const notAnswered =
  "a workflow mentioned the bot and gets no answer; set SLACK_ANSWER_WORKFLOWS=on to answer workflows";

/** Tells the operator about workflows that mention the bot while they may not call it. */
export class UnansweredWorkflows {
  readonly #log: SparseLog;

  constructor(ports: { readonly clock: Clock; readonly log: Log }) {
    this.#log = new SparseLog(ports);
  }

  check(inbound: Inbound, body: unknown): void {
    if (inbound.kind !== "said" || inbound.addressing !== "mention" || inbound.mayCall === true) return;
    if (isWorkflow(asObject(asObject(body)["event"])))
      this.#log.info("workflow", { place: inbound.place }, notAnswered);
  }
}
