import { describe, expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { readAllWays, type ReadingCase, type Wire } from "../../support/slack/read-all-ways.ts";

const app = { subtype: "bot_message", bot_id: "BAPP", username: "Watcher", user: undefined };

function mrkdwn(text: string): Wire {
  return { type: "mrkdwn", text };
}

function plain(text: string): Wire {
  return { type: "plain_text", text, emoji: true };
}

function section(text: string, more: Wire = {}): Wire {
  return { type: "section", text: mrkdwn(text), ...more };
}

function option(text: string, value: string, description?: string): Wire {
  return {
    text: plain(text),
    value,
    ...(description === undefined ? {} : { description: plain(description) }),
  };
}

const cases: readonly ReadingCase[] = [
  [
    "parts that say the same of different people, and signs apart",
    {
      ...app,
      text: "Stand-up of the web team",
      blocks: [
        section("Approved by <@U1>"),
        section("Approved by <@U2>"),
        section("Blockers: none"),
        section("*Kim*"),
        section("Blockers: none"),
        section("✅ Lint"),
        section("❌ Lint"),
        section("Seats: +5"),
        section("Seats: -5"),
      ],
    },
    "Stand-up of the web team\nApproved by @Ada\nApproved by @Bob\nBlockers: none\n*Kim*\nBlockers: none\n✅ Lint\n❌ Lint\nSeats: +5\nSeats: -5",
  ],
  [
    "fields and boxes with the same words",
    {
      ...app,
      text: "",
      attachments: [
        {
          title: "OPS-7",
          fields: [
            { title: "Old status", value: "Open" },
            { title: "Status", value: "Open" },
            { title: "", value: "Open" },
          ],
        },
        { title: "What did you do?", text: "fixed bugs" },
        { title: "What is next?", text: "fixed bugs" },
      ],
    },
    "OPS-7\nOld status: Open\nStatus: Open\nOpen\nWhat did you do?\nfixed bugs\nWhat is next?\nfixed bugs",
  ],
  [
    "an answer of Threadkeeper's, without its buttons",
    {
      ...app,
      text: "At noon.",
      blocks: [
        { type: "markdown", text: "At noon." },
        {
          type: "actions",
          elements: [
            { type: "button", action_id: "threadkeeper_press_0", text: plain("Regenerate"), value: "{}" },
            { type: "button", action_id: "take", text: plain("Take it"), value: "1" },
          ],
        },
        {
          type: "context_actions",
          elements: [
            {
              type: "feedback_buttons",
              action_id: "threadkeeper_feedback",
              positive_button: { text: plain("👍"), value: "{}" },
              negative_button: { text: plain("👎"), value: "{}" },
            },
          ],
        },
      ],
    },
    "At noon.\n[buttons: Take it]",
  ],
  [
    "Markdown that names people, groups and channels",
    {
      ...app,
      text: "",
      blocks: [
        { type: "markdown", text: "**Hi** <@U2>, see <#C7|general>, <!here>: `a<b>c` is x &lt; y" },
        {
          type: "markdown",
          text: "due <!date^1795000000^{date_short}|> or <!date^1795000000^{date}|Nov 18>",
        },
      ],
    },
    "**Hi** @Bob, see #general, @here: `a<b>c` is x < y\ndue 2026-11-18 11:06 UTC or Nov 18",
  ],
  [
    "times whose words in their place are none, or were true once",
    {
      ...app,
      text: "First seen <!date^1795000000^{date} {time}|2 min ago>, again <!date^1795000000^{ago}|date>",
      blocks: [],
    },
    "First seen 2026-11-18 11:06 UTC, again 2026-11-18 11:06 UTC",
  ],
  [
    "options that stand there, and what is chosen",
    {
      ...app,
      text: "",
      blocks: [
        {
          type: "actions",
          elements: [
            {
              type: "checkboxes",
              options: [option("Tag it", "1"), option("Announce", "2", "in #news")],
              initial_options: [option("Tag it", "1")],
            },
            { type: "button", text: plain("Save") },
          ],
        },
        section("Severity", {
          accessory: {
            type: "radio_buttons",
            options: [option("High", "h"), option("Low", "l")],
            initial_option: option("High", "h"),
          },
        }),
        section("Owner", {
          accessory: { type: "users_select", initial_user: "U2", placeholder: plain("Who?") },
        }),
        section("Due", { accessory: { type: "datepicker", initial_date: "2026-12-01" } }),
        {
          type: "input",
          label: plain("Priority"),
          element: { type: "static_select", placeholder: plain("Choose"), initial_option: option("P2", "2") },
        },
        {
          type: "input",
          label: plain("Notes"),
          element: { type: "plain_text_input", initial_value: "none yet" },
        },
      ],
    },
    "[buttons: Save]\n[x] Tag it\n[ ] Announce (in #news)\nSeverity\n[x] High\n[ ] Low\nOwner\n[chosen: @Bob]\nDue\n[chosen: 2026-12-01]\nPriority\n[chosen: P2]\nNotes\n[chosen: none yet]",
  ],
  [
    "an alert that is passed on, with its box",
    {
      text: "fyi",
      attachments: [
        {
          is_share: true,
          is_msg_unfurl: true,
          ts: "1795000000.000100",
          author_subname: "Grafana",
          text: "",
          fallback: "[no preview available]",
          message_blocks: [
            {
              team: "T1",
              message: {
                text: "",
                attachments: [{ title: "Disk full", fields: [{ title: "Host", value: "db-2" }] }],
              },
            },
          ],
        },
      ],
    },
    "fyi\n[forwarded message of Grafana, 2026-11-18 11:06 UTC]\n> Disk full\n> Host: db-2",
  ],
  [
    "a message that is passed on with what it passes on, and one that has its words elsewhere",
    {
      text: "",
      attachments: [
        {
          is_share: true,
          author_subname: "Bob",
          text: "look",
          attachments: [{ is_share: true, author_subname: "Cy", text: "the first words" }],
        },
        { is_share: true, author_subname: "Bob", message_blocks: [{ message: { text: "no other form" } }] },
      ],
    },
    "[forwarded message of Bob]\n> look\n> [forwarded message of Cy]\n> > the first words\n[forwarded message of Bob]\n> no other form",
  ],
  [
    "the card below the link that an app posts",
    {
      ...app,
      text: "<https://blog.example/1|Outage report>",
      attachments: [
        {
          from_url: "https://blog.example/1",
          title: "Outage report",
          title_link: "https://blog.example/1",
          text: "What went wrong on Tuesday",
        },
      ],
    },
    "[Outage report](https://blog.example/1)\nOutage report (https://blog.example/1)\nWhat went wrong on Tuesday",
  ],
  [
    "a picture that only says its size, and a video",
    {
      ...app,
      text: "",
      attachments: [{ image_url: "https://x.example/1.png", fallback: "400x200px image" }],
      blocks: [
        { type: "video", title: plain("Tour"), alt_text: "Tour", author_name: "Kim", provider_name: "Tube" },
      ],
    },
    "Tour\nKim · Tube",
  ],
];

describe("cards are read as people see them", () => {
  test("as an event, as backfill, as a missed message and as an edit", async () => {
    for (const { title, texts, expected } of await readAllWays(cases)) {
      expect({ title, texts }).toEqual({ title, texts: [expected, expected, expected, expected] });
    }
  });

  test("with their author, wherever Slack puts the name", async () => {
    await using bench = await openSlackBench();
    const { slack, accepted } = bench;
    slack.addPerson("BHOOK", "Deploys", { isBot: true });
    const root = await slack.say({ channel: "C1", user: "U1", text: "look", mention: true });
    const texts = [
      { subtype: "bot_message", bot_id: "BHOOK", text: "shop 7 is out" },
      { user: "UFAR", user_profile: { display_name: "", real_name: "Eve Far" }, text: "good" },
      {
        user: "U2",
        subtype: "message_share",
        text: "",
        attachments: [{ is_share: true, author_subname: "Bob", text: "in the old way" }],
      },
    ];
    accepted.inbounds.length = 0;
    for (const wire of texts) {
      const ts = slack.messages.nextTs();
      const where = { type: "message", channel: "C1", channel_type: "channel", thread_ts: root };
      await slack.sendEvent({ ...where, ts, event_ts: ts, ...wire });
    }
    const said = accepted.inbounds.flatMap((each) => (each.kind === "said" ? [each.message] : []));
    expect(said.map(({ author: { name }, text }) => [name, text])).toEqual([
      ["Deploys", "shop 7 is out"],
      ["Eve Far", "good"],
      ["someone", "[forwarded message of Bob]\n> in the old way"],
    ]);
  });

  test("and files by the titles that people see", async () => {
    await using bench = await openSlackBench();
    const files = [
      { name: "IMG_20.jpg", title: "Roof of the hall" },
      { name: "Q3_plan.pdf", title: "Q3 plan" },
      { name: "notes.txt", title: "notes.txt" },
      { name: "Launch_plan", title: "Launch: plan B", mode: "quip" },
      { name: "a.txt" },
      { title: "b" },
    ];
    const ts = bench.slack.messages.nextTs();
    const event = { type: "message", subtype: "file_share", channel: "D1", channel_type: "im", user: "U1" };
    await bench.slack.sendEvent({ ...event, ts, event_ts: ts, text: "", files });
    const [said] = bench.accepted.inbounds;
    expect(said?.kind === "said" && said.message.attachments.map(({ name }) => name)).toEqual([
      "Roof of the hall (IMG_20.jpg)",
      "Q3_plan.pdf",
      "notes.txt",
      "Launch: plan B",
      "a.txt",
      "b",
    ]);
  });
});
