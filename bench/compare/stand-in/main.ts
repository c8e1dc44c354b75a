// The stand-in's process: Slack, the model and the people. The runner sends it orders.
import { once } from "node:events";
import type { Server } from "node:http";

import { EventDeliveries } from "./deliver-events.ts";
import { ModelApi } from "./model-api.ts";
import type { Order, Report, Talk, Talked } from "./orders.ts";
import { People } from "./people.ts";
import { SlackApi } from "./slack-api.ts";

const deliveries = new EventDeliveries();
const people = new People(deliveries);
const slack = new SlackApi(people);
const model = new ModelApi();

const slackUrl = `${await listen(slack.listen())}/api/`;
const modelUrl = `${await listen(model.listen())}/v1`;
process.on("message", (order: Order) => void obey(order));
process.on("disconnect", () => process.exit(0));
report({ report: "listening", slackUrl, modelUrl });

async function obey(order: Order): Promise<void> {
  if (order.order === "deliver-to") {
    deliveries.to(order.urls);
    report({ report: "delivers" });
    return;
  }
  report({ report: "talked", talked: await play(order) });
}

async function play(talk: Talk): Promise<Talked> {
  model.delayMs = talk.modelDelayMs;
  model.chars = talk.chars ?? 0;
  model.take();
  slack.takeCalls();
  deliveries.redelivered = 0;
  const before = process.cpuUsage();
  const seen = await people.talk(talk);
  const { user, system } = process.cpuUsage(before);
  const { calls, prompts, messages, bytes } = model.take();
  return {
    ...seen,
    messages: talk.messages,
    redelivered: deliveries.redelivered,
    modelCalls: calls,
    promptMessages: messages / Math.max(1, prompts),
    promptBytes: bytes / Math.max(1, prompts),
    slackCalls: slack.takeCalls(),
    cpuSeconds: (user + system) / 1_000_000,
  };
}

async function listen(server: Server): Promise<string> {
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Not listening on a TCP port");
  return `http://127.0.0.1:${address.port}`;
}

function report(of: Report): void {
  process.send?.(of);
}
