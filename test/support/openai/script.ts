/** A function that the model calls. `argument` is JSON, unless a test wants it broken. */
export interface CallStep {
  readonly name: string;
  readonly argument: string;
}

/** One thing that happens in a stream. */
export type Step =
  | { readonly say: string }
  /** The same as `say`, but every byte travels alone. */
  | { readonly sayByteByByte: string }
  | { readonly refuse: string }
  | { readonly call: CallStep }
  /** The stream goes no further than the middle of this call. */
  | { readonly beginCall: CallStep }
  | { readonly waitMs: number }
  /** Goes on when the test lets go, or never. */
  | { readonly hold: Promise<unknown> }
  /** Sent as it is: garbage, comments. */
  | { readonly raw: string };

/**
 * How a stream ends. `unclosed`: without its closing event. `cut`: the connection is reset.
 * `cut-inside-character`: the same, between two bytes of one character. `stall`: nothing more comes.
 */
export type Ending =
  | "complete"
  | "max-output-tokens"
  | "content-filter"
  | "unclosed"
  | "cut"
  | "cut-inside-character"
  | "stall"
  | { readonly failed: string }
  | { readonly error: string };

export interface StreamScript {
  readonly kind: "stream";
  readonly steps: readonly Step[];
  readonly ending: Ending;
  readonly usage?: {
    readonly promptTokens: number;
    readonly cachedTokens: number;
    readonly cacheWriteTokens?: number;
    readonly replyTokens: number;
    readonly reasoningTokens?: number;
  };
}

/** An answer with an error status, before any stream. */
export interface ErrorScript {
  readonly kind: "error";
  readonly status: number;
  readonly code: string | null;
  readonly type: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In place of a body in OpenAI's form. */
  readonly body?: string;
}

/** How a request fails. `hang`: not even headers. `drop`: the connection is reset without an answer. */
export type FaultScript = ErrorScript | { readonly kind: "hang" } | { readonly kind: "drop" };

/** What the model does with one request. */
export type Script = StreamScript | FaultScript;

/** Streams these pieces and closes. */
export function says(...pieces: readonly string[]): StreamScript {
  return streams(
    pieces.map((say) => ({ say })),
    "complete",
  );
}

/** Calls one function and closes. A string is sent as it is: it need be no JSON. */
export function calls(name: string, argument: unknown): StreamScript {
  return streams([{ call: callOf(name, argument) }], "complete");
}

/** For a step of a stream; see `calls`. */
export function callOf(name: string, argument: unknown): CallStep {
  return { name, argument: typeof argument === "string" ? argument : JSON.stringify(argument) };
}

export function streams(steps: readonly Step[], ending: Ending): StreamScript {
  return { kind: "stream", steps, ending };
}

export function answersError(
  status: number,
  code: string | null,
  more: Partial<Pick<ErrorScript, "type" | "message" | "headers">> = {},
): ErrorScript {
  return {
    kind: "error",
    status,
    code,
    type: more.type ?? (status >= 500 ? "server_error" : "invalid_request_error"),
    message: more.message ?? "The stand-in was told to fail.",
    headers: more.headers ?? {},
  };
}

/** Too many requests: come back in that many seconds. */
export function rateLimits(retryAfterS: number): ErrorScript {
  return answersError(429, "rate_limit_exceeded", {
    type: "requests",
    headers: { "retry-after": String(retryAfterS) },
  });
}

export function isOutOfQuota(): ErrorScript {
  return answersError(429, "insufficient_quota", { type: "insufficient_quota" });
}
