import { assert, expect } from "vitest";

import type { CommandInbound } from "../../../src/domain/inbound.ts";
import { eventually } from "../eventually.ts";
import type { Core } from "./open-bot.ts";
import { textIn, type Shown } from "./cards.ts";
import type { Interaction } from "./world.ts";

/** The one command that the core has got, once it is there. */
export async function commandIn(core: Core): Promise<CommandInbound> {
  await eventually(() => expect(core.commanded).toHaveLength(1));
  const [command] = core.commanded;
  assert(command);
  return command;
}

/** Resolves when an interaction has got its first response. */
export async function answered(interaction: Interaction): Promise<void> {
  await eventually(() => expect(interaction.callbacks).toHaveLength(1));
}

/** What people read in messages, oldest first. */
export function contentsOf(versions: readonly Shown[]): readonly string[] {
  return versions.map(textIn);
}

/** What only the asker reads as the answer to an interaction now. Empty: nothing yet. */
export function toldIn({ original, followUps }: Interaction): string {
  return contentsOf([...original.slice(-1), ...followUps]).join("\n");
}
