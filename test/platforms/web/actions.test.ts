import { describe, expect, test } from "vitest";

import type { Action } from "../../../src/domain/action.ts";
import type { CommandDefinition } from "../../../src/domain/command.ts";
import { actionsContract } from "../../contracts/actions-contract.ts";
import { actionsOn } from "../../support/web/actions-on.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const approve: Action = { id: "stop", label: "Approve", style: "button", emphasis: "primary", on: "t1" };
const shownApprove = { id: "stop", label: "Approve", emphasis: "primary", on: "t1" };

/** Those that the buttons of this file give. */
const commands = ["summary", "recall"].map((name): CommandDefinition => ({
  name,
  description: name,
  options: [],
  scope: "conversation",
}));

/** Resolves when the page has all that was sent to it. */
async function settle(client: WebClient): Promise<void> {
  const before = client.of("welcome").length;
  client.send({ type: "list" });
  await client.until("welcome", before + 1);
}

async function openAsked() {
  const opened = new AsyncDisposableStack();
  const chat = opened.use(await openChat({ commands }));
  const client = opened.use(await connectWeb(chat.url));
  const { user } = await client.until("welcome");
  client.send({ type: "say", id: "1", conversation: "c1", text: "Shall we?" });
  await client.until("accepted");
  return { chat, client, user, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe("buttons under answers in the web chat", () => {
  actionsContract(async () => {
    const { chat, client, user, ...opened } = await openAsked();
    let presses = 0;
    let opensForm: (text: string) => Promise<void> = () => Promise.reject(new Error("no form is open"));
    return {
      platform: chat.web,
      to: chat.replyTo(),
      conversation: `web:${user}:c1`,
      people: [user],
      accepted: chat.accepted,
      buttonsUnder: async () => {
        await settle(client);
        return actionsOn(client).map(({ label, id: action, on, value }) => ({
          label,
          press: async (_person, times = 1) => {
            presses += 1;
            const frame = { type: "press", id: `p${presses}`, conversation: "c1", action, on, value };
            for (let sent = 0; sent < times; sent += 1) client.send(frame);
            await settle(client);
            if (client.of("welcome")[0]?.forms[action] === undefined) return;
            // What the page does: see page/state/reply-presses.js.
            opensForm = async (text) => {
              if (text.trim() !== "") client.send({ ...frame, id: `${frame.id}-form`, value: text });
              await settle(client);
            };
          },
        }));
      },
      sendForm: (_person, text) => opensForm(text),
      toldPrivately: () => [
        ...client.of("notice").map(({ text }) => text),
        ...client.of("error").map(({ message }) => message),
      ],
      breakStore: () => {
        chat.switches.isStoreDown = true;
      },
      ...opened,
    };
  });

  test("arrive with their piece, are shown again after a reload, and disappear with the answer", async () => {
    await using opened = await openAsked();
    const { chat, client } = opened;
    const id = await chat.web.createPost(chat.replyTo(), chat.post("May I"));
    const asking = chat.post("May I?", { actions: [approve] });
    await chat.web.editPost(chat.replyTo(), id, asking);
    await chat.web.editPost(chat.replyTo(), id, asking);
    await settle(client);
    expect(client.of("piece")).toMatchObject([{ text: "May I" }, { text: "?", actions: [shownApprove] }]);
    expect(client.of("piece")[0]).not.toHaveProperty("actions");
    await chat.web.editPost(chat.replyTo(), id, chat.post("May I?", { actions: [] }));
    await settle(client);
    expect(client.of("piece").slice(2)).toMatchObject([{ text: "", actions: [] }]);
    await chat.web.editPost(chat.replyTo(), id, asking);

    await using again = await connectWeb(chat.url, { cookie: client.cookie });
    again.send({ type: "open", conversation: "c1" });
    expect(await again.until("piece")).toMatchObject({ text: "May I?", actions: [shownApprove] });
    chat.web.turnFinished?.(chat.replyTo(), { turn: "t1", text: "Done.", covers: ["1"] });
    await again.until("done");
    const piece = again.of("piece").length;
    again.send({ type: "open", conversation: "c1" });
    await settle(again);
    expect(again.of("piece")).toHaveLength(piece);
  });

  test("are shown by a replica that did not receive them, once a page there asks", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using there = await connectWeb(a.url);
    there.send({ type: "say", id: "1", conversation: "c1", text: "Shall we?" });
    await there.until("accepted");
    await a.web.createPost(a.replyTo(), a.post("May I?", { actions: [approve] }));
    await using here = await connectWeb(b.url, { cookie: there.cookie });
    here.send({ type: "open", conversation: "c1" });
    expect(await here.until("piece")).toMatchObject({ text: "May I?", actions: [shownApprove] });
  });

  test("disappear when the beginning of the answer changes, and another answer has none", async () => {
    await using opened = await openAsked();
    const { chat, client } = opened;
    const id = await chat.web.createPost(chat.replyTo(), chat.post("May I?", { actions: [approve] }));
    await chat.web.editPost(chat.replyTo(), id, chat.post("I may not."));
    await expect.poll(() => client.of("piece").at(-1)?.text).toBe("I may not.");
    expect(actionsOn(client)).toEqual([]);
    await chat.web.editPost(chat.replyTo(), id, chat.post("I may not. Now?", { actions: [approve] }));
    await settle(client);
    expect(actionsOn(client)).toEqual([shownApprove]);
    await chat.web.createPost(chat.replyTo(), chat.post("Something else", { turn: "t2" }));
    await expect.poll(() => client.of("piece").at(-1)).toMatchObject({ turn: "t2" });
    expect(actionsOn(client)).toEqual([]);
  });
});
