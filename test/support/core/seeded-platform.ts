import type { Message } from "../../../src/domain/message.ts";
import type { NewConversation } from "../../../src/ports/platform-history.ts";
import { FakePlatform } from "./fake-platform.ts";

/** A platform on which one thing was said, by Cleo, in each conversation before the bot was called. */
export class BackfilledPlatform extends FakePlatform {
  readonly #said: { readonly text: string; readonly saidAtMs: number };

  constructor(text: string, saidAtMs: number) {
    super();
    this.#said = { text, saidAtMs };
  }

  readonly fetchHistory = async ({ conversation }: NewConversation): Promise<readonly Message[]> => [
    { ...this.#said, id: `before-${conversation}`, author: { id: "cleo", name: "Cleo" }, attachments: [] },
  ];
}
