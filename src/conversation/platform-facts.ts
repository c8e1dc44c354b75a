import type { Directory } from "../ports/directory.ts";
import type { Platform } from "../ports/platform.ts";

/** What the front door knows of platforms, as soon as they are open. */
export function platformFacts({ quoting }: Directory, find: (name: string) => Platform | undefined) {
  return {
    botNameOf: (name: string) => find(name)?.botName,
    quotingOn: (name: string) => (find(name)?.quotes === true ? quoting : undefined),
  };
}
