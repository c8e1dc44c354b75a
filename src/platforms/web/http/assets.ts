import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, relative } from "node:path";
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
const contentPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const securityHeaders = {
  "content-security-policy": contentPolicy,
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

/** The packages that the page imports by name: see the import map in index.html. Their addresses, for the server. */
const packages: Readonly<Record<string, string>> = {
  "packages/preact.js": import.meta.resolve("preact"),
  "packages/preact-hooks.js": import.meta.resolve("preact/hooks"),
  "packages/signals.js": import.meta.resolve("@preact/signals"),
  "packages/signals-core.js": import.meta.resolve("@preact/signals-core"),
  "packages/htm.js": import.meta.resolve("htm"),
  "packages/htm-preact.js": import.meta.resolve("htm/preact"),
  "packages/marked.js": import.meta.resolve("marked"),
  "packages/dompurify.js": import.meta.resolve("dompurify"),
  "packages/tokenize.js": import.meta.resolve("@speed-highlight/core/tokenize"),
};

/** The page's files, read once at the start. Other files can't be requested. */
export class Assets {
  readonly #byName = new Map<string, Asset>();
  readonly #headers: Readonly<Record<string, string>>;

  constructor() {
    const page = fileURLToPath(new URL("../page/", import.meta.url));
    for (const file of readdirSync(page, { recursive: true, withFileTypes: true })) {
      const path = `${file.parentPath}/${file.name}`;
      if (file.isFile()) this.#add(relative(page, path).replaceAll("\\", "/"), path);
    }
    for (const [name, address] of Object.entries(packages)) this.#add(name, fileURLToPath(address));
    this.#addLanguages();
    const hash = importMapHash(readFileSync(`${page}index.html`, "utf8"));
    this.#headers = {
      ...securityHeaders,
      "content-security-policy": contentPolicy.replace("script-src 'self'", `script-src 'self' '${hash}'`),
    };
  }

  /** The file, or 404. */
  send(name: string, context: Context<HttpEnv>, status: 200 | 401 | 403 = 200): Response {
    const asset = this.#byName.get(name);
    if (asset === undefined) return sendText(context, 404, "Not found");
    const headers = {
      ...this.#headers,
      "content-type": asset.type,
      etag: asset.etag,
      // Browsers ask each time, and get the file only after an update.
      "cache-control": "no-cache",
    };
    const isUnchanged = status === 200 && context.req.header("if-none-match") === asset.etag;
    return isUnchanged ? context.body(null, 304, headers) : context.body(asset.body, status, headers);
  }

  /** The syntax highlighter's languages; pages load those that they need. */
  #addLanguages(): void {
    const json = import.meta.resolve("@speed-highlight/core/languages/json.js");
    const folder = fileURLToPath(new URL(".", json));
    for (const name of readdirSync(folder).filter((each) => /^[\w-]+\.js$/u.test(each)))
      this.#add(`packages/language-${name}`, `${folder}${name}`);
  }

  #add(name: string, file: string): void {
    const body = readFileSync(file);
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    this.#byName.set(name, { body, type: types[extname(name)] ?? "application/octet-stream", etag });
  }
}

/** The inline import map is the only inline script that the page may have. https://www.w3.org/TR/CSP3/#external-hash */
function importMapHash(html: string): string {
  const map = /<script type="importmap">([^]*?)<\/script>/u.exec(html)?.[1];
  if (map === undefined) throw new Error("index.html has no import map");
  return `sha256-${createHash("sha256").update(map).digest("base64")}`;
}

export function sendText(context: Context<HttpEnv>, status: ContentfulStatusCode, text: string): Response {
  return context.text(`${text}\n`, status, securityHeaders);
}

export function sendJson(context: Context<HttpEnv>, status: ContentfulStatusCode, value: object): Response {
  return context.json(value, status, securityHeaders);
}
