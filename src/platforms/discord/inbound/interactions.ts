import { GatewayDispatchEvents, type APIInteraction } from "discord.js";

import type { Log } from "../../../ports/log.ts";
import { codeOf, codes } from "../api/api-errors.ts";
import type { PendingResponses } from "../outbound/pending-responses.ts";
import { privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { respondToForm } from "./action-press.ts";
import { respondToAutocomplete } from "./autocomplete.ts";
import { isAway, respondAway } from "./away.ts";
import { respondToButton } from "./button.ts";
import {
  isAutocomplete,
  isButton,
  isFormSubmit,
  isMessageMenu,
  isSelect,
  isSlashCommand,
} from "./interaction-facts.ts";
import { respondToMenu, type MenuPorts } from "./menu.ts";
import { isAskForm, respondToQuestion } from "./asked-question.ts";
import { respondToSelect } from "./select.ts";
import { respondToSlashCommand, type SlashCommandPorts } from "./slash-command.ts";

export interface InteractionPorts extends SlashCommandPorts, MenuPorts {
  readonly pending: PendingResponses;
  readonly log: Log;
}

/** Discord wants the first response within 3 s; storing and responding share that time. */
const storeDeadlineMs = 1_500;

/**
 * Receives slash commands, what people type in their fields, the menus of messages, presses of buttons, forms, and choices from
 * menus, and gives each its first response.
 */
export class Interactions {
  readonly #ports: InteractionPorts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(ports: InteractionPorts) {
    this.#ports = ports;
  }

  listen(): void {
    this.#ports.client.ws.on(GatewayDispatchEvents.InteractionCreate, (interaction: APIInteraction) => {
      const responding = this.#ports.pending.track(interaction.id, () => this.#handle(interaction));
      this.#underWay.add(responding);
      void responding.finally(() => this.#underWay.delete(responding));
    });
  }

  /** Resolves when every interaction received so far has its response. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  async #handle(interaction: APIInteraction): Promise<void> {
    const { api, log } = this.#ports;
    const never = new AbortController().signal;
    try {
      const response = await this.#responseTo(interaction);
      if (response !== undefined) await api.interactions.respond(interaction, response, never);
    } catch (error) {
      // Every replica responds where nothing is stored, as with a picker; the first one wins.
      const isAnswered = codeOf(error) === codes.alreadyAnswered;
      const isOverdue = codeOf(error) === codes.unknownInteraction;
      const level = isAnswered ? "debug" : isOverdue ? "info" : "warn";
      log[level]({ err: error }, "could not respond to a Discord interaction");
    }
  }

  /** Undefined: not ours, or another replica has stored it and responds. */
  async #responseTo(interaction: APIInteraction): Promise<FirstResponse | undefined> {
    const storing = AbortSignal.timeout(storeDeadlineMs);
    if (isAutocomplete(interaction)) return respondToAutocomplete(this.#ports, interaction, storing);
    try {
      if (isMessageMenu(interaction)) return await respondToMenu(this.#ports, interaction, storing);
      if (isAskForm(interaction)) return await respondToQuestion(this.#ports, interaction, storing);
      if (isAway(this.#ports.client, interaction))
        return await respondAway(this.#ports, interaction, storing);
      if (isSlashCommand(interaction)) return await respondToSlashCommand(this.#ports, interaction, storing);
      if (isButton(interaction)) return await respondToButton(this.#ports, interaction, storing);
      if (isFormSubmit(interaction)) return await respondToForm(this.#ports, interaction, storing);
      return isSelect(interaction) ? await respondToSelect(this.#ports, interaction, storing) : undefined;
    } catch (error) {
      this.#ports.log.error({ err: error }, "could not store a Discord command; check the store");
      return privateResponse("I can't reach my memory right now. Please try again in a few minutes.");
    }
  }
}
