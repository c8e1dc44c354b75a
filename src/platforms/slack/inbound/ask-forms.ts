import type { KeyedQueue } from "../../../async/keyed-queue.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { UserNames } from "../api/user-names.ts";
import type { Workspaces } from "../api/workspaces.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import type { FormErrors } from "../wire/acknowledgement.ts";
import { askOriginIn, askView, questionMissing, type AskOrigin } from "../wire/ask-view.ts";
import { formError } from "../wire/form-view.ts";
import type { SlackFacts } from "../wire/keys.ts";
import type { AskedMessageBody, ViewSubmissionBody } from "../wire/payload-schemas.ts";
import { toAddress } from "../wire/reply-target.ts";
import { askOriginOf, fromAsk } from "./from-ask.ts";
import { locateInbound } from "./locate-inbound.ts";
import { formNotOpened, formUnreadable, outage } from "./notices.ts";

export interface AskFormsPorts {
  readonly api: SlackApi;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly names: Pick<UserNames, "isStale" | "load">;
  readonly workspaces: Pick<Workspaces, "knows">;
  readonly privateReplies: Pick<PrivateReplies, "tell">;
  readonly queue: KeyedQueue;
  readonly log: Log;
  readonly facts: () => SlackFacts;
}

const nameWaitMs = 1_000;
const shownNameWaitMs = 500;
/** A text may mention thousands of people, and each name costs a call. */
const maxNames = 20;
const tellMs = 2_000;

/** The people whose names the message shows: its author, and those it mentions. */
function namesIn(body: AskedMessageBody, facts: SlackFacts): readonly string[] {
  const seen = new Set<string>();
  const nameOf = (id: string): string | undefined => {
    seen.add(id);
    return facts.nameOf(id);
  };
  askOriginOf(body, { ...facts, nameOf });
  return [...seen].slice(0, maxNames);
}

/** Asks people for their question about a message, and stores it. */
export class AskForms {
  readonly #ports: AskFormsPorts;

  constructor(ports: AskFormsPorts) {
    this.#ports = ports;
  }

  /**
   * Opens the modal. Its trigger_id is good for 3 seconds, so names are waited for shortly. Never rejects: if it does not open, the
   * person is told, and can use the shortcut again. https://docs.slack.dev/reference/methods/views.open
   */
  async open(body: AskedMessageBody, signal: AbortSignal): Promise<void> {
    const { api, log, facts } = this.#ports;
    await this.#loadNames(namesIn(body, facts()), shownNameWaitMs, signal).catch(() => undefined);
    const origin = askOriginOf(body, facts());
    const call = { trigger_id: body.trigger_id ?? "", view: askView(origin) };
    try {
      await api.call((client) => client.apiCall("views.open", call), signal);
    } catch (error) {
      log.warn({ err: error }, "a form for a question could not be opened in Slack; the person was told");
      await this.#tell(origin, body.user.id);
    }
  }

  async #tell({ team, channel, thread, alone, url, at }: AskOrigin, user: string): Promise<void> {
    const { privateReplies, log, facts } = this.#ports;
    const way = url === undefined ? {} : { responseUrl: url };
    const target = { team, channel, threadTs: thread, user, isUnthreaded: alone === true, ...way };
    const to = toAddress(target, { ...facts(), nowMs: at });
    try {
      await privateReplies.tell(to, [formNotOpened], AbortSignal.timeout(tellMs));
    } catch (error) {
      log.warn({ err: error }, "a private reply could not be sent");
    }
  }

  /** Never rejects. Slack does not deliver a form again: on failure it stays open, with a line about it. */
  async receive(body: ViewSubmissionBody, signal: AbortSignal): Promise<FormErrors | undefined> {
    const { workspaces, queue, log } = this.#ports;
    try {
      const origin = askOriginIn(body);
      if (origin === undefined || !(await raceAbort(workspaces.knows(origin.team), signal)))
        return formError(formUnreadable);
      await this.#loadNames([body.user.id, origin.user], nameWaitMs, signal);
      const asked = fromAsk(body, origin, this.#ports.facts());
      if (asked === undefined) return questionMissing();
      await queue.run(asked.conversation, () => this.#store(asked, signal));
      return undefined;
    } catch (error) {
      log.error({ err: error }, "a question about a message could not be stored; check the store");
      return formError(outage);
    }
  }

  async #loadNames(ids: readonly (string | undefined)[], waitMs: number, signal: AbortSignal): Promise<void> {
    const { names } = this.#ports;
    const stale = ids.filter((id) => id !== undefined).filter((id) => names.isStale(id));
    if (stale.length > 0) await names.load(stale, waitMs, signal);
  }

  /** Where the bot is not in the thread, the question is answered from its message alone. */
  async #store(asked: CommandInbound, signal: AbortSignal): Promise<void> {
    const { accept, directory } = this.#ports;
    const isKnown = (await locateInbound(directory, asked, signal)) !== undefined;
    await accept(isKnown ? asked : { ...asked, isOutside: true }, signal);
  }
}
