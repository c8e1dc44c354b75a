import {
  GatewayDispatchEvents,
  InteractionResponseType,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type Client,
} from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { orderOf } from "../../../domain/offer.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform.ts";
import { codeOf, codes } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import { argumentOf } from "./commands.ts";
import {
  isButton,
  isSelect,
  isSlashCommand,
  commandAuthor,
  rightsOf,
  roomOfInteraction,
} from "./interaction-facts.ts";
import { commandFrom, type Given, type Ordered } from "./interaction-command.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { bodyOf, privateBodyOf } from "../wire/message-body.ts";
import { namesFor } from "../api/user-names.ts";
import { pressedIn } from "../wire/offer-buttons.ts";
import type { OpenAnswers } from "../outbound/open-answers.ts";
import {
  pickedName,
  pickedCommand,
  pickerFor,
  threadOf,
  told,
  type FirstAnswer,
} from "../outbound/conversation-picker.ts";
import { toPlainText } from "../text/markdown-to-text.ts";
import { raceAbort } from "../api/race-abort.ts";

export interface InteractionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly lanes: RetryQueue;
  readonly answers: OpenAnswers;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Discord wants a first answer within 3 s; storing and answering share that time. */
const storeDeadlineMs = 1_500;
const inOrderMs = 500;
const offered = 10;

const deferred: FirstAnswer = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: privateBodyOf("").flags },
};
const picked: FirstAnswer = {
  type: InteractionResponseType.UpdateMessage,
  data: { ...bodyOf("One moment…"), components: [] },
};
/** The line with its buttons stays as it is until its answer takes its place. */
const taken: FirstAnswer = { type: InteractionResponseType.DeferredMessageUpdate };
const gone = "That conversation was deleted.";
const noHistory = "You can't read the message history here, so I can't show you its conversations.";

/** Takes slash commands, and the choices of the pickers that some of them are answered with. */
export class Interactions {
  readonly #ports: InteractionPorts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(ports: InteractionPorts) {
    this.#ports = ports;
  }

  listen(): void {
    this.#ports.client.ws.on(GatewayDispatchEvents.InteractionCreate, (interaction: APIInteraction) => {
      const answering = this.#ports.answers.during(interaction.id, () => this.#take(interaction));
      this.#underWay.add(answering);
      void answering.finally(() => this.#underWay.delete(answering));
    });
  }

  /** Resolves when every interaction taken so far is answered. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  async #take(interaction: APIInteraction): Promise<void> {
    const { api, log } = this.#ports;
    const never = new AbortController().signal;
    try {
      const answer = await this.#answerTo(interaction);
      if (answer !== undefined) await api.answerInteraction(interaction, answer, never);
    } catch (error) {
      // What needs no storing, such as a picker, every replica answers; the first one wins.
      const isAnswered = codeOf(error) === codes.alreadyAnswered;
      const isOverdue = codeOf(error) === codes.unknownInteraction;
      const level = isAnswered ? "debug" : isOverdue ? "info" : "warn";
      log[level]({ err: error }, "a Discord interaction could not be answered");
    }
  }

  /** Undefined when it is not ours to answer: another replica has stored it, and answers. */
  async #answerTo(interaction: APIInteraction): Promise<FirstAnswer | undefined> {
    const storing = AbortSignal.timeout(storeDeadlineMs);
    try {
      if (isSlashCommand(interaction)) return await this.#command(interaction, storing);
      if (isButton(interaction)) return await this.#press(interaction, interaction.data.custom_id, storing);
      return isSelect(interaction) ? await this.#choice(interaction, interaction.data, storing) : undefined;
    } catch (error) {
      this.#ports.log.error({ err: error }, "a Discord command could not be stored");
      return told("I can't reach my memory right now. Please try again in a few minutes.");
    }
  }

  async #command(
    interaction: APIChatInputApplicationCommandInteraction,
    signal: AbortSignal,
  ): Promise<FirstAnswer | undefined> {
    const { client, commands } = this.#ports;
    const { name, options } = interaction.data;
    const definition = commands.find((each) => each.name === name);
    const names = namesFor(client, interaction);
    const order = { name, argument: toPlainText(argumentOf(definition, options), names) };
    const room = roomOfInteraction(client, interaction);
    if (room.kind === "channel" && definition?.concerns !== "place") {
      // Titles quote what was said.
      if (rightsOf(interaction, "channel")?.includes("read") === false) return told(noHistory);
      const entries = (await this.#recent(room, offered + 1, signal)).slice(0, offered);
      return pickerFor(order, entries, this.#ports.clock.nowMs());
    }
    await this.#inOrder(room.channel);
    const acceptance = await this.#accept(
      interaction,
      { order },
      {
        room,
        to: conversationOf(room),
        ...commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel"),
      },
      signal,
    );
    if (acceptance === "duplicate") return undefined;
    return acceptance === "stored" ? deferred : told("Nothing here yet.");
  }

  async #choice(
    interaction: APIInteraction,
    { custom_id: customId, values }: { readonly custom_id: string; readonly values: readonly string[] },
    signal: AbortSignal,
  ): Promise<FirstAnswer | undefined> {
    const order = pickedCommand(customId);
    return order === undefined ? undefined : this.#orderIn(values[0] ?? "", interaction, { order }, signal);
  }

  /** A button under a line that only the asker sees. */
  async #press(
    interaction: APIInteraction,
    customId: string,
    signal: AbortSignal,
  ): Promise<FirstAnswer | undefined> {
    const pressed = pressedIn(customId);
    if (pressed === undefined) return undefined;
    const { id, topic, atMs } = pressed;
    const given = { order: orderOf(pressed, atMs, this.#ports.clock.nowMs()), offer: id };
    const room = roomOfInteraction(this.#ports.client, interaction);
    if (threadOf({ conversation: conversationOf(room) }) !== topic)
      return this.#orderIn(topic, interaction, given, signal);
    const kind = room.kind === "thread" ? "thread" : "channel";
    const where = { room, to: conversationOf(room), ...commandAuthor(interaction, kind) };
    const acceptance = await this.#accept(interaction, given, where, signal);
    if (acceptance === "duplicate") return againOf(given);
    return acceptance === "stored" ? picked : told("Nothing here yet.");
  }

  /** An order about one of the conversations that are listed in a channel. */
  async #orderIn(
    topic: string,
    interaction: APIInteraction,
    given: Given,
    signal: AbortSignal,
  ): Promise<FirstAnswer | undefined> {
    const room = roomOfInteraction(this.#ports.client, interaction);
    const to = conversationOf({ ...room, channel: topic });
    // A choice may be made long after it was offered, and many conversations may be newer.
    const entry = await raceAbort(signal, this.#ports.directory.entry(to, signal));
    if (entry?.place !== room.place || to === conversationOf(room)) return told(gone);
    const isThread = await this.#isThread(threadOf(entry), signal);
    const acceptance = await this.#accept(
      interaction,
      given,
      {
        // What everybody is to see of it belongs into the thread, not into the channel where it was picked.
        room: isThread ? { ...room, channel: threadOf(entry) } : room,
        to,
        picked: pickedName(entry, isThread),
        ...commandAuthor(interaction, isThread ? "thread" : "channel"),
      },
      signal,
    );
    if (acceptance === "duplicate") return againOf(given);
    return acceptance === "stored" ? picked : told(gone);
  }

  /** A sleeping thread is not among those that the gateway has told of. */
  async #isThread(id: string, signal: AbortSignal): Promise<boolean> {
    const { client, api } = this.#ports;
    const known = client.channels.cache.get(id);
    if (known !== undefined) return known.isThread();
    try {
      await api.channel(id, signal);
      return true;
    } catch (error) {
      if (error instanceof PlatformError && !error.isPassing) return false;
      throw error;
    }
  }

  /** Without what concerns the whole channel, which is listed in it for a moment. */
  async #recent(room: Room, limit: number, signal: AbortSignal): Promise<readonly DirectoryEntry[]> {
    const { directory } = this.#ports;
    const entries = await raceAbort(signal, directory.recent("discord", room.place, limit, signal));
    return entries.filter(({ conversation }) => conversation !== conversationOf(room));
  }

  /** What was written before the command is stored before it, unless the store is in trouble. */
  async #inOrder(channel: string): Promise<void> {
    const { lanes, clock } = this.#ports;
    const done = new AbortController();
    const patience = clock.sleep(inOrderMs, done.signal).catch(() => undefined);
    await Promise.race([lanes.idle(channel), patience]);
    done.abort();
  }

  #accept(interaction: APIInteraction, given: Given, ordered: Ordered, signal: AbortSignal) {
    const { accept, clock } = this.#ports;
    return raceAbort(signal, accept(commandFrom(interaction, given, ordered, clock.nowMs()), signal));
  }
}

/** A press under a line that was answered is one more, or the same that another replica has: the first answer wins. */
function againOf({ offer }: Given): FirstAnswer | undefined {
  return offer === undefined ? undefined : taken;
}
