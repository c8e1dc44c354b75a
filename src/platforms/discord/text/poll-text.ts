import { EmbedType, MessageType, type APIEmbed, type APIPoll, type APIPollMedia } from "discord.js";

const maxAnswers = 20;

/** A poll with its answers, and with the votes once it is closed. */
export function pollText({ question, answers, results }: APIPoll): string {
  const votes = results?.is_finalized === true ? votesBy(results.answer_counts) : undefined;
  const lines = (answers ?? []).slice(0, maxAnswers).map(({ answer_id: id, poll_media: media }) => {
    const answer = mediaText(media);
    return votes === undefined ? answer : `${answer}: ${counted(votes.get(id) ?? 0, "vote")}`;
  });
  const heading = `${votes === undefined ? "poll" : "closed poll"}: ${mediaText(question)}`;
  return `[${[heading, lines.join(" / ")].filter((each) => each !== "").join(" ")}]`;
}

/**
 * A poll's result, which Discord sends as the fields of an embed.
 * https://discord.com/developers/docs/resources/message#embed-fields-by-embed-type-poll-result-embed-fields
 */
export function pollResultText(type: MessageType | undefined, embeds: readonly APIEmbed[]): string {
  const result = embeds.find((embed) => embed.type === EmbedType.PollResult);
  if (type !== MessageType.PollResult || result === undefined) return "";
  const value = (name: string): string => result.fields?.find((field) => field.name === name)?.value ?? "";
  const total = counted(Number(value("total_votes")), "vote");
  const sign = value("victor_answer_emoji_name");
  const isOwn = !["", "0"].includes(value("victor_answer_emoji_id"));
  const winner = [isOwn ? `:${sign}:` : sign, value("victor_answer_text")];
  const won = winner.filter((each) => each !== "").join(" ");
  const end =
    won === "" ? `no single winner, ${total}` : `${won} won, ${value("victor_answer_votes")} of ${total}`;
  return `[closed poll: ${value("poll_question_text")} ${end}]`;
}

function votesBy(
  counts: readonly { readonly id: number; readonly count: number }[],
): ReadonlyMap<number, number> {
  return new Map(counts.map(({ id, count }) => [id, count]));
}

function mediaText({ text, emoji }: APIPollMedia): string {
  const sign = emoji?.name ?? "";
  const shown = emoji?.id === undefined || emoji.id === null ? sign : `:${sign}:`;
  return [shown, text ?? ""].filter((each) => each !== "").join(" ");
}

function counted(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
