import { describe, expect, test } from "vitest";

import type { PostFile } from "../../../src/domain/post.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { scopesOfManifest } from "../../support/slack/slack-scopes.ts";

const { signal } = new AbortController();
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 100, until) };
const file: PostFile = { name: "main.py", mediaType: "text/plain; charset=utf-8", content: "print('é')\n" };
const other: PostFile = { ...file, name: "snippet.txt", content: "x\n" };

async function asked({ slack, accepted }: SlackBench, channel = "C1"): Promise<ReplyAddress> {
  await slack.say({ channel, user: "U1", text: "code?", mention: true });
  const said = accepted.inbounds.at(-1);
  if (said?.kind !== "said") throw new Error("Nothing was said");
  return said.replyTo;
}

async function share({ platform }: SlackBench, to: ReplyAddress, ...files: readonly PostFile[]) {
  const reserved = [];
  for (const each of files)
    reserved.push({ id: await platform.sharedFiles.reserve(to, each, signal), file: each });
  await platform.sharedFiles.show(to, reserved, signal);
  return reserved.map(({ id }) => id);
}

/** The names of files that people see in the thread, by message. */
const seen = ({ slack }: SlackBench, to: ReplyAddress): readonly (readonly unknown[])[] =>
  slack
    .posts(to.target["channel"] ?? "", to.target["threadTs"] ?? "")
    .filter(({ files }) => files.length > 0)
    .map(({ files }) => files);

describe("files of a reply", () => {
  test.each(["C1", "D1"])("are shared in its thread, in one message, byte for byte: %s", async (channel) => {
    await using bench = await openSlackBench({ clock: hasty });
    const to = await asked(bench, channel);
    const ids = await share(bench, to, file, other);
    expect(seen(bench, to)).toMatchObject([[{ name: "main.py" }, { name: "snippet.txt" }]]);
    expect(bench.slack.uploads.all).toMatchObject([{ text: "print('é')\n" }, { text: "x\n" }]);
    const { isFor, isShown } = bench.platform.sharedFiles;
    const [first = "", second = ""] = ids;
    expect(isFor(first, file)).toBe(true);
    expect(isFor(first, { ...file, content: "print('e')\n" })).toBe(false);
    expect(await isShown(to, second, signal)).toBe(true);
  });

  test("are removed with the message that shows them, as often as it is said", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const to = await asked(bench);
    const ids = await share(bench, to, file, other);
    for (const id of [...ids, ...ids])
      await bench.platform.sharedFiles.remove({ platform: "slack", target: {} }, id, signal);
    expect(bench.slack.uploads.all).toMatchObject([{ isDeleted: true }, { isDeleted: true }]);
    expect(bench.slack.posts("C1", to.target["threadTs"] ?? "")).toEqual([]);
    expect(await bench.platform.sharedFiles.isShown(to, ids[0] ?? "", signal)).toBe(false);
  });

  test("that were only reserved are not shown, and can be removed", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const to = await asked(bench);
    const id = await bench.platform.sharedFiles.reserve(to, file, signal);
    expect(await bench.platform.sharedFiles.isShown(to, id, signal)).toBe(false);
    await bench.platform.sharedFiles.remove(to, id, signal);
    expect(seen(bench, to)).toEqual([]);
  });
});

test("a file whose bytes are gone is left out, and the others are shared", async () => {
  await using bench = await openSlackBench({ clock: hasty });
  const to = await asked(bench);
  const gone = { ...file, name: "dog.png", content: { hash: "gone", sizeBytes: 3 } };
  const ids = await share(bench, to, gone, file);
  expect(seen(bench, to)).toMatchObject([[{ name: "main.py" }]]);
  const messages = bench.log.lines.map(({ message }) => message);
  expect(messages).toContain("a file of a reply is gone from the file store; it was left out");
  const [left = ""] = ids;
  const { isFor, isShown, remove, reserve, show } = bench.platform.sharedFiles;
  expect([isFor(left, gone), await isShown(to, left, signal)]).toEqual([true, true]);
  for (const id of ids) await remove(to, id, signal);
  expect(seen(bench, to)).toEqual([]);
  const alone = { id: await reserve(to, gone, signal), file: gone };
  await show(to, [alone], signal);
  expect(seen(bench, to)).toEqual([]);
});

describe("files are refused, with a line for the operator,", () => {
  const refused = { name: "PlatformError", refusesFiles: true };

  test("without the scope", async () => {
    const scopes = scopesOfManifest().filter((scope) => scope !== "files:write");
    await using bench = await openSlackBench({ clock: hasty, slack: { scopes } });
    await expect(share(bench, await asked(bench), file)).rejects.toMatchObject(refused);
    expect(bench.log.lines.at(-1)).toMatchObject({ message: expect.stringMatching(/files:write/u) });
  });

  test("if their upload fails again and again, but not if it fails once", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const to = await asked(bench);
    bench.slack.fail("upload", { kind: "status", status: 503 });
    await share(bench, to, file);
    expect(seen(bench, to)).toHaveLength(1);
    bench.slack.fail("upload", { kind: "status", status: 503 }, 3);
    await expect(share(bench, to, file)).rejects.toMatchObject(refused);
  });

  test("if Slack says that it shared them and does not", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const to = await asked(bench);
    bench.slack.uploads.lostShares = 1;
    await expect(share(bench, to, file)).rejects.toMatchObject(refused);
    await share(bench, to, file);
    expect(seen(bench, to)).toHaveLength(1);
  });
});

test("without files:read they are shared all the same", async () => {
  const scopes = scopesOfManifest().filter((scope) => scope !== "files:read");
  await using bench = await openSlackBench({ clock: hasty, slack: { scopes } });
  const to = await asked(bench);
  const [id = ""] = await share(bench, to, file);
  expect(seen(bench, to)).toHaveLength(1);
  await bench.platform.sharedFiles.remove(to, id, signal);
  expect(seen(bench, to)).toEqual([]);
});
