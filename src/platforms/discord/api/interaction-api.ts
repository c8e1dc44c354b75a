import { Routes } from "discord.js";

import type { CardBody } from "../wire/card.ts";
import type { BodyWithFiles } from "../wire/message-body.ts";
import type { RestCalls } from "./rest-calls.ts";

const responseDeadlineMs = 2_500;
const uploadDeadlineMs = 40_000;

/** Discord's REST calls that answer interactions. @throws {PlatformError} from all methods. */
export class InteractionApi {
  readonly #calls: RestCalls;

  constructor(calls: RestCalls) {
    this.#calls = calls;
  }

  /** The first response. Discord refuses it 3 s after the interaction. */
  async respond(
    interaction: { readonly id: string; readonly token: string },
    body: { readonly type: number; readonly data?: object },
    signal: AbortSignal,
  ): Promise<void> {
    const route = Routes.interactionCallback(interaction.id, interaction.token);
    await this.#calls.call(
      {
        what: "respond to an interaction",
        method: "post",
        route,
        data: { body, auth: false },
        deadlineMs: responseDeadlineMs,
      },
      signal,
    );
  }

  /** Edits the first response. */
  async editResponse(
    { application, token }: { readonly application: string; readonly token: string },
    { files = [], ...body }: BodyWithFiles | CardBody,
    signal: AbortSignal,
  ): Promise<void> {
    const route = Routes.webhookMessage(application, token);
    const data = { body, files: [...files], auth: false };
    const deadline = files.length === 0 ? {} : { deadlineMs: uploadDeadlineMs };
    await this.#calls.call(
      { what: "edit the response to an interaction", method: "patch", route, data, ...deadline },
      signal,
    );
  }

  /** Removes the first response, or the message that was pressed where that one is only for the person. */
  async deleteResponse(
    { application, token }: { readonly application: string; readonly token: string },
    signal: AbortSignal,
  ): Promise<void> {
    const route = Routes.webhookMessage(application, token);
    const data = { auth: false };
    await this.#calls.call(
      { what: "delete the response to an interaction", method: "delete", route, data },
      signal,
    );
  }

  async createFollowUp(
    { application, token }: { readonly application: string; readonly token: string },
    { files = [], ...body }: BodyWithFiles | CardBody,
    signal: AbortSignal,
  ): Promise<void> {
    const route = Routes.webhook(application, token);
    const data = { body, files: [...files], auth: false, query: new URLSearchParams({ wait: "true" }) };
    const deadline = files.length === 0 ? {} : { deadlineMs: uploadDeadlineMs };
    await this.#calls.call(
      { what: "follow up on an interaction", method: "post", route, data, ...deadline },
      signal,
    );
  }
}
