import { expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { HandClock } from "../../support/core/hand-clock.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb } from "../../support/web/web-client.ts";

const token = "a-token-of-the-team";

async function openCounted() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const clock = new HandClock();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const { usage } = opened.use(
    await openSqliteStores(folder.path, { ids, inbounds, log: new RecordingLog(), listeners }),
  );
  const chat = opened.use(
    await openChat({ token, trustedProxy: ["127.0.0.1"], usage, clock, addressTurns: 3 }),
  );
  return { chat, clock, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const headersFrom = (address: string) => ({
  authorization: `Bearer ${token}`,
  "x-forwarded-for": address,
});

test("an address has a daily limit of questions, which new cookies don't evade", async () => {
  await using counted = await openCounted();
  const { chat, clock } = counted;
  const users = new Set<string>();
  const ask = async (id: string, address: string) => {
    await using client = await connectWeb(chat.url, headersFrom(address));
    users.add((await client.until("welcome")).user);
    client.send({ type: "say", id, conversation: "c1", text: "hello" });
    await expect.poll(() => client.of("accepted").length + client.of("error").length).toBe(1);
    return client.of("error")[0];
  };
  for (const [index, host] of ["::1", "::2", "::3"].entries())
    expect(await ask(`a${index}`, `2001:db8:0:7${host}`)).toBeUndefined();
  const refused = await ask("b", "2001:db8:0:7::9");
  expect(refused).toMatchObject({ code: "limit-reached", id: "b" });
  expect(refused?.message).toContain("try again tomorrow");
  expect(users.size).toBe(4);
  expect(chat.accepted).toHaveLength(3);
  expect(await ask("c", "203.0.113.8")).toBeUndefined();
  clock.pass(86_400_000);
  expect(await ask("d", "2001:db8:0:7::9")).toBeUndefined();
});

test("a repeated message counts once, and edits and commands count too", async () => {
  await using counted = await openCounted();
  await using client = await connectWeb(counted.chat.url, headersFrom("203.0.113.9"));
  const say = { type: "say", id: "1", conversation: "c1", text: "hello" };
  for (const frame of [say, say, say, { ...say, type: "edit", id: "2", message: "1" }]) client.send(frame);
  client.send({ type: "command", id: "3", conversation: "c1", name: "reset" });
  await client.until("accepted", 5);
  client.send({ type: "delete", id: "4", conversation: "c1", message: "1" });
  client.send({ type: "stop", conversation: "c1" });
  client.send({ ...say, id: "5" });
  expect(await client.until("error")).toMatchObject({ code: "limit-reached", id: "5" });
  expect(client.of("accepted").map(({ id }) => id)).toEqual(["1", "1", "1", "2", "3", "4"]);
});

test("a press that gives a command counts, and an answer to a request does not", async () => {
  await using counted = await openCounted();
  await using client = await connectWeb(counted.chat.url, headersFrom("203.0.113.9"));
  const press = { type: "press", conversation: "c1", action: "give-command" };
  for (const id of ["1", "2", "3", "4"]) client.send({ ...press, id, value: "reset" });
  expect(await client.until("error")).toMatchObject({ code: "limit-reached", id: "4" });
  client.send({ ...press, id: "5", action: "approve", on: "r1" });
  client.send({ ...press, id: "6", action: "decline", on: "r1" });
  await client.until("accepted", 5);
  expect(client.of("accepted").map(({ id }) => id)).toEqual(["1", "2", "3", "5", "6"]);
});

test("an answer that is given again or continued counts, and a verdict does not", async () => {
  await using counted = await openCounted();
  await using client = await connectWeb(counted.chat.url, headersFrom("203.0.113.9"));
  const press = { type: "press", conversation: "c1", on: "turn-1" };
  const actions = ["regenerate", "thumbs-up", "continue", "thumbs-down", "regenerate", "regenerate"];
  for (const [id, action] of actions.entries()) client.send({ ...press, id: String(id), action });
  expect(await client.until("error")).toMatchObject({ code: "limit-reached", id: "5" });
  expect(client.of("accepted")).toHaveLength(5);
});

test("requests from this machine are not counted by address", async () => {
  await using counted = await openCounted();
  await using client = await connectWeb(counted.chat.url, { authorization: `Bearer ${token}` });
  for (let count = 1; count <= 5; count += 1)
    client.send({ type: "say", id: String(count), conversation: "c1", text: "hello" });
  expect((await client.until("accepted", 5)).id).toBe("5");
});
