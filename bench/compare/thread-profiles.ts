import type { Session } from "node:inspector/promises";
import { setTimeout } from "node:timers/promises";
import { BroadcastChannel, threadId, type Worker } from "node:worker_threads";

const channelName = "threadkeeper-bench-probe";
/** A thread that does something else for so long has no profile. */
const patienceMs = 5_000;

/** From the main thread to all others. `file`: that of the main thread. */
type ThreadOrder = { readonly order: "begin" } | { readonly order: "end"; readonly file: string };
interface ThreadAnswer {
  readonly answer: ThreadOrder["order"];
  readonly file: string;
}

/** In a thread of the program: profiles it when the main thread says so. */
export function listenInThread(
  start: () => Promise<Session>,
  save: (session: Session, file: string) => Promise<void>,
): void {
  const channel = new BroadcastChannel(channelName);
  let session: Session | undefined;
  const obey = async (order: ThreadOrder): Promise<string> => {
    if (order.order === "begin") {
      session = await start();
      return "";
    }
    const file = order.file.replace(/\.cpuprofile$/u, `-thread${threadId}.cpuprofile`);
    if (session !== undefined) await save(session, file);
    return session === undefined ? "" : file;
  };
  onMessage(channel, (data) => {
    if (!("order" in data)) return;
    void obey(data).then((file) => send(channel, { answer: data.order, file }));
  });
}

function onMessage(channel: BroadcastChannel, take: (data: ThreadOrder | ThreadAnswer) => void): void {
  channel.addEventListener("message", (event) => {
    if (event instanceof MessageEvent) take(event.data);
  });
  channel.unref();
}

function send(channel: BroadcastChannel, data: ThreadOrder | ThreadAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  channel.postMessage(data);
}

/** In the main thread: the profiles of the others. */
export class ThreadProfiles {
  readonly #channel = new BroadcastChannel(channelName);
  readonly #running = new Set<Worker>();
  #onAnswer: (answer: ThreadAnswer) => void = () => undefined;

  constructor() {
    process.on("worker", (worker: Worker) => {
      this.#running.add(worker);
      worker.once("exit", () => this.#running.delete(worker));
    });
    onMessage(this.#channel, (data) => {
      if ("answer" in data) this.#onAnswer(data);
    });
  }

  async begin(): Promise<void> {
    await this.#ask({ order: "begin" });
  }

  /** The files that were written beside that of the main thread. */
  async end(file: string): Promise<readonly string[]> {
    const answers = await this.#ask({ order: "end", file });
    return answers.map((each) => each.file).filter((each) => each !== "");
  }

  async #ask(order: ThreadOrder): Promise<readonly ThreadAnswer[]> {
    const answers: ThreadAnswer[] = [];
    const wanted = this.#running.size;
    if (wanted === 0) return answers;
    const all = Promise.withResolvers<void>();
    this.#onAnswer = (answer) => {
      if (answer.answer === order.order) answers.push(answer);
      if (answers.length >= wanted) all.resolve();
    };
    send(this.#channel, order);
    await Promise.race([all.promise, setTimeout(patienceMs, undefined, { ref: false })]);
    return answers;
  }
}
