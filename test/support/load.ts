import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";

import { conversationKey } from "../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../src/domain/conversation-memory.ts";
import { KeyvMemory } from "../../src/storage/keyv/keyv-memory.ts";
import { KeyvSqlite } from "../../src/storage/sqlite/stores/keyv-sqlite.ts";
import { startBot, type BotProcess } from "./bot-process.ts";
import { startMarkedModel } from "./stages/marked-model.ts";
import { endMark, type Room, type Stage } from "./stages/stage.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Without one more covered message in this time, the run has failed. */
const longestLullMs = 60_000;
const clockTicksPerS = 100;

/** What a load run found. All but `turns` and the figures must be zero. */
export interface LoadReport {
  readonly messages: number;
  /** Fewer than messages: a burst is answered once. */
  readonly turns: number;
  /** Messages that no finished turn covers. */
  readonly lost: number;
  /** Messages that more than one finished turn covers, and answers that people see more than once. */
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Prompts that hold a word of another conversation. */
  readonly crossTalk: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

interface Crowd {
  readonly rooms: number;
  readonly messages: number;
}

/** Many people talk at once, none waits for an answer, and afterwards everything is counted from what was kept. */
export async function runLoad(openStage: () => Promise<Stage> | Stage, crowd: Crowd): Promise<LoadReport> {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using stage = await openStage();
  await using bot = await startBot({
    ...stage.settings,
    ...model.settings,
    DATA_DIR: folder.path,
    LOG_LEVEL: "info",
    // One name talks in all rooms at once.
    LIMIT_PERSON_TURNS: "0",
    LIMIT_PERSON_AT_ONCE: "0",
    LIMIT_PLACE_TURNS: "0",
  });
  await stage.connect(bot);
  const rooms = Array.from({ length: crowd.rooms }, (_, index) => stage.openRoom(nameOf(index)));
  const startedAtMs = Date.now();
  await Promise.all(rooms.map((room, index) => talk(stage, room, index, crowd.messages)));
  await until(() => memories(folder.path), crowd, stage, bot);
  const seconds = (Date.now() - startedAtMs) / 1_000;
  const usage = usageOf(bot);
  await bot.stop();
  const remembered = (await memories(folder.path)).map(count);
  const sum = (pick: (each: RoomCount) => number): number =>
    remembered.reduce((total, each) => total + pick(each), 0);
  const shown = rooms.reduce(
    (total, room) => total + room.answers().filter((text) => text.endsWith(endMark)).length,
    0,
  );
  const turns = sum((each) => each.turns);
  return {
    messages: crowd.rooms * crowd.messages,
    turns,
    lost: crowd.rooms * crowd.messages - sum((each) => each.covered),
    doubled: sum((each) => each.doubled) + Math.abs(shown - turns),
    outOfOrder: sum((each) => each.outOfOrder),
    crossTalk: model.requests.filter(({ messages }) => roomsIn(messages.map(({ text }) => text)).size !== 1)
      .length,
    seconds,
    ...usage,
  };
}

function nameOf(index: number): string {
  return `p${index}`;
}

async function talk(stage: Stage, room: Room, index: number, messages: number): Promise<void> {
  for (let number = 0; number < messages; number += 1) {
    await room.say(`word ${number} of room<${index}>`);
    // As Slack does at once with what was not acknowledged within 3 s.
    await stage.deliverAgain?.();
  }
}

async function until(
  read: () => Promise<readonly ConversationMemory[]>,
  crowd: Crowd,
  stage: Stage,
  bot: BotProcess,
): Promise<void> {
  let most = 0;
  let deadlineMs = Date.now() + longestLullMs;
  for (;;) {
    const covered = (await read()).reduce((total, memory) => total + count(memory).covered, 0);
    if (covered >= crowd.rooms * crowd.messages) return;
    if (covered > most) deadlineMs = Date.now() + longestLullMs;
    most = Math.max(most, covered);
    if (Date.now() > deadlineMs)
      throw new Error(`Nothing new for ${longestLullMs} ms:\n${bot.output().slice(-4_000)}`);
    await stage.deliverAgain?.();
    await setTimeout(Math.min(1_000, crowd.rooms));
  }
}

async function memories(dataDir: string): Promise<readonly ConversationMemory[]> {
  using opened = new DisposableStack();
  const database = new DatabaseSync(join(dataDir, "threadkeeper.sqlite"), { readOnly: true });
  opened.defer(() => database.close());
  const keyv = new Keyv({ store: new KeyvSqlite(database), useKeyPrefix: false, throwOnErrors: true });
  const reader = new KeyvMemory(keyv);
  const keys = database.prepare("SELECT key FROM conversation WHERE revision > 0").all();
  const reads = keys.map((row) => reader.read(conversationKey(row["key"]), AbortSignal.timeout(600_000)));
  return (await Promise.all(reads)).flatMap(({ memory }) => memory ?? []);
}

interface RoomCount {
  readonly turns: number;
  readonly covered: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

function count({ messages }: ConversationMemory): RoomCount {
  const said = messages.filter(({ role }) => role === "person");
  const answers = messages.filter(({ role }) => role === "bot").flatMap((message) => message.answers);
  const order = said.map(({ text }) => Number(/word (?<number>\d+)/u.exec(text)?.groups?.["number"]));
  const unique = new Set(answers);
  return {
    turns: messages.filter(({ role }) => role === "bot").length,
    covered: said.filter(({ id }) => unique.has(id)).length,
    doubled: answers.length - unique.size,
    outOfOrder: order.filter((number, index) => number !== index).length,
  };
}

function roomsIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => text.match(/room<\d+>/gu) ?? []));
}

/** From /proc; zeros where there is none. */
function usageOf({ pid }: BotProcess): { readonly cpuSeconds: number; readonly peakMiB: number } {
  try {
    const ticks = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13) ?? [];
    const peakKiB = /VmHWM:\s+(?<kib>\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.groups?.[
      "kib"
    ];
    return {
      cpuSeconds: ticks.reduce((total, each) => total + Number(each), 0) / clockTicksPerS,
      peakMiB: Math.round(Number(peakKiB) / 1_024),
    };
  } catch {
    return { cpuSeconds: 0, peakMiB: 0 };
  }
}
