import { z } from "zod";

import { asObject } from "./json-object.ts";

/** The hash says which version of the view it is. https://docs.slack.dev/reference/methods/views.publish */
const hash = z.string().nullish();

/**
 * A person has opened the app's home. `channel` is their DM with the bot; the view is missing until one is published.
 * https://docs.slack.dev/reference/events/app_home_opened
 */
const homeOpenedBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: z.object({
    tab: z.string().nullish(),
    user: z.string().min(1),
    channel: z.string().nullish(),
    view: z.object({ hash }).nullish().catch(undefined),
  }),
});

/**
 * A press in the Home tab. It has neither a channel nor a response_url.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
const homePressBody = z.object({
  user: z.object({
    id: z.string().min(1),
    name: z.string().nullish(),
    username: z.string().nullish(),
    team_id: z.string().nullish(),
  }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string().nullish(),
  view: z.object({ hash, private_metadata: z.string().nullish() }),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        action_ts: z.string().nullish(),
        /** Only of menus. */
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});

export type HomeOpened = z.output<typeof homeOpenedBody>;
export type HomePress = z.output<typeof homePressBody>;

/** Undefined for every other body. */
export function homeOpenedOf(body: unknown): HomeOpened | undefined {
  // Most bodies are other events, and a schema that refuses costs more than one that accepts.
  if (asObject(asObject(body)["event"])["type"] !== "app_home_opened") return undefined;
  return homeOpenedBody.safeParse(body).data;
}

/** Undefined for every other body. */
export function homePressOf(body: unknown): HomePress | undefined {
  const { type, view } = asObject(body);
  if (type !== "block_actions" || asObject(view)["type"] !== "home") return undefined;
  return homePressBody.safeParse(body).data;
}
