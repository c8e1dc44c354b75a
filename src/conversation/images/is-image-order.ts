import type { Said } from "../../domain/inbound.ts";
import type { Platform } from "../../ports/platform.ts";
import type { CommandRunner } from "../command/command.ts";
import { orderedImage } from "./ordered-image.ts";

interface Ports {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly commands: ReadonlyMap<string, CommandRunner>;
}

/** Whether a message is the command that makes an image, which a turn answers as a question. */
export function isImageOrder({ platforms, commands }: Ports, said: Said): boolean {
  const botName = platforms.get(said.platform)?.botNameIn?.(said.place);
  return orderedImage(commands, said, botName) !== undefined;
}
