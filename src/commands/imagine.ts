import type { CommandRunner } from "../conversation/command/command.ts";
import { whatToShow } from "../conversation/text/image-messages.ts";

/** Makes an image. A turn answers it as it answers a question: see `conversation/images`. */
export const imagine: CommandRunner = {
  definition: {
    name: "imagine",
    description: "Make an image from a description",
    options: [],
    text: { name: "description", description: "what it shows", isRequired: true, whenMissing: whatToShow },
    scope: "place",
  },
  isQuestion: true,
  interrupts: false,
  isPublic: () => true,
  needs: () => "write",
  run: async () => ({ say: "I don't answer here.", isShared: false }),
};
