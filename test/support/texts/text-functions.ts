import { textOf, type Content } from "../../../src/domain/content.ts";
import { ApplicationCommandOptionType, ComponentType } from "discord.js";

import { allCommands, commandsWith, runnersOf } from "../../../src/commands/all-commands.ts";
import { forget } from "../../../src/commands/forget.ts";
import { recall } from "../../../src/commands/recall.ts";
import { summary } from "../../../src/commands/summary.ts";
import { applyChanges } from "../../../src/conversation/inbounds/apply-changes.ts";
import { verifySummary } from "../../../src/conversation/summary/verify-summary.ts";
import { parseArgument } from "../../../src/conversation/command/parse-argument.ts";
import { asCommand, parseWrittenCommand } from "../../../src/conversation/command/parse-command.ts";
import { isYes } from "../../../src/conversation/planning/confirmation.ts";
import {
  extractFacts,
  partsOf,
  hasDecision,
  SearchableText,
} from "../../../src/conversation/summary/extract-facts.ts";
import { takeThatFits } from "../../../src/conversation/prompt/fit-items.ts";
import { summaryPrompt, readLines } from "../../../src/conversation/summary/summary-prompt.ts";
import {
  maxQuotedLines,
  speakerLooks,
  quoteForgedLines,
} from "../../../src/conversation/text/forged-lines.ts";
import { cleanDescription } from "../../../src/conversation/description/clean-description.ts";
import type { Attachment } from "../../../src/domain/message.ts";
import { describeImage } from "../../../src/domain/describe-image.ts";
import { parseTitle } from "../../../src/conversation/title/parse-title.ts";
import { parseSince, sincePattern } from "../../../src/conversation/command/parse-since.ts";
import { suggestSince } from "../../../src/conversation/command/suggest-since.ts";
import { isSimilarCommand } from "../../../src/conversation/command/similar-command.ts";
import {
  stripToCommand,
  removeBotNames,
  removeTypedMention,
} from "../../../src/conversation/command/strip-to-command.ts";
import { titleNote } from "../../../src/conversation/text/title-note.ts";
import { replyMark } from "../../../src/conversation/text/quoted-messages.ts";
import { buildPrompt } from "../../../src/conversation/prompt/build-prompt.ts";
import { citeAnswer } from "../../../src/conversation/recall/cite-answer.ts";
import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import { appendReply, appendMessages } from "../../../src/conversation/memory/append.ts";

import { truncate } from "../../../src/conversation/text/truncate.ts";
import { answerFile } from "../../../src/conversation/reply/answer-file.ts";
import { takeOutCode } from "../../../src/conversation/reply/code-files.ts";
import { layOut, layOutGrowing, layOutUnder } from "../../../src/conversation/reply/lay-out.ts";
import { takeEnding } from "../../../src/conversation/reply/take-ending.ts";
import { splitMarkdown } from "../../../src/conversation/reply/split-markdown.ts";
import { asPlainMarkdown } from "../../../src/conversation/text/plain-markdown.ts";
import { beginningOf, continueAnswer } from "../../../src/conversation/text/continue-answer.ts";
import { cutAnswerIn, isCutAnswer, markCut, withoutCutMark } from "../../../src/domain/cut-answer.ts";
import { oneLine } from "../../../src/domain/one-line.ts";
import { formatMessage } from "../../../src/conversation/text/format-message.ts";
import { eachTrace } from "../../../src/conversation/memory/traces.ts";
import { titlePrompt } from "../../../src/conversation/title/title-prompt.ts";
import { fitWindow } from "../../../src/conversation/memory/window.ts";
import { rankMatches } from "../../../src/domain/rank-matches.ts";
import { completeExcerpt, excerptBlock } from "../../../src/domain/excerpt.ts";
import { imagesOf, textOfImage } from "../../../src/domain/made-image.ts";
import { captionOf, withImages } from "../../../src/conversation/text/made-images.ts";
import { orderedImage } from "../../../src/conversation/images/ordered-image.ts";
import type { PostFile } from "../../../src/domain/post.ts";
import { withFileTexts } from "../../../src/domain/file-texts.ts";
import { quoteHeard, spokenIn, withoutHeard } from "../../../src/conversation/text/speech.ts";
import { withUnreadFiles } from "../../../src/conversation/text/unread-files.ts";
import type { Said } from "../../../src/domain/inbound.ts";
import { normalizeText } from "../../../src/domain/normalize-text.ts";
import type { ArchivedMessage } from "../../../src/domain/archive.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { matchWords, matchesAsPrefix, searchWords, wordsOf } from "../../../src/domain/search-words.ts";
import { isTimeZone } from "../../../src/domain/time-zone.ts";
import { stripBotMentions } from "../../../src/domain/strip-bot-mentions.ts";
import { titleFrom } from "../../../src/domain/title.ts";
import { countTokens } from "../../../src/models/count-tokens.ts";
import { demoAnswer, demoSummary } from "../../../src/models/demo/demo-answer.ts";
import { demoRollingSummary } from "../../../src/models/demo/demo-summary.ts";
import { recallCall, recallResult } from "../../../src/models/demo/demo-recall.ts";
import { findLines, isQuestion, contentWords } from "../../../src/models/demo/find-lines.ts";
import { endSentence, quote } from "../../../src/models/demo/quote.ts";
import { nameForReader, readPrompt } from "../../../src/models/demo/read-prompt.ts";
import { AnswerText } from "../../../src/models/visible-text/answer-text.ts";
import { readAnswerStart } from "../../../src/models/visible-text/answer-start.ts";
import { startsWithCall } from "../../../src/models/visible-text/call-start.ts";
import { strippedEndIn } from "../../../src/models/visible-text/stripped-harmony.ts";
import { headerAtStart } from "../../../src/models/visible-text/harmony-header.ts";
import { hiddenMarkerEffect } from "../../../src/models/visible-text/hidden-marker.ts";
import { callNamedBy, markerAtStart, nextMarker } from "../../../src/models/visible-text/marker.ts";
import { isInProse, opensProse } from "../../../src/models/visible-text/tag-in-prose.ts";
import { soundsLikeThinking } from "../../../src/models/visible-text/sounds-like-thinking.ts";
import { writtenCalls } from "../../../src/models/visible-text/written-calls.ts";
import { kindInSentence } from "../../../src/models/openai/failure/refusal-sentences.ts";
import { innerStatus } from "../../../src/models/openai/failure/inner-status.ts";
import { jsonObjectsIn } from "../../../src/models/json-objects.ts";
import { amountsIn } from "../../../src/models/openai/failure/amounts.ts";
import { imageFaultIn, placeIn } from "../../../src/models/openai/failure/image-refusal.ts";
import { privateResponse } from "../../../src/platforms/discord/wire/first-response.ts";
import { toArgument } from "../../../src/platforms/discord/inbound/command-argument.ts";
import { bodyOf, privateBodyOf } from "../../../src/platforms/discord/wire/message-body.ts";
import * as discordMessageText from "../../../src/platforms/discord/text/message-text.ts";
import * as discordPicker from "../../../src/platforms/discord/outbound/conversation-picker.ts";
import * as discordText from "../../../src/platforms/discord/text/markdown-to-text.ts";
import { matching, threadIn } from "../../../src/platforms/discord/inbound/conversation-option.ts";
import { localize } from "../../../src/platforms/discord/localization/localize.ts";
import { encodeLines } from "../../../src/platforms/slack/outbound/encode-lines.ts";
import { pieceAfter, withoutHalves } from "../../../src/platforms/slack/outbound/stream-piece.ts";
import { compactMarkdown, fitMarkdown } from "../../../src/platforms/slack/outbound/fit-markdown.ts";
import { tableAsCode } from "../../../src/platforms/slack/outbound/table-as-code.ts";
import {
  renderCompact,
  renderMarkdown,
  renderPlainText,
} from "../../../src/platforms/slack/outbound/render-content.ts";
import { toInbound } from "../../../src/platforms/slack/inbound/to-inbound.ts";
import { messageText } from "../../../src/platforms/slack/text/message-text.ts";
import { isFallbackNotice } from "../../../src/platforms/slack/text/fallback-notice.ts";
import * as slackPicker from "../../../src/platforms/slack/wire/conversation-picker.ts";
import * as slackText from "../../../src/platforms/slack/text/mrkdwn-to-text.ts";
import { mergeForms, seenTextOf } from "../../../src/platforms/slack/text/merge-forms.ts";
import { shownTime } from "../../../src/platforms/slack/text/utc-time.ts";
import { finishInline } from "../../../src/domain/markdown/finish-inline.ts";
import { closeMarkdown, finishMarkdown } from "../../../src/domain/markdown/finish-markdown.ts";
import { interrupts, itemMarker } from "../../../src/domain/markdown/block-starts.ts";
import { endOfHtml } from "../../../src/domain/markdown/html-blocks.ts";
import { readEmphasis } from "../../../src/domain/markdown/read-emphasis.ts";
import { readMarkdown } from "../../../src/domain/markdown/read-markdown.ts";
import { cellsOf } from "../../../src/domain/markdown/table-cells.ts";
import { labelOf } from "../../../src/platforms/slack/home/mrkdwn.ts";
import * as safeText from "../../../src/platforms/slack/wire/safe-text.ts";
import { slashCommandIn } from "../../../src/platforms/slack/inbound/from-slash-command.ts";
import { looksLikeCommand } from "../../../src/platforms/web/history/looks-like-command.ts";
import { frameIdOf, readFrame } from "../../../src/platforms/web/inbound/read-frame.ts";
import { removeForgedSources } from "../../../src/conversation/recall/cite-sources.ts";
import { emptyMemory, advanceRevision } from "../../../src/conversation/memory/new-memory.ts";
import { inheritedSources } from "../../../src/conversation/recall/inherited-sources.ts";
import { applyEditTo } from "../../../src/conversation/memory/remembered-message.ts";
import { LostTraces } from "../../../src/conversation/memory/lost-traces.ts";
import { budgetOf } from "../../../src/conversation/memory/budget.ts";
import { verbatimLines } from "../../../src/conversation/summary/verbatim-lines.ts";
import { payerIn } from "../core/payer-in.ts";

const location = { platform: "fake", place: "room" };
const author = { id: "ada", name: "Ada" };
const conversation = "fake:room:1";
const payer = payerIn(conversation);
const definitions = allCommands.map(({ definition }) => definition);
const quick = (content: Content): number => Math.ceil(textOf(content).length / 4);
const budget = budgetOf(16_000);
const when = { nowMs: 0, timeZone: "UTC" };

const messageOf = (text: string) => ({ id: "m1", author, text, saidAtMs: 1_000, attachments: [] });
const spokenMessage = (text: string) => ({
  text,
  attachments: [{ name: "a.ogg", isSpeech: true, textChars: text.length } as const],
});
const archivedMessageOf = (text: string): ArchivedMessage => ({
  ...messageOf(text),
  conversation,
  ...location,
  role: "person",
  speaker: "Ada",
  chapter: 1,
  answers: [],
  ordinal: 1,
  revision: 1,
});
const summaryRequestOf = (text: string) =>
  ({
    payer,
    previous: [],
    messagesToSummarize: [{ ...archivedMessageOf(text) }],
    timeZone: "UTC",
  }) as const;
const saidOf = (text: string): Said => ({
  kind: "said",
  conversation,
  dedupeId: "1",
  ...location,
  addressing: "mention",
  message: messageOf(text),
  replyTo: { platform: "fake", target: {} },
});

const imageCommands = runnersOf(commandsWith({ makesImages: true }));
const madeImageOf = (description: string): PostFile => ({
  name: "image-1.png",
  mediaType: "image/png",
  description,
  image: { mediaType: "image/png", width: 1, height: 1 },
  content: { hash: "hash", sizeBytes: 1 },
});

/** A memory with a message of Ada and our answer, which repeats it and has a source. */
function talkOf(text: string): ConversationMemory {
  const said = appendMessages(
    advanceRevision(emptyMemory(conversation, location), location, 0),
    [messageOf(text)],
    quick,
  );
  const sources = [{ conversation: "fake:other:1", message: "s" }] as const;
  const reply = { id: "r1", role: "bot", text, answers: [], saidAtMs: 2_000, posts: [], sources } as const;
  return advanceRevision(appendReply(said, reply, quick), location, 0);
}

function citedIn(text: string): unknown {
  const cited = {
    conversation: "fake:room:1",
    message: "m1",
    speaker: "Ada",
    saidAtMs: 1_000,
    text,
  } as const;
  return citeAnswer(text, [cited, { ...cited, message: "m2", text: "short" }], "UTC");
}

const slackFacts = {
  botUserId: "U1",
  botId: "B1",
  teamId: "T1",
  isOurs: () => true,
  currentId: (channel: string) => channel,
  workspaceUrl: "https://acme.slack.com/",
  nameOf: () => "Ada",
  nowMs: 0,
};
const nobody = () => undefined;
const names: discordText.Names = {
  user: nobody,
  role: nobody,
  channel: nobody,
  isBot: ({ id }) => id === "1",
};
const sceneOf = (text: string) => {
  const line = { speaker: "Ada", text };
  return { question: line, earlierCount: 2, earlier: [line, line] };
};
const promptOf = (text: string) =>
  ({
    purpose: "answer",
    payer,
    instructions: "",
    messages: [{ role: "person", content: text }],
    tools: [{ name: "recall", description: "", parameters: {} }],
  }) as const;

const looks = speakerLooks(["Ada", "Bob", "Zoë"]);

const fewPosts = { postChars: 1_900, maxPosts: 4, codeChars: 1_800 };

/** Every function that takes text of a person or of the model, by file and name. */
export const textFunctions: Readonly<Record<string, (text: string) => unknown>> = {
  "conversation/inbounds/apply-changes#applyChanges": (text) =>
    applyChanges(
      talkOf(text),
      [{ kind: "deleted", conversation, dedupeId: "d", ...location, message: "m1" }],
      quick,
    ),
  "conversation/summary/verify-summary#verifySummary": (text) =>
    verifySummary([{ text, cites: [] }], summaryRequestOf(text), quick),
  "conversation/summary/verbatim-lines#verbatimLines": (text) =>
    verbatimLines(
      [{ from: archivedMessageOf(text), facts: extractFacts(text).exact }],
      summaryRequestOf(text),
    ),
  "conversation/command/parse-argument#parseArgument": (text) =>
    [recall, forget, summary].map(({ definition }) => parseArgument(definition, text)),
  "conversation/command/parse-command#asCommand": (text) => [
    asCommand(saidOf(text), definitions),
    asCommand(saidOf(`recall ${text}`), definitions),
  ],
  "conversation/command/parse-command#writtenOrderIn": (text) =>
    parseWrittenCommand(saidOf(`/${text}`), definitions),
  "conversation/planning/confirmation#isYes": isYes,
  "conversation/summary/extract-facts#extractFacts": extractFacts,
  "conversation/summary/extract-facts#partsOf": partsOf,
  "conversation/summary/extract-facts#hasDecision": hasDecision,
  "conversation/summary/extract-facts#SearchableText": async (text) => {
    const told = new SearchableText(text);
    await told.findMissing({ exact: Array.from({ length: 300 }, (_, each) => `missing-${each}`) });
    return told.findMissing(extractFacts(`${text.slice(-text.length / 2)}b`));
  },
  "conversation/prompt/fit-items#takeThatFits": (text) =>
    takeThatFits([{ text }], 5_000, (item) => quick(item.text)),
  "conversation/summary/summary-prompt#summaryPrompt": (text) =>
    summaryPrompt(summaryRequestOf(text), 1_000, [text]),
  "conversation/summary/summary-prompt#readLines": (text) => [
    readLines(text, summaryRequestOf(text)),
    readLines(`- ${text}`, summaryRequestOf(text)),
  ],
  "conversation/text/forged-lines#quoteForgedLines": (text) => quoteForgedLines(text, looks),
  "conversation/text/forged-lines#quoteForgedLines of words": (text) =>
    quoteForgedLines(text.replaceAll(" ", ":\n"), looks),
  "conversation/text/forged-lines#quoteForgedLines of letters": (text) =>
    quoteForgedLines(text.replaceAll(/[^\n]/gu, "$&:\n").slice(0, text.length), looks),
  "conversation/text/forged-lines#maxQuotedLines": (text) =>
    maxQuotedLines(text.replaceAll(/[^\n]/gu, "$&:\n")),
  "domain/one-line#oneLine": oneLine,
  "domain/cut-answer#isCutAnswer": isCutAnswer,
  "domain/cut-answer#cutAnswerIn": cutAnswerIn,
  "conversation/text/continue-answer#beginningOf": beginningOf,
  "conversation/text/continue-answer#continueAnswer": (text) => continueAnswer(markCut(text, "length"), text),
  "domain/cut-answer#markCut": (text) => markCut(text, "length"),
  "domain/cut-answer#withoutCutMark": (text) => withoutCutMark(markCut(text, "time")),
  "conversation/text/plain-markdown#asPlainMarkdown": asPlainMarkdown,
  "conversation/description/clean-description#cleanDescription": (text) => cleanDescription(text),
  "domain/describe-image#describeImage": (text) =>
    describeImage({ text, attachments: [undescribedImage(text)] }, { file: "a", text }),
  "conversation/title/parse-title#parseTitle": (text) => [parseTitle(text), parseTitle(text.slice(0, 400))],
  "conversation/command/parse-since#parseSince": (text) => [
    parseSince(text, 0, "UTC"),
    parseSince(`since${text}`, 0, "UTC"),
  ],
  "conversation/command/parse-since#momentPattern": (text) => [
    sincePattern.test(text),
    sincePattern.test(`since${text}`),
  ],
  "conversation/command/suggest-since#suggestSince": (text) => suggestSince(text, 0),
  "platforms/discord/localization/localize#localize": localize,
  "platforms/discord/inbound/conversation-option#matching": (text) =>
    matching(
      [{ conversation: "discord:1:2", platform: "discord", place: "1:3", title: text, lastAtMs: 0 }],
      text,
    ),
  "platforms/discord/inbound/conversation-option#threadIn": threadIn,
  "conversation/command/similar-command#isNearOrder": (text) => [
    isSimilarCommand({ name: text, argument: text }, definitions),
    isSimilarCommand({ name: "forgett", argument: text }, definitions),
  ],
  "conversation/prompt/build-prompt#buildPrompt": (text) =>
    buildPrompt(talkOf(text), { instructions: "", budget, countTokens: quick, when, person: "ada" }),
  "conversation/text/title-note#titleNote": (text) =>
    titleNote({ text, tags: [text] }, { messages: [] }, [{ text }]),
  "conversation/text/quoted-messages#replyMark": (text) => {
    const [message] = talkOf(text).messages;
    return message && replyMark(message);
  },
  "conversation/recall/inherited-sources#inheritedSources": (text) => inheritedSources(talkOf(text), text),
  "conversation/recall/cite-answer#citeAnswer": citedIn,
  "conversation/memory/remembered-message#applyEditTo": (text) => {
    const talk = talkOf("a");
    return talk.messages.map((message) => applyEditTo(message, { text }, talk, quick));
  },
  "conversation/memory/append#appendMessages": talkOf,
  "conversation/memory/lost-traces#LostTraces": (text) => {
    const lost = new LostTraces();
    lost.add(text);
    lost.remove(text);
    return lost.isRepeatedIn(text);
  },
  "conversation/text/truncate#truncate": (text) => [truncate(text, 30_000), truncate(text, 5_000)],
  "conversation/reply/split-markdown#splitMarkdown": (text) => [
    splitMarkdown(text, 1_900),
    splitMarkdown(text, 8_000),
  ],
  "conversation/reply/answer-file#answerFile": (text) => [answerFile(text), answerFile(`# ${text}`)],
  "conversation/reply/code-files#takeOutCode": (text) => [
    takeOutCode(text, 1_000),
    takeOutCode(`\`\`\`${text}`, 1_000),
    takeOutCode(`    \`\`\`js\n${text}`, 1_000),
    takeOutCode("```\na\n```\n".repeat(text.length / 10), 1),
  ],
  "conversation/reply/take-ending#takeEnding": (text) => [
    takeEnding(text),
    takeEnding(`${text}\n\n*(${text})*`),
    takeEnding("\n\n*(a)*".repeat(text.length / 7)),
  ],
  "conversation/reply/lay-out#layOut": (text) => layOut(text, fewPosts),
  "conversation/reply/lay-out#layOutGrowing": (text) => layOutGrowing(text, fewPosts),
  "conversation/reply/lay-out#layOutUnder": (text) => layOutUnder(text, "Wait", fewPosts),
  "conversation/text/format-message#spokenText": (text) =>
    formatMessage({ role: "person", speaker: "Ada", text, attachments: [] }),
  "conversation/title/title-prompt#titlePrompt": (text) => {
    const talk = talkOf(text);
    return titlePrompt(talk, talk.messages, budget);
  },
  "conversation/memory/traces#eachTrace": (text) => eachTrace(text, () => false),
  "conversation/memory/window#fitWindow": (text) =>
    fitWindow(talkOf(text), { budget, countTokens: quick, syncedRevision: 9, nowMs: 0 }),
  "domain/normalize-text#normalizeText": (text) => normalizeText(text, "NFKD"),
  "domain/rank-matches#rankMatches": (text) => rankMatches([archivedMessageOf(text)], searchWords(text)),
  "domain/search-words#matchWords": (text) =>
    matchWords(text, searchWords("ada lovelace ops forty seven words never said 漢字 漢 ก")),
  "domain/search-words#matchesAsPrefix": matchesAsPrefix,
  "domain/search-words#searchWords": searchWords,
  "domain/search-words#wordsOf": wordsOf,
  "domain/time-zone#isTimeZone": isTimeZone,
  "domain/title#titleFrom": titleFrom,
  "models/count-tokens#countTokens": countTokens,
  "models/openai/failure/refusal-sentences#kindInSentence": (text) => kindInSentence(text, () => true),
  "models/openai/failure/inner-status#innerStatus": (text) => innerStatus(500, text, text),
  "models/json-objects#jsonObjectsIn": (text) => jsonObjectsIn(`{${text}`, 50),
  "models/openai/failure/image-refusal#imageFaultIn": imageFaultIn,
  "models/openai/failure/image-refusal#placeIn": placeIn,
  "models/openai/failure/amounts#amountsIn": (text) => [
    amountsIn(text),
    amountsIn(text.replaceAll(/\D/gu, "7 ")),
  ],
  "models/demo/demo-answer#demoAnswer": (text) => demoAnswer(sceneOf(text), undefined),
  "models/demo/demo-answer#demoSummary": (text) => demoSummary(sceneOf(text)),
  "models/demo/demo-summary#demoRollingSummary": (text) => [
    demoRollingSummary(text),
    demoRollingSummary(`- ${text}`),
    demoRollingSummary(`[1] ${text}`),
  ],
  "models/demo/demo-recall#recallCall": (text) => recallCall(promptOf(text), text),
  "models/demo/demo-recall#recallResult": (text) =>
    recallResult({
      payer: payerIn("web:user:1"),
      calls: [{ call: { id: "1", name: "recall", argument: "" }, result: text }],
    }),
  "models/demo/find-lines#findLines": (text) =>
    findLines({ speaker: "Ada", text }, [{ speaker: "Ada", text }]),
  "models/demo/find-lines#isQuestion": isQuestion,
  "models/demo/find-lines#contentWords": contentWords,
  "models/demo/quote#endSentence": endSentence,
  "models/demo/quote#quote": (text) => quote(text, 120),
  "models/demo/read-prompt#nameForReader": (text) => nameForReader(text, { payer: payerIn("web:user:1") }),
  "models/demo/read-prompt#readPrompt": (text) => readPrompt(promptOf(text)),
  "models/visible-text/answer-text#AnswerText": (text) => [
    answerOf(text),
    answerOf(`<think>${text}`),
    answerOf(`<tool_call>{${text}`),
  ],
  "models/visible-text/answer-start#readAnswerStart": (text) =>
    readAnswerStart(text, { tools: ["recall"], hasThought: false, isLast: false }),
  "models/visible-text/call-start#startsWithCall": (text) => startsWithCall(`{${text}`, ["recall"], false),
  "models/visible-text/stripped-harmony#strippedEndIn": strippedEndIn,
  "models/visible-text/harmony-header#headerAtStart": (text) => headerAtStart(text, false),
  "models/visible-text/hidden-marker#hiddenMarkerEffect": (text) =>
    hiddenMarkerEffect(
      `</${text}>`,
      { before: text, after: text },
      { state: "held", closing: undefined, mayMention: true, hasMessages: false },
    ),
  "models/visible-text/marker#callNamedBy": (text) => callNamedBy(`<${text}>`, ["recall"]),
  "models/visible-text/marker#markerAtStart": markerAtStart,
  "models/visible-text/marker#nextMarker": (text) => nextMarker(`<${text}`, /</u, false),
  "models/visible-text/tag-in-prose#isInProse": (text) => isInProse(text, text),
  "models/visible-text/tag-in-prose#opensProse": (text) => opensProse(text, false),
  "models/visible-text/sounds-like-thinking#soundsLikeThinking": (text) => soundsLikeThinking(text, false),
  "models/visible-text/written-calls#writtenCalls": (text) => [
    writtenCalls(text, [recallTool.definition]),
    writtenCalls(`recall words ${text}`, [recallTool.definition]),
  ],
  "platforms/discord/inbound/command-argument#toArgument": (text) =>
    toArgument(recall.definition, [
      { type: ApplicationCommandOptionType.String, name: "words", value: text },
    ]),
  "platforms/discord/wire/message-body#bodyOf": bodyOf,
  "platforms/discord/wire/message-body#privateBodyOf": privateBodyOf,
  "platforms/discord/outbound/conversation-picker#pickedName": (text) =>
    discordPicker.pickedName({ conversation, ...location, title: text, lastAtMs: 0 }, false),
  "platforms/discord/wire/first-response#privateResponse": privateResponse,
  "conversation/recall/cite-sources#removeForgedSources": (text) => removeForgedSources(`*Sources:*${text}`),
  "conversation/command/strip-to-command#stripToCommand": (text) => stripToCommand(text, "Acme Helper"),
  "conversation/command/strip-to-command#removeBotNames": (text) =>
    removeBotNames(`@bot ${text}`, "Acme Helper"),
  "conversation/command/strip-to-command#removeTypedMention": (text) => [
    removeTypedMention(text, "Acme Helper"),
    removeTypedMention(`Threadkeeper,${text}`),
  ],
  "platforms/discord/text/message-text#textOf": (text) =>
    discordMessageText.textOf(
      {
        content: text,
        author: { id: "7", username: text, discriminator: "0", avatar: null, global_name: null, bot: true },
        attachments: [],
        embeds: [{ title: text, description: text, fields: [{ name: text, value: text }] }],
        components: [{ type: ComponentType.TextDisplay, content: text }],
      },
      names,
    ),
  "platforms/discord/text/markdown-to-text#renderMarkup": (text) => discordText.renderMarkup(text, names),
  "platforms/discord/text/markdown-to-text#mentionsIn": discordText.mentionsIn,
  "platforms/discord/text/markdown-to-text#toPlainText": (text) => [
    discordText.toPlainText(text, names),
    discordText.toPlainText(`<@1>${text}<@1>`, names),
  ],
  "platforms/slack/wire/conversation-picker#pickedName": (text) => slackPicker.pickedName(text, undefined),
  "platforms/slack/wire/conversation-picker#privateMessage": slackPicker.privateMessage,
  "platforms/slack/text/mrkdwn-to-text#callsGroup": slackText.callsGroup,
  "platforms/slack/text/mrkdwn-to-text#decodeEntities": slackText.decodeEntities,
  "platforms/slack/text/mrkdwn-to-text#mentionsIn": slackText.mentionsIn,
  "platforms/slack/text/mrkdwn-to-text#toPlainText": (text) => slackText.toPlainText(text, () => "Ada"),
  "platforms/slack/text/mrkdwn-to-text#removeBotMention": (text) => [
    slackText.removeBotMention(text, "U1", "helper"),
    slackText.removeBotMention(`<@U1>${text}`, "U1", "helper"),
  ],
  "platforms/slack/outbound/encode-lines#encodeLines": (text) => encodeLines(text, (piece) => piece),
  "platforms/slack/outbound/stream-piece#withoutHalves": withoutHalves,
  "platforms/slack/outbound/stream-piece#pieceAfter": (text) => pieceAfter(text.slice(0, 100), text, false),
  "platforms/slack/outbound/fit-markdown#fitMarkdown": (text) => [
    fitMarkdown(text, { blocks: 49, tables: 1 }),
    fitMarkdown(`# a\n\n${text}\n\n| a |\n|---|\n| b |`, { blocks: 49, tables: 0 }),
  ],
  "platforms/slack/outbound/fit-markdown#compactMarkdown": compactMarkdown,
  "platforms/slack/outbound/table-as-code#tableAsCode": (text) =>
    tableAsCode(text, readMarkdown(text).lines, 1_000),
  "platforms/slack/outbound/render-content#renderMarkdown": (text) => renderMarkdown(text, { tables: 9 }),
  "platforms/slack/outbound/render-content#renderCompact": (text) => renderCompact(text),
  "platforms/slack/outbound/render-content#renderPlainText": (text) => renderPlainText(text),
  "platforms/slack/home/mrkdwn#labelOf": (text) => labelOf(text, 100),
  "platforms/slack/wire/safe-text#escapeMarkup": safeText.escapeMarkup,
  "platforms/slack/wire/safe-text#fallbackText": safeText.fallbackText,
  "platforms/slack/wire/safe-text#truncateTo": (text) => safeText.truncateTo(text, 100),
  "platforms/slack/wire/safe-text#neutralizePings": safeText.neutralizePings,
  "platforms/slack/inbound/from-slash-command#slashCommandIn": (text) =>
    slashCommandIn({ command: "/recall", text, user_id: "U2", channel_id: "C1", team_id: "T1" }, definitions),
  "platforms/slack/inbound/to-inbound#toInbound": (text) =>
    toInbound(
      { team_id: "T1", event: { type: "message", channel: "C1", ts: "1.2", user: "U2", text } },
      slackFacts,
    ),
  "platforms/slack/text/message-text#messageText": (text) => {
    const section = { type: "section", text: { type: "mrkdwn", text } };
    const quoted = { type: "rich_text_quote", elements: [{ type: "text", text }] };
    const box = { title: text, fields: [{ title: text, value: text }] };
    const shared = { is_share: true, text, attachments: [box] };
    const blocks = [{ type: "rich_text", elements: [quoted] }, section, { type: "markdown", text }];
    const files = [{ mode: "email", plain_text: text }];
    return messageText({ text, blocks, attachments: [box, shared], files }, slackFacts);
  },
  "platforms/slack/text/fallback-notice#isFallbackNotice": isFallbackNotice,
  "conversation/text/made-images#withImages": (text) => withImages(text, [madeImageOf(text)]),
  "domain/made-image#textOfImage": (text) => textOfImage(text, text),
  "domain/made-image#imagesOf": (text) => imagesOf(withImages("", [madeImageOf(text)])),
  "conversation/text/made-images#captionOf": (text) => captionOf([madeImageOf(text)]),
  "conversation/images/ordered-image#orderedImage": (text) =>
    orderedImage(imageCommands, saidOf(`imagine ${text}`), undefined),
  "domain/file-texts#withFileTexts": (text) =>
    withFileTexts({ text: "", attachments: [{ name: "a" }] }, text, [text]),
  "conversation/text/speech#spokenIn": (text) => spokenIn(spokenMessage(text)),
  "conversation/text/speech#quoteHeard": (text) => quoteHeard([spokenMessage(text)]),
  "conversation/text/speech#withoutHeard": (text) => withoutHeard(text),
  "conversation/text/unread-files#withUnreadFiles": (text) =>
    withUnreadFiles(text, [{ attachments: [{ name: text, unread: "broken" }] }]),
  "domain/excerpt#excerptBlock": (text) => excerptBlock(text, true),
  "domain/excerpt#completeExcerpt": (text) => [
    completeExcerpt(text, text),
    completeExcerpt("[snippet]\n```\na\n[…]\n```".repeat(text.length / 25), text),
    completeExcerpt("[snippet]\n```\n".repeat(text.length / 14), text),
  ],
  "domain/markdown/finish-markdown#closeMarkdown": closeMarkdown,
  "domain/markdown/finish-markdown#finishMarkdown": finishMarkdown,
  "domain/markdown/finish-inline#finishInline": (text) => finishInline(text, 0),
  "domain/markdown/block-starts#interrupts": (text) => {
    const item = itemMarker.exec(`- ${text}`);
    return item !== null && interrupts(item, `- ${text}`);
  },
  "domain/markdown/html-blocks#endOfHtml": (text) => [
    endOfHtml(text, false),
    endOfHtml(`<a ${text}`, false),
    endOfHtml(`<a a="${text}`, false),
  ],
  "domain/markdown/read-emphasis#readEmphasis": (text) => [
    readEmphasis(text, 0, []),
    finishInline(text.replaceAll(/\s/gu, ""), 0),
  ],
  "domain/markdown/read-markdown#readMarkdown": readMarkdown,
  "domain/markdown/table-cells#cellsOf": cellsOf,
  "domain/strip-bot-mentions#stripBotMentions": (text) =>
    stripBotMentions(`${text}@b ${text}`, /@b/gu, "helper"),
  "platforms/slack/text/merge-forms#mergeForms": (text) => mergeForms(text, [text]),
  "platforms/slack/text/merge-forms#seenTextOf": (text) => seenTextOf([text]).has(text),
  "platforms/slack/text/utc-time#shownTime": (text) => shownTime("1", text),
  "platforms/slack/text/mrkdwn-to-text#visibleName": slackText.visibleName,
  "platforms/web/history/looks-like-command#looksLikeCommand": (text) => [
    looksLikeCommand(text, definitions),
    looksLikeCommand(`/${text}`, definitions),
  ],
  "platforms/web/inbound/read-frame#frameIdOf": frameIdOf,
  "platforms/web/inbound/read-frame#readFrame": (text) => [
    readFrame(text),
    readFrame(JSON.stringify({ type: "say", id: "1", conversation: "c", text })),
  ],
};

function answerOf(text: string, startsThinking = false): unknown {
  const answer = new AnswerText({ startsThinking, tools: [recallTool.definition] });
  return [answer.push(text.slice(0, 50_000)), answer.push(text.slice(50_000)), answer.end(false)];
}

/** Functions that only pass a text on, or whose parts are all in the table. */
export const handingOn: ReadonlySet<string> = new Set([
  "conversation/memory/standing-answer#restore",
  "conversation/reply/tell-presser#tellPresser",
  "conversation/remembering/notify-author#notifyAuthor",
  "conversation/text/user-messages#questionWaitsFor",
  "conversation/text/user-messages#withReference",
  "models/openai/chat/chat-calls#asCalled",
  "platforms/discord/inbound/conversation-option#findConversations",
  "platforms/discord/inbound/to-said#addressForEdit",
  "platforms/slack/inbound/from-message#toMessage",
  "platforms/web/http/assets#sendText",
  "storage/records/search-by-words#searchByWords",
  "platforms/slack/outbound/send-in-forms#sendInForms",
  "platforms/slack/home/mrkdwn#mrkdwn",
  "platforms/slack/home/mrkdwn#plain",
  "platforms/slack/wire/form-view#formError",
]);

function undescribedImage(name: string): Attachment {
  const image = { mediaType: "image/png", width: 1, height: 1 } as const;
  return { name, ref: { platform: "fake", id: "a" }, image };
}
