import { describe, expect, test } from "vitest";

import { completeExcerpt } from "../../../src/domain/excerpt.ts";
import type { HostedFile } from "../../support/slack/slack-hosted-files.ts";
import { openSlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import { scopesOfManifest } from "../../support/slack/slack-scopes.ts";

const within = (): AbortSignal => AbortSignal.timeout(600_000);
const plan = Buffer.from("Grüße\nto all");
const ref = { platform: "slack", installation: "T1", id: "F1" };

async function openWithFile(file: Partial<HostedFile> = {}, options: SlackBenchOptions = {}) {
  const bench = await openSlackBench(options);
  bench.slack.files.set("F1", {
    id: "F1",
    name: "plan.txt",
    mimetype: "text/plain",
    bytes: plan,
    ...file,
  });
  return bench;
}

describe("a file on Slack", () => {
  test("is read with the bot's token, by the reference from its message", async () => {
    await using bench = await openWithFile();
    const { slack, platform, accepted } = bench;
    await slack.say({ channel: "D1", user: "U1", files: [{ id: "F1", name: "plan.txt" }] });
    const [said] = accepted.inbounds;
    const file = said?.kind === "said" ? said.message.attachments[0]?.ref : undefined;
    expect(file).toEqual(ref);
    expect(await platform.readFile(file ?? ref, 1_000, within())).toEqual(new Uint8Array(plan));
  });

  test.each<[string, Partial<HostedFile>, object]>([
    ["was deleted", { isDeleted: true }, { kind: "gone" }],
    ["is larger than asked for", { bytes: Buffer.alloc(1_001) }, { kind: "rejected" }],
    [
      "is larger than Slack says",
      { bytes: Buffer.alloc(1_001), extra: { size: 3 } },
      { kind: "rejected", message: "the file is larger than allowed" },
    ],
    [
      "lies at another service",
      { extra: { url_private_download: "https://drive.example/F1", is_external: true } },
      { kind: "rejected", message: "the file does not lie at Slack" },
    ],
    ["comes as a page", { mimetype: "text/html", extra: { mimetype: "image/png" } }, { kind: "forbidden" }],
  ])("is not read if it %s", async (_, file, error) => {
    await using bench = await openWithFile(file);
    await expect(bench.platform.readFile(ref, 1_000, within())).rejects.toMatchObject(error);
  });

  test.each([
    "https://files.slack.com.evil.example/F1",
    "https://evil-slack.com/F1",
    "https://slack.com/F1",
    "https://files.slack.com@evil.example/F1",
    "https://evil.example/?x=.slack.com",
    "https://evil.example#.slack.com",
    "http://files.slack.com/F1",
    "ftp://files.slack.com/F1",
    "//files.slack.com/F1",
    "/files-pri/T1-F1/plan.txt",
    "",
  ])("is not asked for at an address that is not of Slack's file servers: %s", async (address) => {
    await using bench = await openWithFile({ extra: { url_private_download: address } });
    await expect(bench.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({
      message: "the file does not lie at Slack",
    });
  });

  test.each([301, 302, 303, 307, 308])("is not followed to another address: %s", async (status) => {
    await using bench = await openWithFile();
    bench.slack.fail("download", { kind: "status", status });
    await expect(bench.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({ kind: "forbidden" });
  });

  test("needs the scope files:read, which the manifest has", async () => {
    expect(scopesOfManifest()).toContain("files:read");
    const scopes = scopesOfManifest().filter((scope) => scope !== "files:read");
    await using bench = await openWithFile({}, { slack: { scopes } });
    await expect(bench.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({
      kind: "forbidden",
      message: "Slack refused: missing_scope (it needs files:read)",
    });
  });

  test("that is unknown, or behind a limit or a fault, is refused with its kind", async () => {
    await using bench = await openWithFile();
    const { slack, platform } = bench;
    const read = () => platform.readFile(ref, 1_000, within());
    await expect(platform.readFile({ ...ref, id: "F2" }, 1_000, within())).rejects.toMatchObject({
      kind: "gone",
    });
    slack.fail("download", { kind: "rate-limited", retryAfterSeconds: 7 });
    await expect(read()).rejects.toMatchObject({ kind: "rate-limited", retryAfterMs: 7_000 });
    slack.fail("download", { kind: "status", status: 503 });
    await expect(read()).rejects.toMatchObject({ kind: "unreachable" });
    slack.fail("download", { kind: "reset", when: "before" });
    await expect(read()).rejects.toMatchObject({ kind: "unreachable" });
    expect(await read()).toEqual(new Uint8Array(plan));
  });

  test("is abandoned when the reader stops", async () => {
    await using bench = await openWithFile();
    bench.slack.fail("download", { kind: "hang" });
    const stop = new AbortController();
    const reading = bench.platform.readFile(ref, 1_000, stop.signal);
    await expect.poll(() => bench.slack.faultsLeft("download")).toBe(0);
    stop.abort(new Error("stopped"));
    await expect(reading).rejects.toThrow("stopped");
  });
});

describe("a snippet", () => {
  const code = "x = 1\r\ny = 2\r\nz = 3\r\n";

  test.each([
    ["of which Slack shows only the first lines", { lines_more: 1 }],
    ["that Slack truncates", { preview_is_truncated: true }],
  ])("%s is marked, and completed by its content", async (_title, more) => {
    const extra = { mode: "snippet", ...more };
    await using bench = await openWithFile({ name: "fix.py", bytes: Buffer.from(code), extra });
    const { slack, platform, accepted } = bench;
    const file = { id: "F1", name: "fix.py", preview: "x = 1\r\ny = 2", ...extra };
    await slack.say({ channel: "D1", user: "U1", text: "why?", files: [file] });
    const [said] = accepted.inbounds;
    if (said?.kind !== "said") throw new Error("Nothing was said");
    const { text, attachments } = said.message;
    expect(attachments).toEqual([{ name: "fix.py", ref, isCut: true }]);
    expect(text).toContain("[…]");
    const bytes = await platform.readFile(ref, 1_000, within());
    expect(completeExcerpt(text, new TextDecoder().decode(bytes))).toBe(
      "why?\n[snippet]\n```\nx = 1\ny = 2\nz = 3\n```",
    );
  });

  test("that Slack shows whole is marked as shown, so that it is not read again", async () => {
    await using bench = await openWithFile();
    const file = { id: "F1", name: "fix.py", mode: "snippet", preview: "x = 1", lines_more: 0 };
    await bench.slack.say({ channel: "D1", user: "U1", files: [file] });
    const [said] = bench.accepted.inbounds;
    expect(said?.kind === "said" && said.message.attachments).toEqual([
      { name: "fix.py", ref, isShown: true },
    ]);
  });
});
