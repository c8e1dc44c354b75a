import type { IncomingMessage } from "node:http";

/** The path under which people reach us. Proxies take it off a request, or leave it there. */
export class BasePath {
  readonly #path: string;
  readonly #done = new WeakSet<IncomingMessage>();

  /** @param path - begins and ends with `/` */
  constructor(path: string) {
    this.#path = path;
  }

  /** Its last part with `/` behind it: relative to the path without that, where it leads. */
  get last(): string {
    return `${this.#path.split("/").at(-2) ?? ""}/`;
  }

  /** Whether the request asks for the path without the `/` at its end: relative addresses would lead elsewhere. */
  isBare(request: IncomingMessage): boolean {
    return this.#path !== "/" && `${pathOf(request)}/` === this.#path && !this.#done.has(request);
  }

  /** Leaves of the request's address what is behind the path. Once: what is behind it may look the same. */
  takeOff(request: IncomingMessage): void {
    if (this.#path === "/" || this.#done.has(request)) return;
    this.#done.add(request);
    if (request.url?.startsWith(this.#path) === true) request.url = request.url.slice(this.#path.length - 1);
  }
}

/** What stands before the query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}
