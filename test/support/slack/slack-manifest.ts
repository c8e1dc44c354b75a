import { readFileSync } from "node:fs";

import { z } from "zod";

const https = z.url({ protocol: /^https$/u }).optional();
const text = (max: number) => z.string().min(1).max(max);

/**
 * An app manifest with the fields that we use, and Slack's limits. A field that is not here may be a misspelt one.
 * https://docs.slack.dev/reference/app-manifest
 */
const manifestSchema = z.strictObject({
  display_information: z.strictObject({
    name: text(35),
    description: text(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/u),
  }),
  features: z.strictObject({
    agent_view: z.strictObject({
      agent_description: text(300),
      suggested_prompts: z.array(z.strictObject({ title: text(100), message: text(1_000) })).max(4),
    }),
    bot_user: z.strictObject({
      display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/u),
      always_online: z.boolean(),
    }),
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.literal(true),
      messages_tab_read_only_enabled: z.literal(false),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/[a-z-]{1,31}$/u),
          url: https,
          description: text(2_000),
          usage_hint: text(1_000).optional(),
          should_escape: z.literal(false),
        }),
      )
      .max(50),
    shortcuts: z
      .array(
        z.strictObject({
          type: z.enum(["message", "global"]),
          name: text(24),
          callback_id: text(255),
          description: text(150),
        }),
      )
      .max(10),
  }),
  oauth_config: z.strictObject({
    scopes: z.strictObject({
      bot: z.array(z.string()).max(255),
      /** People may refuse these when they install the app. */
      bot_optional: z.array(z.string()).max(255).optional(),
    }),
  }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: https, bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true), request_url: https }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
});

/** @throws where Slack would refuse it. */
export function readManifest(name: "slack-manifest.json" | "slack-http-manifest.json") {
  return manifestSchema.parse(
    JSON.parse(readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8")),
  );
}
