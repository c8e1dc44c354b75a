import type { IncomingMessage } from "node:http";

/** The path of PUBLIC_URL. Some proxies remove it from requests, others keep it. */
export class BasePath {
  readonly #path: string;
  readonly #done = new WeakSet<IncomingMessage>();

  /** @param path - begins and ends with `/` */
  constructor(path: string) {
    this.#path = path;
  }

  /** Its last part with a `/`: a relative link from the path without the slash. */
  get last(): string {
    return `${this.#path.split("/").at(-2) ?? ""}/`;
  }

  /** Whether the request lacks the final `/`, which would break relative links. */
  lacksSlash(request: IncomingMessage): boolean {
    return this.#path !== "/" && `${pathOf(request)}/` === this.#path && !this.#done.has(request);
  }

  /** Removes the path from the request's URL. Only once for each request, because the rest may begin with the same path. */
  strip(request: IncomingMessage): void {
    if (this.#path === "/" || this.#done.has(request)) return;
    this.#done.add(request);
    if (request.url?.startsWith(this.#path) === true) request.url = request.url.slice(this.#path.length - 1);
  }
}

/** The path of a request, without the query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}
