import { formOf } from "../../../domain/action-form.ts";
import type { ActionId, Inbound, Pressed } from "../../../domain/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import { formView } from "../wire/form-view.ts";
import { asObject, asText } from "../wire/json-object.ts";
import { targetOf } from "../wire/reply-target.ts";
import { thanks } from "./notices.ts";

interface Ports {
  readonly api: SlackApi;
  readonly privateReplies: Pick<PrivateReplies, "replyToCommand">;
  readonly log: Log;
}

/** The core tells the person nothing about these, and Slack shows no trace of a press. */
const thankedActions: readonly ActionId[] = ["thumbs-up", "thumbs-down"];
const thanked: ReadonlySet<string> = new Set(thankedActions);

/**
 * Answers a press that is stored: by the form of its action, else by a line of thanks where the core says nothing. `body`:
 * the press as Slack delivered it. Never rejects: the press counts without it.
 */
export async function answerPress(
  inbound: Inbound,
  body: unknown,
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  if (inbound.kind !== "pressed") return;
  const triggerId = asText(asObject(body)["trigger_id"]);
  const isFormOpen = await openForm(inbound, triggerId, ports, signal);
  if (!isFormOpen && thanked.has(inbound.action)) await ports.privateReplies.replyToCommand(inbound, thanks);
}

/** A trigger_id is good for 3 seconds. False: no form opened. https://docs.slack.dev/reference/methods/views.open */
async function openForm(
  { action, on, replyTo }: Pressed,
  triggerId: string,
  { api, log }: Ports,
  signal: AbortSignal,
): Promise<boolean> {
  const form = formOf(action);
  const { team, channel, threadTs: thread, messageTs: message } = targetOf(replyTo);
  if (form === undefined || thread === undefined) return false;
  const origin = { action, on, team, channel, thread, ...(message === undefined ? {} : { message }) };
  const call = { trigger_id: triggerId, view: formView(form, origin) };
  try {
    await api.call((client) => client.apiCall("views.open", call), signal);
    return true;
  } catch (error) {
    log.warn({ err: error }, "a form could not be opened in Slack; the press that asked for it was stored");
    return false;
  }
}
