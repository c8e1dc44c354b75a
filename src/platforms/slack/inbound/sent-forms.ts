import type { Pressed } from "../../../domain/inbound.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { KeyedQueue } from "../../../async/keyed-queue.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { UserNames } from "../api/user-names.ts";
import type { Workspaces } from "../api/workspaces.ts";
import type { FormErrors } from "../wire/acknowledgement.ts";
import { formError, originIn } from "../wire/form-view.ts";
import type { SlackFacts } from "../wire/keys.ts";
import type { ViewSubmissionBody } from "../wire/payload-schemas.ts";
import { fromForm } from "./from-form.ts";
import { locateInbound } from "./locate-inbound.ts";
import { notHere, outage } from "./notices.ts";

interface SentFormsPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly names: Pick<UserNames, "isStale" | "load">;
  readonly workspaces: Pick<Workspaces, "knows">;
  readonly queue: KeyedQueue;
  readonly log: Log;
  readonly facts: () => SlackFacts;
}

const nameWaitMs = 1_000;

/** Stores what people send by the forms of buttons. */
export class SentForms {
  readonly #ports: SentFormsPorts;

  constructor(ports: SentFormsPorts) {
    this.#ports = ports;
  }

  /** Never rejects. Slack does not deliver a form again: on failure it stays open, with a line about it. */
  async receive(body: ViewSubmissionBody, signal: AbortSignal): Promise<FormErrors | undefined> {
    const { queue, log } = this.#ports;
    try {
      const pressed = await this.#read(body, signal);
      if (pressed === undefined) return undefined;
      return await queue.run(pressed.conversation, () => this.#store(pressed, signal));
    } catch (error) {
      log.error({ err: error }, "a form sent in Slack could not be stored; check the store");
      return formError(outage);
    }
  }

  /** Undefined: it is not ours, names a workspace without this token, or says nothing. */
  async #read(body: ViewSubmissionBody, signal: AbortSignal): Promise<Pressed | undefined> {
    const { names, workspaces, facts } = this.#ports;
    const origin = originIn(body);
    if (origin === undefined || !(await raceAbort(workspaces.knows(origin.team), signal))) return undefined;
    const { id } = body.user;
    if (names.isStale(id)) await names.load([id], nameWaitMs, signal);
    return fromForm(body, origin, facts());
  }

  async #store(pressed: Pressed, signal: AbortSignal): Promise<FormErrors | undefined> {
    const { accept, directory } = this.#ports;
    if ((await locateInbound(directory, pressed, signal)) === undefined) return formError(notHere);
    await accept(pressed, signal);
    return undefined;
  }
}
