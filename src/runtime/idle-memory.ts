import { performance, type EventLoopUtilization } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";

const lookEveryMs = 1_000;
/** More than health checks and background jobs take. */
const busyShare = 0.2;
const quietLooks = 5;
/** V8 looks every 8 s whether to begin, and collects twice. */
const savingLooks = 40;

/** What V8 does; tests give something else. */
interface Engine {
  readonly utilization: (since?: EventLoopUtilization) => EventLoopUtilization;
  readonly saveMemory: (isWanted: boolean) => void;
}

const v8: Engine = {
  utilization: (since) => performance.eventLoopUtilization(since),
  // Said in both cases: the flag's third state, "unset", would make cached code invalid.
  saveMemory: (isWanted) => setFlagsFromString(isWanted ? "--memory-saver-mode" : "--no-memory-saver-mode"),
};

/**
 * Gives memory back to the machine after a busy time. V8 keeps the pages that a busy time needed until it collects in order
 * to save memory, and never does so by itself in a program that is idle: hundreds of MiB stay. Here it is asked to, for a
 * moment, when the event loop has been quiet for 5 s. It collects in small steps, which nobody waits for.
 */
export class IdleMemory implements Disposable {
  readonly #engine: Engine;
  #timer: NodeJS.Timeout | undefined;
  #seen: EventLoopUtilization;
  /** It was busy since memory was given back. */
  #wasBusy = true;
  #quiet = 0;
  #saving = 0;

  constructor(engine: Engine = v8) {
    this.#engine = engine;
    this.#seen = engine.utilization();
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** Call it every second. */
  look(): void {
    const isBusy = this.#engine.utilization(this.#seen).utilization > busyShare;
    this.#seen = this.#engine.utilization();
    if (isBusy) this.#wasBusy = true;
    this.#quiet = isBusy ? 0 : this.#quiet + 1;
    if (this.#saving > 0) this.#goOn(isBusy);
    else if (this.#wasBusy && this.#quiet >= quietLooks) this.#begin();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#saving > 0) this.#end();
  }

  #begin(): void {
    this.#wasBusy = false;
    this.#saving = savingLooks;
    this.#engine.saveMemory(true);
  }

  /** A busy program must not save: that costs it three times the CPU. */
  #goOn(isBusy: boolean): void {
    this.#saving -= 1;
    if (isBusy || this.#saving === 0) this.#end();
  }

  #end(): void {
    this.#saving = 0;
    this.#engine.saveMemory(false);
  }
}
