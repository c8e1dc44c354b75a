import type { Log } from "../../../src/ports/log.ts";

/** Keeps every line, as JSON and with its facts. */
export class RecordingLog implements Log {
  readonly lines: {
    readonly level: string;
    readonly message: string;
    readonly facts: Readonly<Record<string, unknown>>;
  }[] = [];

  readonly debug = this.#writer("debug");
  readonly info = this.#writer("info");
  readonly warn = this.#writer("warn");
  readonly error = this.#writer("error");

  #writer(level: string) {
    return (facts: Readonly<Record<string, unknown>>, message: string): void => {
      this.lines.push({ level, message, facts });
    };
  }
}
