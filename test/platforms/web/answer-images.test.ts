import { expect, test } from "vitest";

import { withImages } from "../../../src/conversation/text/made-images.ts";
import { imageLinkName } from "../../../src/domain/made-image.ts";
import type { PostFile } from "../../../src/domain/post.ts";
import { InMemoryFiles } from "../../support/core/in-memory-files.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const { signal } = new AbortController();

test("the images of an answer are in its end and in the history, and only their person can open them", async () => {
  const files = new InMemoryFiles();
  await using chat = await openChat({ files });
  await using page = await connectWeb(chat.url);
  const { user } = await page.until("welcome");
  page.send({ type: "say", id: "1", conversation: "c1", text: "a cat, please" });
  await page.until("accepted");
  const stored = await files.put(Buffer.from("pixels"), signal);
  const of = { conversation: `web:${user}:c1`, message: "t1" } as const;
  const link = { ...of, name: imageLinkName(stored.hash), author: user, saidAtMs: Date.now() };
  await files.link(link, stored.hash, signal);
  const facts = { mediaType: "image/png", width: 640, height: 480 } as const;
  const image: PostFile = {
    name: "cat & dog.png",
    mediaType: "image/png",
    description: "A cat",
    image: facts,
    content: stored,
  };
  const to = chat.replyTo();
  const post = await chat.web.createPost(
    to,
    chat.post("Here", { turn: "t1", state: "done", files: [image] }),
  );
  chat.web.turnFinished(to, { turn: "t1", text: "Here", covers: ["1"], images: [image] });
  const { files: [shown, ...more] = [] } = await page.until("done");
  expect(more).toEqual([]);
  expect(shown).toMatchObject({ name: image.name, bytes: 6, description: "A cat", width: 640, height: 480 });

  const reply = remembered(2, "t1", "", { ...withImages("Here", [image]), posts: [post] });
  chat.memories.set(of.conversation, webMemory(user, [remembered(1, "1", "a cat, please"), reply]));
  chat.inbox.length = 0;
  await using later = await connectWeb(chat.url, { cookie: page.cookie });
  later.send({ type: "open", conversation: "c1" });
  const { messages } = await later.until("history");
  expect(messages.at(-1)).toMatchObject({ text: "Here", files: [shown] });

  const url = `${chat.url}/${shown?.url}`;
  const opened = await fetch(url, { headers: { cookie: page.cookie } });
  expect(opened.headers.get("content-type")).toBe("image/png");
  expect(opened.headers.get("content-disposition")).toMatch(/^inline/u);
  expect(await opened.text()).toBe("pixels");
  await using other = await connectWeb(chat.url);
  expect((await fetch(url, { headers: { cookie: other.cookie } })).status).toBe(404);
  await files.unlink({ ...of, name: link.name }, signal);
  expect((await fetch(url, { headers: { cookie: page.cookie } })).status).toBe(404);
});
