import { formOf } from "../../../domain/action-form.ts";
import type { Inbound } from "../../../domain/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { formView } from "../wire/form-view.ts";
import { asObject, asText } from "../wire/json-object.ts";
import { targetOf } from "../wire/reply-target.ts";

interface Ports {
  readonly api: SlackApi;
  readonly log: Log;
}

/**
 * Opens the form of a press that is stored, if its action has one. `body`: the press as Slack delivered it; its trigger_id is
 * good for 3 seconds. Never rejects: the press counts without the form.
 * https://docs.slack.dev/reference/methods/views.open
 */
export async function openForm(
  inbound: Inbound,
  body: unknown,
  { api, log }: Ports,
  signal: AbortSignal,
): Promise<void> {
  if (inbound.kind !== "pressed") return;
  const { action, on, replyTo } = inbound;
  const form = formOf(action);
  const { team, channel, threadTs: thread, messageTs: message } = targetOf(replyTo);
  if (form === undefined || thread === undefined) return;
  const origin = { action, on, team, channel, thread, ...(message === undefined ? {} : { message }) };
  const triggerId = asText(asObject(body)["trigger_id"]);
  const call = { trigger_id: triggerId, view: formView(form, origin) };
  try {
    await api.call((client) => client.apiCall("views.open", call), signal);
  } catch (error) {
    log.warn({ err: error }, "a form could not be opened in Slack; the press that asked for it was stored");
  }
}
