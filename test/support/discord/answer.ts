/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export const done: Answer = { status: 204 };

/** A refusal in Discord's form. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get answer(): Answer {
    return { status: this.status, body: { message: this.message, code: this.code } };
  }
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json, with the wait of a rate limit. */
export class SlowModeRefusal extends Refusal {
  readonly #waitS: number;

  constructor(waitS: number) {
    super(429, 20_016, "This action cannot be performed due to slowmode rate limit");
    this.#waitS = waitS;
  }

  override get answer(): Answer {
    const { status, message, code } = this;
    const headers = { "retry-after": String(Math.ceil(this.#waitS)), "x-ratelimit-scope": "user" };
    return { status, body: { message, code, retry_after: this.#waitS, global: false }, headers };
  }
}

export const unknownMessage = () => new Refusal(404, 10_008, "Unknown Message");
export const unknownChannel = () => new Refusal(404, 10_003, "Unknown Channel");
export const missingPermissions = () => new Refusal(403, 50_013, "Missing Permissions");
export const invalidForm = (what: string) => new Refusal(400, 50_035, `Invalid Form Body: ${what}`);
