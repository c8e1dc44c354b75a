import type { Health } from "../../ports/component.ts";

/** Messages to a thread. `close`: finish and end. */
export type ToThread<Argument> =
  | { readonly kind: "call"; readonly id: number; readonly name: string; readonly argument: Argument }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "close" };

/** An error as plain data, because classes can't be sent. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Messages from a thread. `opened` or `failed` comes once, before all others except `log` and `health`. */
export type FromThread<Value> =
  | { readonly kind: "opened" }
  | { readonly kind: "failed"; readonly error: ErrorData }
  | { readonly kind: "health"; readonly health: Health }
  | { readonly kind: "done"; readonly id: number; readonly value: Value }
  | { readonly kind: "refused"; readonly id: number; readonly error: ErrorData }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly facts: Readonly<Record<string, unknown>>;
      readonly message: string;
    };

/** The functions that a thread serves. Arguments and results are plain data. */
export type Served = Readonly<Record<string, (argument: never, signal: AbortSignal) => Promise<unknown>>>;
