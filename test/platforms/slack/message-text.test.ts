import { describe, expect, test } from "vitest";

import { readAllWays, textsOf, type Wire } from "../../support/slack/read-all-ways.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";

const app = { subtype: "bot_message", bot_id: "BAPP", username: "Watcher", user: undefined };

function rich(...elements: readonly unknown[]): Wire {
  return { type: "rich_text", block_id: "b1", elements };
}

function section(...elements: readonly unknown[]): Wire {
  return { type: "rich_text_section", elements };
}

function words(text: string, style?: Wire): Wire {
  return { type: "text", text, ...(style === undefined ? {} : { style }) };
}

function mrkdwn(text: string): Wire {
  return { type: "mrkdwn", text, verbatim: false };
}

function plain(text: string): Wire {
  return { type: "plain_text", text, emoji: true };
}

/** Bodies from Slack with the text that people see. */
const cases: readonly (readonly [string, Wire, string])[] = [
  [
    "an alert in a box: title, text, fields and footer, without its fallback",
    {
      ...app,
      text: "",
      attachments: [
        {
          id: 1,
          color: "a30200",
          pretext: "Probe of <https://shop.example|the shop> failed",
          author_name: "Uptime",
          title: "DOWN: checkout",
          title_link: "https://uptime.example/i/9",
          text: "no answer for 3 min",
          fields: [
            { title: "Region", value: "eu-2", short: true },
            { title: "Runbook:", value: "<https://wiki.example/r|open>", short: true },
            { title: "", value: "paged &amp; waiting", short: false },
          ],
          footer: "probe 7",
          ts: 1_795_000_000,
          fallback: "DOWN: checkout - no answer",
        },
      ],
    },
    "Probe of [the shop](https://shop.example) failed\nUptime\nDOWN: checkout (https://uptime.example/i/9)\nno answer for 3 min\nRegion: eu-2\nRunbook: [open](https://wiki.example/r)\npaged & waiting\nprobe 7 · 2026-11-18 11:06 UTC",
  ],
  [
    "blocks in a box, whose fallback says that there is none",
    {
      ...app,
      text: "",
      attachments: [
        {
          fallback: "[no preview available]",
          blocks: [
            { type: "header", text: plain("Queue is full") },
            { type: "section", text: mrkdwn("*mail-2* holds 90k &gt; 50k") },
            { type: "divider" },
            {
              type: "context",
              elements: [
                { type: "image", image_url: "https://x.example/a.png", alt_text: "red dot" },
                mrkdwn("since 9:14"),
              ],
            },
          ],
        },
      ],
    },
    "Queue is full\n*mail-2* holds 90k > 50k\n[image: red dot] · since 9:14",
  ],
  [
    "blocks without a text, with fields, buttons and a picture",
    {
      ...app,
      text: "",
      blocks: [
        {
          type: "section",
          text: mrkdwn("*Triggered* #5120 <@U2> is on call"),
          accessory: { type: "button", action_id: "a", text: plain("Open") },
        },
        {
          type: "section",
          fields: [mrkdwn("*Service*\nbilling"), mrkdwn("*Since:*\n9:14"), plain("a\nb\nc")],
        },
        {
          type: "image",
          image_url: "https://x.example/g.png",
          alt_text: "errors per minute",
          title: plain("Graph"),
        },
        {
          type: "actions",
          elements: [
            { type: "button", action_id: "ack", text: plain("Acknowledge") },
            { type: "button", action_id: "res", text: plain("Resolve") },
            { type: "static_select", placeholder: plain("More…"), options: [] },
          ],
        },
      ],
    },
    "*Triggered* #5120 @Bob is on call\n[buttons: Open]\n*Service*: billing\n*Since:* 9:14\na\nb\nc\nGraph\n[image: errors per minute]\n[buttons: Acknowledge · Resolve]",
  ],
  [
    "a placeholder as the text of blocks",
    {
      ...app,
      text: "This content can't be displayed.",
      blocks: [{ type: "section", text: mrkdwn("Release 7 is out") }],
    },
    "Release 7 is out",
  ],
  [
    "a text that its blocks say with more",
    {
      ...app,
      text: "Build 31 failed: unit tests",
      blocks: [
        { type: "header", text: plain("Build 31 failed") },
        { type: "section", text: mrkdwn("unit tests, 3 of 90, on `main`") },
      ],
    },
    "Build 31 failed\nunit tests, 3 of 90, on `main`",
  ],
  [
    "a text that says more than its blocks, and another number than one of them",
    {
      ...app,
      text: "Build 32 failed on main after 9 min",
      blocks: [
        { type: "section", text: mrkdwn("Build 32 failed") },
        { type: "section", text: mrkdwn("Build 31 failed") },
      ],
    },
    "Build 32 failed on main after 9 min\nBuild 31 failed",
  ],
  [
    "a table, Markdown, a video, a card and an agent's task",
    {
      ...app,
      text: "",
      blocks: [
        {
          type: "table",
          rows: [
            [
              { type: "raw_text", text: "Plan" },
              { type: "raw_text", text: "Seats" },
            ],
            [rich(section(words("Team", { bold: true }))), { type: "raw_number", value: 12, text: "12" }],
          ],
        },
        { type: "markdown", text: "## Next\n- ship it" },
        {
          type: "video",
          title: plain("Tour"),
          alt_text: "How to start",
          video_url: "https://v.example",
          description: plain("two minutes"),
        },
        {
          type: "card",
          title: mrkdwn("Acme"),
          subtitle: mrkdwn("renewal"),
          body: mrkdwn("due in May"),
          actions: [{ type: "button", text: plain("Call") }],
        },
        {
          type: "task_card",
          task_id: "t",
          title: "Look up prices",
          status: "complete",
          output: rich(section(words("3 found"))),
        },
        { type: "some_new_block", text: mrkdwn("new but *said*") },
      ],
    },
    "Plan | Seats\n*Team* | 12\n## Next\n- ship it\nTour\nHow to start\ntwo minutes\nAcme\nrenewal\ndue in May\n[buttons: Call]\nLook up prices\n3 found\n[complete]\nnew but *said*",
  ],
  [
    "rich text with all that it can hold",
    {
      ...app,
      text: "",
      blocks: [
        rich(
          section(
            words("Hi "),
            { type: "user", user_id: "U2" },
            words(", see "),
            { type: "link", url: "https://a.example/x", text: "the plan" },
            words(" by "),
            { type: "date", timestamp: 1_795_000_000, format: "{date}", fallback: "Nov 18" },
            words(" "),
            { type: "emoji", name: "wave", skin_tone: 3 },
          ),
          {
            type: "rich_text_list",
            style: "bullet",
            indent: 0,
            elements: [
              section(words("one", { bold: true, italic: true })),
              section({ type: "channel", channel_id: "C7" }),
            ],
          },
          {
            type: "rich_text_list",
            style: "ordered",
            indent: 1,
            offset: 2,
            elements: [
              section(words("third", { code: true })),
              section({ type: "broadcast", range: "here" }),
            ],
          },
          { type: "rich_text_quote", elements: [words("so it was\nsaid", { strike: true })] },
          { type: "rich_text_preformatted", elements: [words("a < b && c")] },
          section(
            { type: "usergroup", usergroup_id: "S1" },
            words(" "),
            { type: "color", value: "#FF0000" },
            { type: "link", url: "https://b.example" },
          ),
        ),
      ],
    },
    "Hi @Bob, see [the plan](https://a.example/x) by Nov 18 :wave::skin-tone-3:\n• *_one_*\n• #some-channel\n    3. `third`\n    4. @here\n> ~so it was\n> said~\n```\na < b && c\n```\n@group #FF0000https://b.example",
  ],
  [
    "a person's text once, though blocks say it without the names of groups",
    {
      text: "<!subteam^S1|@oncall> look at <#C06ABCDEF|> and <#C7|general> :eyes:",
      blocks: [
        rich(
          section(
            { type: "usergroup", usergroup_id: "S1" },
            words(" look at "),
            { type: "channel", channel_id: "C06ABCDEF" },
            words(" and "),
            { type: "channel", channel_id: "C7" },
            words(" "),
            { type: "emoji", name: "eyes" },
          ),
        ),
      ],
    },
    "@oncall look at #some-channel and #general :eyes:",
  ],
  [
    "a message that a person passes on, with a comment",
    {
      text: "please sum this up",
      attachments: [
        {
          is_share: true,
          is_msg_unfurl: true,
          from_url: "https://acme.slack.com/archives/C9/p1",
          author_id: "U2",
          author_subname: "Bob",
          text: "Budget is 40k\nuntil June",
          fallback: "[May 2nd] Bob: Budget is 40k",
          message_blocks: [
            {
              team: "T1",
              channel: "C9",
              ts: "1.1",
              message: { blocks: [rich(section(words("Budget is 40k\nuntil June")))] },
            },
          ],
          files: [{ name: "budget.xlsx", mode: "hosted" }],
          footer: "Posted in #finance",
        },
      ],
    },
    "please sum this up\n[forwarded message of Bob]\n> Budget is 40k\n> until June\n> [file: budget.xlsx]",
  ],
  [
    "a message that is passed on without a comment, and has its words in blocks only",
    {
      text: "",
      attachments: [
        {
          is_share: true,
          author_id: "U2",
          text: "",
          fallback: "[no preview available]",
          message_blocks: [
            { message: { blocks: [{ type: "section", text: mrkdwn("Deploy of *shop* is blocked") }] } },
          ],
        },
      ],
    },
    "[forwarded message of Bob]\n> Deploy of *shop* is blocked",
  ],
  [
    "a link of a person, without what the page says of itself",
    {
      text: "<https://news.example/1>",
      attachments: [
        {
          from_url: "https://news.example/1",
          original_url: "https://news.example/1",
          title: "Buy now",
          text: "Best offer",
          fallback: "Buy now",
        },
      ],
    },
    "https://news.example/1",
  ],
  [
    "a list and an item of one, by their titles",
    {
      text: "",
      attachments: [
        { list: { id: "F1", title: "Launch tasks" }, fallback: "[no preview available]" },
        {
          list_record_id: "R1",
          list_record: {
            schema: [
              { id: "Col1", key: "name", is_primary_column: true },
              { id: "Col2", key: "due" },
            ],
            record: {
              fields: [
                { column_id: "Col2", text: "May 14" },
                { column_id: "Col1", key: "name", text: "Book the hall" },
              ],
            },
          },
        },
      ],
    },
    "[list: Launch tasks]\n[list item: Book the hall]",
  ],
  [
    "what Slack tells of files: a clip's words, an email, a snippet, a canvas, a picture",
    {
      subtype: "file_share",
      text: "",
      files: [
        {
          name: "audio_message.m4a",
          subtype: "slack_audio",
          mimetype: "audio/mp4",
          transcription: { status: "complete", preview: { content: "Call the venue today", has_more: true } },
        },
        {
          name: "clip.mp4",
          subtype: "slack_video",
          mimetype: "video/mp4",
          transcription: { status: "processing" },
        },
        {
          name: "Offer",
          title: "Offer",
          mode: "email",
          filetype: "email",
          subject: "Your offer",
          from: [{ address: "kim@acme.example", name: "Kim", original: "Kim <kim@acme.example>" }],
          plain_text: "It is 4,200 a year.",
          preview_plain_text: "It is",
        },
        { name: "fix.py", mode: "snippet", filetype: "python", preview: "x = 1", lines_more: 3 },
        { name: "Plan", title: "Plan for May", mode: "quip", filetype: "quip", pretty_type: "Canvas" },
        { name: "Tasks", title: "Tasks", mode: "list", filetype: "list" },
        { name: "p.png", mode: "hosted", mimetype: "image/png", alt_txt: "a whiteboard" },
        { name: "old.txt", mode: "tombstone", preview: "gone" },
      ],
    },
    "[transcript: Call the venue today […]]\n[email from Kim <kim@acme.example>: Your offer]\nIt is 4,200 a year.\n[snippet]\n```\nx = 1\n[…]\n```\n[canvas: Plan for May]\n[list: Tasks]\n[image: a whiteboard]",
  ],
  ["a name that is an attack", { text: "<@U3> hi" }, `@kcats Bo:${"x".repeat(71)} hi`],
  [
    "a placeholder that stands alone",
    { ...app, text: "This content can't be displayed." },
    "This content can't be displayed.",
  ],
  [
    "a picture with its name",
    {
      ...app,
      text: "",
      attachments: [{ image_url: "https://x.example/1.png", fallback: "Burn-down chart" }],
    },
    "[image: Burn-down chart]",
  ],
];

describe("messages are read as people see them", () => {
  test("as an event, as backfill, as a missed message and as an edit", async () => {
    for (const { title, texts, expected } of await readAllWays(cases)) {
      expect({ title, texts }).toEqual({ title, texts: [expected, expected, expected, expected] });
    }
  });

  test("within a budget, however long they are", async () => {
    await using bench = await openSlackBench();
    const { slack, accepted } = bench;
    const box = {
      pretext: "p ".repeat(500),
      text: "t ".repeat(500),
      fields: Array.from({ length: 60 }, (_, index) => ({ title: `f${index}`, value: "v" })),
    };
    const nested = (depth: number): Wire => ({
      type: "container",
      child_blocks: depth === 0 ? [] : [nested(depth - 1)],
      title: plain(`level ${depth}`),
    });
    const wires: readonly Wire[] = [
      {
        text: "hundred boxes",
        attachments: Array.from({ length: 100 }, (_, index) => ({ ...box, title: `box ${index}` })),
      },
      {
        text: "fifty blocks",
        blocks: Array.from({ length: 50 }, (_, index) => ({
          type: "section",
          text: mrkdwn(`${index} `.repeat(1_000)),
        })),
      },
      { text: "deep", blocks: [nested(40)] },
      {
        text: "odd",
        blocks: [
          null,
          7,
          "x",
          [],
          { type: 5 },
          { type: "section", text: 9, fields: "no" },
          { type: "table", rows: [1, [2], null] },
        ],
        attachments: { a: 1 },
      },
    ];
    for (const wire of wires) {
      const ts = slack.messages.nextTs();
      await slack.sendEvent({
        type: "message",
        channel: "C1",
        channel_type: "channel",
        user: "U1",
        ts,
        event_ts: ts,
        ...wire,
      });
    }
    const texts = textsOf(accepted.inbounds);
    expect(accepted.inbounds).toHaveLength(4);
    expect(texts.map((text) => text.split("\n", 1)[0])).toEqual([
      "hundred boxes",
      "fifty blocks",
      "deep",
      "odd",
    ]);
    expect(texts.every((text) => text.length < 20_000)).toBe(true);
    expect(texts[0]).toContain("[…]");
    expect(texts[2]).toContain("level 36");
  });
});
