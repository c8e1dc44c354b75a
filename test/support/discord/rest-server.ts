import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

import { Refusal, type Answer } from "./answer.ts";
import { applicationRoutes } from "./application-routes.ts";
import { Faults, type Fault } from "./faults.ts";
import { interactionRoutes } from "./interaction-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import type { Discord } from "./routes.ts";
import type { Uploaded } from "./world.ts";

const prefix = "/api/v10";
const filesPath = "/attachments/";
const routes = [...applicationRoutes, ...messageRoutes, ...interactionRoutes];

/** One call of the REST API, in the order of arrival. */
export interface JournalLine {
  readonly method: string;
  readonly path: string;
  /** As JSON; beside files, what stands in `payload_json`. */
  readonly body: unknown;
  readonly files: readonly Uploaded[];
  readonly query: string;
  /** 0 when the call was never answered. */
  status: number;
}

/** The REST API, under /api/v10. */
export class RestServer {
  readonly faults = new Faults();
  readonly journal: JournalLine[] = [];
  /** How often a file was asked for. */
  downloads = 0;
  readonly #discord: Discord;
  readonly #token: () => string;

  constructor(discord: Discord, token: () => string) {
    this.#discord = discord;
    this.#token = token;
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://discord");
    const method = request.method ?? "GET";
    if (url.pathname.startsWith(filesPath)) return this.#sendFile(url, request, response);
    const path = decodeURIComponent(url.pathname.slice(prefix.length));
    const { body, files } = await readBody(request);
    const line: JournalLine = { method, path, query: url.search, body, files, status: 0 };
    this.journal.push(line);
    const fault = this.faults.take(method, path);
    if (fault?.delayMs !== undefined) await setTimeout(fault.delayMs);
    const isDone = fault === undefined || fault.afterwards === true || isSlowOnly(fault);
    const answer = isDone ? this.#answer(line, url, request) : { status: 0 };
    if (fault === undefined || isSlowOnly(fault)) send(response, line, answer);
    else spoil(response, line, fault);
  }

  /** The CDN: no token, a signed URL that expires. */
  async #sendFile(url: URL, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    this.downloads += 1;
    const fault = this.faults.take("GET", url.pathname);
    if (fault?.isSilent === true) return;
    const file = this.#discord.world.files.get(url.pathname.slice(filesPath.length));
    const isSigned = url.searchParams.get("hm") === String(file?.signature);
    if (fault?.delayMs !== undefined) await setTimeout(fault.delayMs);
    if (fault?.status !== undefined)
      response.writeHead(fault.status).end("This content is no longer available.");
    else if (headers.authorization !== undefined) response.writeHead(400).end("unexpected token");
    else if (file === undefined || !isSigned)
      response.writeHead(404).end("This content is no longer available.");
    else response.writeHead(200, { "content-type": "application/octet-stream" }).end(file.bytes);
  }

  #answer(line: JournalLine, url: URL, request: IncomingMessage): Answer {
    const { method, path, body, files } = line;
    const found = routes.find((route) => route.method === method && route.path.test(path));
    if (!url.pathname.startsWith(`${prefix}/`) || found === undefined) {
      return new Refusal(404, 0, "404: Not Found").answer;
    }
    if (found.isOpen !== true && request.headers.authorization !== `Bot ${this.#token()}`) {
      return new Refusal(401, 0, "401: Unauthorized").answer;
    }
    try {
      return found.handle(this.#discord, {
        ids: { ...found.path.exec(path)?.groups },
        query: url.searchParams,
        body: typeof body === "object" && body !== null && !Array.isArray(body) ? { ...body } : {},
        array: Array.isArray(body) ? body : [],
        files,
      });
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }
}

function isSlowOnly({ status, isReset, isSilent }: Fault): boolean {
  return status === undefined && isReset !== true && isSilent !== true;
}

function send(response: ServerResponse, line: JournalLine, { status, body, headers }: Answer): void {
  line.status = status;
  const content = body === undefined ? {} : { "content-type": "application/json" };
  response.writeHead(status, { ...content, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function spoil(response: ServerResponse, line: JournalLine, fault: Fault): void {
  if (fault.isSilent === true) return;
  if (fault.isReset === true) {
    response.destroy();
    return;
  }
  // Without the header, Discord's client tries again at once.
  const waits = fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) };
  const body = { message: "Fault", code: fault.code ?? 0, retry_after: fault.retryAfterS };
  send(response, line, { status: fault.status ?? 500, body, headers: waits });
}

interface Content {
  readonly body: unknown;
  readonly files: readonly Uploaded[];
}

async function readBody(request: IncomingMessage): Promise<Content> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data")) return readForm(bytes, type);
  return { body: bytes.length === 0 ? undefined : JSON.parse(bytes.toString()), files: [] };
}

/** https://discord.com/developers/docs/reference#uploading-files */
async function readForm(bytes: Buffer, type: string): Promise<Content> {
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData();
  const files: Uploaded[] = [];
  for (const [field, value] of form) {
    if (typeof value === "string" || !/^files\[\d+\]$/u.test(field)) continue;
    files.push({ name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) });
  }
  const json = form.get("payload_json");
  return { body: typeof json === "string" ? JSON.parse(json) : {}, files };
}
