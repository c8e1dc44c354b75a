import type { Pressed } from "../../../domain/inbound.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { FormErrors } from "../wire/acknowledgement.ts";
import { isAskView } from "../wire/ask-view.ts";
import { formError, originIn, type FormOrigin } from "../wire/form-view.ts";
import type { ViewSubmissionBody } from "../wire/payload-schemas.ts";
import { AskForms, type AskFormsPorts } from "./ask-forms.ts";
import { askedMessageIn } from "./from-ask.ts";
import { fromForm } from "./from-form.ts";
import { locateInbound } from "./locate-inbound.ts";
import { formUnreadable, notHere, outage } from "./notices.ts";

const nameWaitMs = 1_000;

/** Stores what people send by forms: those of buttons, and questions about a message. */
export class SentForms {
  readonly #ports: AskFormsPorts;
  readonly #asks: AskForms;

  constructor(ports: AskFormsPorts) {
    this.#ports = ports;
    this.#asks = new AskForms(ports);
  }

  /** Whether a body is a shortcut with a form, which opens then. What it asks about is stored when the form is sent. */
  openFor(body: unknown, signal: AbortSignal): boolean {
    const asked = askedMessageIn(body);
    if (asked !== undefined) void this.#asks.open(asked, signal);
    return asked !== undefined;
  }

  /** Never rejects. Slack does not deliver a form again: on failure it stays open, with a line about it. */
  async receive(body: ViewSubmissionBody, signal: AbortSignal): Promise<FormErrors | undefined> {
    if (isAskView(body)) return this.#asks.receive(body, signal);
    const { queue, log, workspaces } = this.#ports;
    try {
      const origin = originIn(body);
      if (origin === undefined) return undefined;
      if (!(await raceAbort(workspaces.knows(origin.team), signal))) return formError(formUnreadable);
      const pressed = await this.#read(body, origin, signal);
      if (pressed === undefined) return undefined;
      return await queue.run(pressed.conversation, () => this.#store(pressed, signal));
    } catch (error) {
      log.error({ err: error }, "a form sent in Slack could not be stored; check the store");
      return formError(outage);
    }
  }

  /** Undefined: it says nothing. */
  async #read(
    body: ViewSubmissionBody,
    origin: FormOrigin,
    signal: AbortSignal,
  ): Promise<Pressed | undefined> {
    const { names, facts } = this.#ports;
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
