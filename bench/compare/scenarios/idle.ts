import { contestantNamed } from "../contestants.ts";
import { percentile } from "../figures.ts";
import { openContestant } from "../open-contestant.ts";
import { openStores } from "../open-stores.ts";
import { storeIdleConversations } from "./store-idle-conversations.ts";
import type { Scenario, ScenarioRow, ScenarioRun } from "./scenario.ts";

type Size = "conversations" | "messages" | "answers";

const mostRssMiB = 200;

/** `npm run bench -- idle` */
export const idle: Scenario<Size> = {
  title: "Idle conversations in the hot store",
  sizes: {
    conversations: { usual: 50_000, quick: 2_000 },
    /** Of each. */
    messages: { usual: 20, quick: 20 },
    /** Of one active conversation beside them. */
    answers: { usual: 300, quick: 50 },
  },
  only: ["ours-redis"],
  measure: async (run) => {
    const rows: ScenarioRow[] = [];
    for (const name of run.only) {
      rows.push(await measureIdle(name, run, 0), await measureIdle(name, run, run.sizes.conversations));
    }
    const idleRows = rows.filter((_, index) => index % 2 === 1);
    return {
      what:
        `${run.sizes.conversations.toLocaleString("en")} conversations of ${run.sizes.messages} messages lie in the hot store, three days old and archived. ` +
        "Then the bot is started, and one conversation is active. RSS and heap are those after a garbage collection; the first row is the same " +
        "without them.",
      rows,
      checks: idleRows.flatMap(({ name, figures }) =>
        ["RSS MiB after the start", "RSS MiB after the answers"].map((figure) => ({
          what: `${name}, ${figure}`,
          value: figures[figure] ?? 0,
          atMost: mostRssMiB,
        })),
      ),
    };
  },
};

async function measureIdle(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
  conversations: number,
): Promise<ScenarioRow> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const contestant = contestantNamed(name);
  if (!contestant.usesRedis) throw new TypeError(`${name} has no Redis to fill`);
  const { settings } = part.use(await openStores(contestant));
  const { REDIS_URL: redisUrl = "" } = settings;
  note(`${name}: stores ${conversations} conversations`);
  const bytesEach = await storeIdleConversations(redisUrl, { conversations, messages: sizes.messages });
  const startedAtMs = performance.now();
  const bot = await openContestant(contestant, part, { stores: settings });
  const startMs = performance.now() - startedAtMs;
  const atStart = await bot.memory();
  note(`${name}: one active conversation`);
  const talk = { conversations: 1, messages: sizes.answers, modelDelayMs: 0, threadTurns: 0 };
  // The first answers compile the code.
  await bot.standIn.talk(talk);
  const talked = await bot.standIn.talk(talk);
  const after = await bot.memory();
  return {
    name: `${name}, ${conversations.toLocaleString("en")} idle`,
    figures: {
      "bytes in Redis, each": bytesEach,
      "start ms": startMs,
      "RSS MiB after the start": atStart.rssMiB,
      "heap MiB": atStart.heapMiB,
      "p50 ms": percentile(talked.answerMs, 0.5),
      "p95 ms": percentile(talked.answerMs, 0.95),
      "RSS MiB after the answers": after.rssMiB,
      lost: talked.lost,
      doubled: talked.doubled,
    },
  };
}
