import { expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";

const signal = new AbortController().signal;

/** The app is installed for the organisation E1 with the workspaces T1 and T2. */
async function openOrganisation(listsTeams: boolean) {
  const bench = await openSlackBench({ slack: { organisation: "E1", listsTeams } });
  const { slack } = bench;
  slack.addPerson("UADA", "Ada");
  slack.addPerson("UEVE", "Eve", { team: "T2" });
  slack.addPerson("UBOTH", "Bo", { team: "T2", alsoIn: ["T1"], isAdmin: true });
  slack.addPerson("UGUEST", "Gus", { isGuest: true });
  slack.addChannel("CHERE", { members: ["UBOT", "UADA", "UBOTH"] });
  slack.addChannel("CTHERE", { members: ["UBOT", "UADA"] });
  slack.addChannel("CMIXED", { members: ["UBOT", "UADA", "UEVE"] });
  slack.addChannel("CPRIVATE", { members: ["UBOT", "UADA"], isPrivate: true });
  slack.addChannel("CWIDE", { members: ["UBOT", "UADA"], isOrgShared: true });
  return bench;
}

const places = ["T1:CTHERE", "T1:CPRIVATE", "T1:CWIDE", "T2:CTHERE", "E1:CTHERE", "T9:CTHERE"];

test.each([
  ["as Slack lists its workspaces", true],
  ["as its workspaces turn up", false],
])("an app installed for an organisation keeps its workspaces apart, %s", async (_, listsTeams) => {
  await using bench = await openOrganisation(listsTeams);
  const { slack, platform, accepted } = bench;
  const ts = await slack.say({ channel: "CHERE", user: "UADA", text: "hello", mention: true });
  const [said] = accepted.inbounds;
  if (said?.kind !== "said") throw new Error("Nothing was said");
  const root = new URL("/archives/", slack.apiUrl).href;
  expect(said).toMatchObject({ conversation: `slack:T1:CHERE:${ts}`, place: "T1:CHERE" });
  expect(said.message).toMatchObject({
    author: { id: "T1:UADA", name: "Ada" },
    permalink: `${root}CHERE/p${ts.replace(".", "")}`,
  });
  expect(platform.permalinkOf(said.conversation, `CHERE/${ts}`)).toContain("/archives/CHERE/p");
  expect(platform.permalinkOf(`slack:T9:CHERE:${ts}`, `CHERE/${ts}`)).toBeUndefined();

  const readable = async (place: string, person?: string) =>
    (await platform.readable({ place, ...(person === undefined ? {} : { person }) }, places, signal)).places;
  expect(await readable("T1:CHERE")).toEqual(["T1:CTHERE"]);
  expect(await readable("T1:CHERE", "T1:UADA")).toEqual(["T1:CTHERE", "T1:CPRIVATE"]);
  expect(await readable("T1:CHERE", "T1:UBOTH")).toEqual(["T1:CTHERE"]);
  // Channels of another workspace, or with a member of another one.
  expect(await readable("T1:CHERE", "T1:UEVE")).toEqual([]);
  expect(await readable("T1:CMIXED")).toEqual([]);
  expect(await readable("T9:CHERE")).toEqual([]);
  const lists = slack.calls("users.conversations");
  expect(new Set(lists.map(({ args, error }) => [args["team_id"], error].join()))).toEqual(new Set(["T1,"]));
});

test("rights are those of the person in the workspace", async () => {
  await using bench = await openOrganisation(true);
  const { platform } = bench;
  const where = {
    conversation: "slack:T1:CTHERE:1.2",
    place: "T1:CTHERE",
    hasWritten: false,
    isSpeaker: false,
  } as const;
  const may = async (user: string, right: "read" | "write" | "moderate") =>
    platform.hasRight(`T1:${user}`, right, where, signal);
  expect(await may("UADA", "write")).toBe(true);
  expect(await may("UBOTH", "read")).toBe(true);
  expect(await may("UEVE", "read")).toBe(false);
  expect(await may("UGUEST", "read")).toBe(false);
  const here = { ...where, place: "T1:CHERE" } as const;
  // An admin of T2, and a member of T1.
  expect(await platform.hasRight("T1:UBOTH", "moderate", here, signal)).toBe(false);
});

test("many people are looked up in the workspace's list", async () => {
  await using bench = await openOrganisation(true);
  const { slack, platform } = bench;
  const many = Array.from({ length: 30 }, (_, n) => `UMANY${n}`);
  slack.addChannel("CMANY", { members: ["UBOT", ...many] });
  const { places: found } = await platform.readable({ place: "T1:CMANY" }, places, signal);
  expect(found).toEqual(["T1:CTHERE"]);
  expect(slack.calls("users.list")).toMatchObject([{ args: { team_id: "T1" } }]);
});

test("commands and presses belong to the workspace in which they are given", async () => {
  await using bench = await openOrganisation(false);
  const { slack, platform, accepted } = bench;
  await slack.command({ channel: "CHERE", user: "UADA", command: "/recall", text: "roof" });
  expect(accepted.inbounds.at(-1)).toMatchObject({
    kind: "commanded",
    place: "T1:CHERE",
    by: { id: "T1:UADA" },
  });
  const { places: found } = await platform.readable({ place: "T1:CHERE", person: "T1:UADA" }, places, signal);
  expect(found).toContain("T1:CTHERE");
});

test("a command that names no workspace is answered", async () => {
  await using bench = await openOrganisation(true);
  const { slack, accepted } = bench;
  const body = { channel_id: "CHERE", user_id: "UADA", enterprise_id: "E1" };
  const order = (command: string, text: string) =>
    slack.deliveries.send({ type: "slash_commands", retry: 0, body: { ...body, command, text } });
  await order("/help", "");
  expect(accepted.inbounds).toMatchObject([{ kind: "commanded", name: "help", place: "E1:CHERE" }]);
  const { answer } = await order("/summary", "");
  expect(JSON.stringify(answer)).toContain("ephemeral");
});

test("a file is read with the organisation's token, from any of its workspaces", async () => {
  await using bench = await openOrganisation(true);
  const { slack, platform, accepted } = bench;
  slack.files.set("F1", { id: "F1", name: "a.txt", mimetype: "text/plain", bytes: Buffer.from("hello") });
  await slack.say({ channel: "CHERE", user: "UADA", mention: true, files: [{ id: "F1", name: "a.txt" }] });
  const [said] = accepted.inbounds;
  const ref = said?.kind === "said" ? said.message.attachments[0]?.ref : undefined;
  if (ref === undefined) throw new Error("The file has no reference");
  expect(Buffer.from(await platform.readFile(ref, 1_000, signal)).toString()).toBe("hello");
});
