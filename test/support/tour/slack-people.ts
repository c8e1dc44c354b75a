import { asList, asRecord, asText } from "../slack/untyped-json.ts";
import type { SlackWhisper } from "../slack/slack-hooks.ts";
import { markdownOf } from "../slack/slack-messages.ts";
import type { SlackStandIn } from "../slack/slack-stand-in.ts";
import { Answers, type Tour } from "./answers.ts";
import { byBot } from "./page.ts";
import { TourError } from "./patience.ts";

const channel = "C1";

interface Words {
  readonly thread?: string;
  readonly mention?: boolean;
}

/** The people in Slack: what they do is done there, and printed. */
export class SlackPeople {
  readonly answers: Answers;
  readonly #slack: SlackStandIn;
  readonly #tour: Tour;
  #whispersSeen = 0;

  constructor(tour: Tour, slack: SlackStandIn) {
    this.#tour = tour;
    this.#slack = slack;
    this.answers = new Answers(tour, () =>
      slack.messages.all
        .filter(({ botId, isDeleted }) => botId !== undefined && !isDeleted)
        .map((message) => ({ id: message.ts, text: markdownOf(message) })),
    );
    for (const name of ["Ada", "Grace"]) slack.addPerson(userId(name), name);
  }

  /** @returns the message, which is also the thread that begins with it. */
  say(who: string, text: string, { thread, mention = false }: Words = {}): Promise<string> {
    const isInThread = thread !== undefined;
    this.#tour.page.line({ who, text: mention ? `@threadkeeper ${text}` : text, isInThread });
    const where = thread === undefined ? {} : { threadTs: thread };
    return this.#slack.say({ channel, user: userId(who), text, mention, ...where });
  }

  async edit(who: string, message: string, text: string): Promise<void> {
    this.#tour.page.line({ who: `${who} (edits that)`, text, isInThread: true });
    await this.#slack.edit(channel, message, text);
  }

  /** Types a slash command in the channel, outside of all threads. */
  async command(who: string, command: string): Promise<void> {
    this.#tour.page.line({ who, text: command });
    await this.#slack.command({ channel, user: userId(who), command });
  }

  /** Prints what the bot tells one person alone. */
  async privately(who: string, words: string): Promise<void> {
    const { text, threadTs } = await this.#whisper(who, words);
    this.#tour.page.line(byBot({ text, isInThread: threadTs !== undefined, onlyTo: who }));
  }

  /** Prints the conversations that the bot offers to one person, and chooses the one with the words in its title. */
  async choose(who: string, title: string): Promise<void> {
    const { page } = this.#tour;
    const { text, blocks } = await this.#whisper(who, "");
    const offered = blocks.map(asRecord).find(({ type }) => type === "actions");
    const select = asRecord(asList(offered?.["elements"])[0]);
    const options = asList(select["options"]).map(asRecord).map(optionOf);
    const list = options.map((option) => `[ ${option.text} ]`);
    page.line(byBot({ text: [text, ...list].join("\n"), onlyTo: who }));
    const option = options.find((each) => each.text.includes(title));
    if (option === undefined) throw new TourError(`No conversation with “${title}” is offered.`);
    page.line({ who: `${who} (chooses)`, text: `[ ${option.text} ]` });
    await this.#slack.press({
      channel,
      user: userId(who),
      actionId: asText(select["action_id"]),
      blockId: asText(offered?.["block_id"]),
      value: option.value,
      label: option.text,
    });
  }

  /** Prints a line to one person alone with its buttons, and presses one. */
  async press(who: string, words: string, label: string): Promise<void> {
    const { page } = this.#tour;
    const { text, threadTs, blocks } = await this.#whisper(who, words);
    const isInThread = threadTs !== undefined;
    const row = blocks.map(asRecord).find(({ type }) => type === "actions");
    const buttons = asList(row?.["elements"]).map(asRecord);
    const list = buttons.map((button) => `[ ${optionOf(button).text} ]`).join("  ");
    page.line(byBot({ text: `${text}\n${list}`, isInThread, onlyTo: who }));
    const button = buttons.find((each) => optionOf(each).text === label);
    if (button === undefined) throw new TourError(`There is no button “${label}”.`);
    page.line({ who: `${who} (presses)`, text: `[ ${label} ]`, isInThread });
    const { value } = optionOf(button);
    await this.#slack.pressButton({
      channel,
      user: userId(who),
      actionId: asText(button["action_id"]),
      value,
    });
  }

  async #whisper(who: string, words: string): Promise<Pick<SlackWhisper, "text" | "threadTs" | "blocks">> {
    const whisper = await this.#tour.patience.until(`a private line to ${who} with “${words}”`, () => {
      const next = this.#slack.whispers[this.#whispersSeen];
      return next?.user === userId(who) && next.text.includes(words) ? next : undefined;
    });
    this.#whispersSeen += 1;
    return { ...whisper, text: markdownOf(whisper) === "" ? whisper.text : markdownOf(whisper) };
  }
}

function userId(name: string): string {
  return `U${name.toUpperCase()}`;
}

function optionOf(option: Readonly<Record<string, unknown>>): {
  readonly text: string;
  readonly value: string;
} {
  return { text: asText(asRecord(option["text"])["text"]), value: asText(option["value"]) };
}
