// Loaded into each contestant before its program, and into its threads: tells the runner what only the process itself knows.
import { Session } from "node:inspector/promises";
import { writeFile } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

import { listenInThread, ThreadProfiles } from "./thread-profiles.ts";

/** What the runner asks. */
export type ProbeOrder =
  | { readonly probe: "begin"; readonly profiles: boolean }
  | { readonly probe: "end"; readonly profileFile: string }
  | { readonly probe: "rest" };

/** What is answered. */
export interface ProbeAnswer {
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Written since "begin": one for each thread. */
  readonly profileFiles: readonly string[];
}

const resolutionMs = 10;
const samplingMicros = 500;
const mib = 2 ** 20;

if (!isMainThread) listenInThread(startProfile, saveProfile);
else if (process.send !== undefined) answerRunner();

function answerRunner(): void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const threads = new ThreadProfiles();
  let session: Session | undefined;
  process.on("message", (order: ProbeOrder) => {
    void answer(order).then((answered) => process.send?.({ probe: order.probe, ...answered }));
  });
  process.on("disconnect", () => process.exit(0));
  // The program ends by itself when it has nothing left to do.
  process.channel?.unref();

  async function answer(order: ProbeOrder): Promise<ProbeAnswer> {
    const profileFiles: string[] = [];
    // Until it is written, Node holds it in memory. The bot does the same when it is ready.
    flushCompileCache();
    if (order.probe === "begin") {
      if (order.profiles) {
        await threads.begin();
        session = await startProfile();
      }
      delay.enable();
      delay.reset();
    }
    if (order.probe === "end") {
      delay.disable();
      if (order.profileFile !== "" && session !== undefined) {
        await saveProfile(session, order.profileFile);
        profileFiles.push(order.profileFile, ...(await threads.end(order.profileFile)));
      }
    }
    // Without the last resort, free pages count that V8 keeps or not, as the collections before happened to fall.
    if (order.probe === "rest")
      for (let times = 0; times < 2; times += 1)
        globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    const { rss, heapUsed } = process.memoryUsage();
    return {
      // It counts the whole time between two of its timer's calls.
      loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
      loopDelayMaxMs: Math.max(0, delay.max / 1e6 - resolutionMs),
      rssMiB: rss / mib,
      heapMiB: heapUsed / mib,
      profileFiles,
    };
  }
}

/** Of the thread that calls it. */
async function startProfile(): Promise<Session> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: samplingMicros });
  await session.post("Profiler.start");
  return session;
}

async function saveProfile(session: Session, file: string): Promise<void> {
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  await writeFile(file, JSON.stringify(profile));
}
