import { isDeepStrictEqual } from "node:util";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { FakePlatform } from "./fake-platform.ts";

type Status = "working" | "asking" | "resting";

/** What people see of the bot's work, as a platform shows it that keeps a status until it gets another one. */
export class WorkingScreen {
  readonly platform = new FakePlatform({ carriesStop: true });
  readonly #statuses: { readonly to: ReplyAddress["target"]; readonly status: Status }[] = [];

  /** Every status so far, oldest first. */
  get statuses(): readonly Status[] {
    return this.#statuses.map(({ status }) => status);
  }

  /** The platform as one process sees it: it knows only of the work that it has shown itself. */
  ofProcess(): FakePlatform {
    let shown: ReplyAddress["target"][] = [];
    const set = (to: ReplyAddress["target"], status: Status): void =>
      void this.#statuses.push({ to, status });
    const own: Pick<Platform, "showWorking" | "showRest"> = {
      showWorking: async ({ target }) => {
        shown.push(target);
        set(target, "working");
      },
      showRest: async ({ target }, { isAsking, mayBeLeft }) => {
        const isOurs = shown.some((each) => isDeepStrictEqual(each, target));
        shown = [];
        if (isOurs || mayBeLeft) set(target, isAsking ? "asking" : "resting");
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the methods of the prototype are bound to it
    return Object.assign(Object.create(this.platform) as FakePlatform, own);
  }
}
