import { meaningOf } from "../../../src/conversation/inbounds/press-actions.ts";
import type { CommandInbound } from "../../../src/domain/inbound.ts";
import type { SlackBench } from "./slack-bench.ts";

/** The accepted commands, those that presses give too, oldest first. */
export function commandsIn({ accepted }: Pick<SlackBench, "accepted">): readonly CommandInbound[] {
  return accepted.inbounds.flatMap((each) => {
    const meant = each.kind === "pressed" ? meaningOf(each, Date.now()) : each;
    return meant.kind === "commanded" ? [meant] : [];
  });
}
