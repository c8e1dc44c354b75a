import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { HttpEnv } from "../../../runtime/http/http-server.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Loads nothing from other hosts, so that nothing a model writes can load or send data. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // A stricter policy sends `Origin: null` with the sign-in form, which would be refused as another site's.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "microphone=(self), camera=(), geolocation=()",
};

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
}

/** The page's files, read once at the start. Other files can't be requested. */
export class Assets {
  readonly #byName = new Map<string, Asset>();

  constructor() {
    const page = fileURLToPath(new URL("../page/", import.meta.url));
    for (const name of readdirSync(page)) this.#add(name, `${page}${name}`);
    this.#add("marked.js", fileURLToPath(import.meta.resolve("marked")));
    this.#add("purify.js", fileURLToPath(import.meta.resolve("dompurify")));
    this.#addHighlighter();
  }

  /** The file, or 404. */
  send(name: string, context: Context<HttpEnv>, status: 200 | 401 | 403 = 200): Response {
    const asset = this.#byName.get(name);
    if (asset === undefined) return sendText(context, 404, "Not found");
    const headers = {
      ...securityHeaders,
      "content-type": asset.type,
      etag: asset.etag,
      // Browsers ask each time, and get the file only after an update.
      "cache-control": "no-cache",
    };
    const isUnchanged = status === 200 && context.req.header("if-none-match") === asset.etag;
    return isUnchanged ? context.body(null, 304, headers) : context.body(asset.body, status, headers);
  }

  /** The syntax highlighter; pages load the languages that they need. */
  #addHighlighter(): void {
    this.#add("tokenize.js", fileURLToPath(import.meta.resolve("@speed-highlight/core/tokenize")));
    const json = import.meta.resolve("@speed-highlight/core/languages/json.js");
    const folder = fileURLToPath(new URL(".", json));
    for (const name of readdirSync(folder).filter((each) => /^[\w-]+\.js$/u.test(each)))
      this.#add(`language-${name}`, `${folder}${name}`);
  }

  #add(name: string, file: string): void {
    const body = readFileSync(file);
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    this.#byName.set(name, { body, type: types[extname(name)] ?? "application/octet-stream", etag });
  }
}

export function sendText(context: Context<HttpEnv>, status: ContentfulStatusCode, text: string): Response {
  return context.text(`${text}\n`, status, securityHeaders);
}

export function sendJson(context: Context<HttpEnv>, status: ContentfulStatusCode, value: object): Response {
  return context.json(value, status, securityHeaders);
}
