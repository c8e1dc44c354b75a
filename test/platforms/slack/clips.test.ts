import { expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";

const words = { status: "complete", preview: { content: "Call the venue", has_more: true } };
const clip = { id: "F1", name: "audio_message.mp4", mimetype: "video/mp4", subtype: "slack_audio" };
const inDm = { type: "message", channel: "D1", channel_type: "im" };
const small = { ...clip, size: 90_000 };
const large = { ...clip, id: "F2", size: 30_000_000 };

async function openBench(hearsClips: boolean) {
  const bench = await openSlackBench({ settings: { hearsClips } });
  const send = async (ts: string, files: readonly object[]): Promise<void> => {
    const message = { user: "U1", ts, text: "", subtype: "file_share", files };
    await bench.slack.sendEvent({ ...inDm, ...message, event_ts: ts });
  };
  /** As Slack does when it has written down what is said. */
  const transcribe = async (ts: string): Promise<void> => {
    const message = { user: "U1", ts, text: "", subtype: "file_share" };
    await bench.slack.sendEvent({
      ...inDm,
      subtype: "message_changed",
      ts: `${ts}9`,
      event_ts: `${ts}9`,
      message: { ...message, files: [{ ...small, transcription: words }] },
      previous_message: { ...message, files: [{ ...small, transcription: { status: "processing" } }] },
    });
  };
  return Object.assign(bench, { send, transcribe });
}

test("Slack's transcript of a clip is not read where the bot listens by itself, unless the clip is too large", async () => {
  await using bench = await openBench(true);
  await bench.send("1700000000.000100", [{ ...small, transcription: words }]);
  await bench.transcribe("1700000000.000100");
  await bench.send("1700000000.000200", [{ ...large, transcription: words }]);
  expect(bench.accepted.inbounds).toMatchObject([
    { message: { text: "", attachments: [{ name: "audio_message.mp4", sizeBytes: 90_000 }] } },
    { message: { text: "[transcript: Call the venue […]]", attachments: [{ isShown: true }] } },
  ]);
  expect(JSON.stringify(bench.accepted.inbounds[0])).not.toContain("isShown");
});

test("else it is read, also where it comes later", async () => {
  await using bench = await openBench(false);
  await bench.send("1700000000.000100", [{ ...small, transcription: { status: "processing" } }]);
  await bench.transcribe("1700000000.000100");
  expect(bench.accepted.inbounds).toMatchObject([
    { kind: "said", message: { text: "" } },
    { kind: "edited", text: "[transcript: Call the venue […]]", isByApp: true },
  ]);
});
