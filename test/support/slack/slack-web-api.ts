import type { IncomingMessage, ServerResponse } from "node:http";

import { asText } from "./untyped-json.ts";
import type { SlackFault, SlackFaults } from "./slack-faults.ts";
import { uploadsPath } from "./slack-files.ts";
import { filesPath, hostedFile } from "./slack-hosted-files.ts";
import type { SlackHooks } from "./slack-hooks.ts";
import { SlackRefusal, type SlackArguments } from "./slack-arguments.ts";
import { methods, type SlackWorld } from "./slack-methods.ts";
import { SlackRates } from "./slack-rates.ts";
import { checkScope } from "./slack-scopes.ts";

/** One recorded call of a method. */
export interface SlackCall {
  readonly method: string;
  readonly args: SlackArguments;
  /** The error of a refused call. */
  readonly error?: string;
}

/** Slack's Web API and its response_urls. */
export class SlackWebApi {
  readonly calls: SlackCall[] = [];
  /** Revoked tokens. */
  readonly revoked = new Set<string>();
  readonly rates = new SlackRates();
  readonly #world: SlackWorld;
  readonly #hooks: SlackHooks;
  readonly #faults: SlackFaults;

  constructor(world: SlackWorld, hooks: SlackHooks, faults: SlackFaults) {
    this.#world = world;
    this.#hooks = hooks;
    this.#faults = faults;
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const body = await read(request);
    if (path.startsWith(filesPath)) return this.#sendFile(path, request, response);
    if (path.startsWith(uploadsPath)) return this.#takeUpload(request, response, body);
    const args = parseBody(request.headers["content-type"] ?? "", body.toString());
    const isHook = path.startsWith("/hooks/");
    const method = path.replace(/^\/api\//u, "");
    const fault = this.#faultFor(isHook ? "response_url" : method, asText(args["channel"]));
    if (fault !== undefined && (await this.#spoil(fault, response))) return;
    if (isHook) {
      const { status, text } = this.#hooks.take(path, args);
      response.writeHead(status, { "content-type": "text/plain" }).end(text);
      return;
    }
    const answer =
      fault?.kind === "error"
        ? { ok: false, error: fault.error }
        : this.#call(method, args, tokenIn(request, args));
    if (fault?.kind === "hang-after") await this.#faults.hang();
    if (fault?.kind === "reset" || fault?.kind === "hang-after") {
      response.destroy();
      return;
    }
    if (fault?.kind === "status-after") {
      response.writeHead(fault.status, { "content-type": "text/html" }).end("<html>Oh no</html>");
      return;
    }
    response
      .writeHead(200, { "content-type": "application/json; charset=utf-8" })
      .end(JSON.stringify(answer));
  };

  #faultFor(method: string, channel: string): SlackFault | undefined {
    const fault = this.#faults.take(method, channel);
    const seconds = fault === undefined ? this.rates.refuse(method, channel) : undefined;
    return seconds === undefined ? fault : { kind: "rate-limited", retryAfterSeconds: seconds };
  }

  async #sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#faults.take("download", "");
    if (fault !== undefined && (await this.#spoil(fault, response))) return;
    const { status, type, body } = hostedFile(this.#world, path, request.headers.authorization);
    response.writeHead(status, { "content-type": type }).end(body);
  }

  async #takeUpload(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const fault = this.#faults.take("upload", "");
    if (fault !== undefined && (await this.#spoil(fault, response))) return;
    const { uploads } = this.#world;
    const { status, text } = await uploads.take(request.url ?? "", request.headers, body);
    response.writeHead(status, { "content-type": "text/plain" }).end(text);
  }

  /** True if the fault has answered the call. */
  async #spoil(fault: SlackFault, response: ServerResponse): Promise<boolean> {
    switch (fault.kind) {
      case "rate-limited":
        response
          .writeHead(429, {
            "retry-after": String(fault.retryAfterSeconds),
            "content-type": "application/json",
          })
          .end(JSON.stringify({ ok: false, error: "ratelimited" }));
        return true;
      case "unclear-limit": {
        const { retryAfter } = fault;
        const header = retryAfter === undefined ? {} : { "retry-after": retryAfter };
        response.writeHead(429, header).end("slow down");
        return true;
      }
      case "status":
        response.writeHead(fault.status, { "content-type": "text/html" }).end("<html>Oh no</html>");
        return true;
      case "reset":
        if (fault.when === "before") response.destroy();
        return fault.when === "before";
      case "hang":
        await this.#faults.hang();
        response.destroy();
        return true;
      case "latency":
        await this.#faults.wait(fault.ms);
        return false;
      case "error":
      case "hang-after":
      case "status-after":
        return false;
    }
  }

  #call(method: string, args: SlackArguments, token: string): Readonly<Record<string, unknown>> {
    try {
      const work = methods[method];
      if (work === undefined) throw new SlackRefusal("unknown_method");
      this.#check(method, token);
      checkScope(this.#world, method, args);
      const answer = work(this.#world, args);
      this.calls.push({ method, args });
      return { ok: true, ...answer };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      this.calls.push({ method, args, error: error.message });
      return { ok: false, error: error.message, ...error.details };
    }
  }

  #check(method: string, token: string): void {
    const { settings } = this.#world;
    const [wanted, other] =
      method === "apps.connections.open"
        ? [settings.appToken, settings.botToken]
        : [settings.botToken, settings.appToken];
    if (token === "") throw new SlackRefusal("not_authed");
    if (this.revoked.has(token)) throw new SlackRefusal("token_revoked");
    if (token === other) throw new SlackRefusal("not_allowed_token_type");
    if (token !== wanted) throw new SlackRefusal("invalid_auth");
  }
}

function tokenIn(request: IncomingMessage, args: SlackArguments): string {
  const header = request.headers.authorization;
  return header === undefined ? asText(args["token"]) : header.replace(/^Bearer /u, "");
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Slack accepts JSON, and forms whose values other than text are JSON. */
function parseBody(contentType: string, text: string): SlackArguments {
  if (text === "") return {};
  if (contentType.startsWith("application/json")) return { ...JSON.parse(text) };
  return Object.fromEntries(
    Array.from(new URLSearchParams(text), ([name, value]) => [
      name,
      isJson(name, value) ? JSON.parse(value) : value,
    ]),
  );
}

function isJson(name: string, value: string): boolean {
  return ["blocks", "metadata", "view"].includes(name) && /^[[{]/u.test(value);
}
