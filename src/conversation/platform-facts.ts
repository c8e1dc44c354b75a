import type { Platform } from "../ports/platform.ts";

/** What the front door knows of platforms, as soon as they are open. */
export function platformFacts(find: (name: string) => Platform | undefined) {
  return {
    botNameOf: (name: string) => find(name)?.botName,
    quotesOn: (name: string) => find(name)?.quotes === true,
  };
}
