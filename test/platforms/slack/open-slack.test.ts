import { expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { startSlackStandIn } from "../../support/slack/slack-stand-in.ts";

test("a rejected bot token is named, with what to do", async () => {
  const opening = openSlackBench({ settings: { botToken: "xoxb-wrong" } });
  await expect(opening).rejects.toThrow(
    'SLACK_BOT_TOKEN: Slack refuses it (invalid_auth). Copy the bot token (xoxb-…) from your app\'s "OAuth & Permissions" page.',
  );
  await expect(opening).rejects.not.toThrow(/xoxb-wrong/u);
});

test("a rejected app token is named, with what to do", async () => {
  await expect(openSlackBench({ isSocketMode: true, settings: { appToken: "xapp-wrong" } })).rejects.toThrow(
    /^SLACK_APP_TOKEN: Slack refuses it \(invalid_auth\)\. Make an app-level token/u,
  );
});

test("a bot token in place of the app token is rejected too", async () => {
  await expect(
    openSlackBench({ isSocketMode: true, settings: { appToken: "xoxb-stand-in" } }),
  ).rejects.toThrow(/^SLACK_APP_TOKEN: Slack refuses it \(not_allowed_token_type\)/u);
});

test("a start without app token and signing secret names the missing settings", async () => {
  await using slack = await startSlackStandIn();
  const settings = { apiUrl: slack.apiUrl };
  await expect(openSlackBench({ settings: { ...settings, signingSecret: "" } })).rejects.toThrow(
    /SLACK_SIGNING_SECRET/u,
  );
});

test("a short outage of Slack at the start is survived", async () => {
  await using slack = await startSlackStandIn();
  slack.fail("auth.test", { kind: "status", status: 503 });
  slack.fail("auth.test", { kind: "rate-limited", retryAfterSeconds: 0 });
  await using bench = await openSlackBench({ settings: { apiUrl: slack.apiUrl } });
  expect(bench.platform.health().ok).toBe(true);
  expect(slack.calls("auth.test")).toHaveLength(1);
});

test("Slack's library makes no other calls at the start", async () => {
  await using bench = await openSlackBench();
  expect(bench.slack.calls().map((call) => call.method)).toEqual(["auth.test"]);
});
