import type { SlackStandIn } from "../slack/slack-stand-in.ts";
import type { Tour } from "./answers.ts";
import { TourError } from "./patience.ts";
import { SlackPeople } from "./slack-people.ts";

const listenedForMs = 1_000;
const knowsNothing = "It gave me no earlier messages";

/** A thread from its first mention to its fresh start. */
export async function playSlack(tour: Tour, slack: SlackStandIn): Promise<void> {
  tour.page.heading("Slack: #general");
  const people = new SlackPeople(tour, slack);
  const thread = await begin(people);
  await goOnAfterRestart(tour, people, thread);
  await edit(tour, people, thread);
  await sumUp(tour, people, thread);
  await joinIn(tour, people, thread);
  await startAfresh(tour, people, thread);
}

async function begin(people: SlackPeople): Promise<string> {
  let thread = "";
  const fact = "The launch is on 14 March, and Grace books the venue.";
  await people.answers.follow(async () => {
    thread = await people.say("Ada", fact, { mention: true });
  }, knowsNothing);
  await people.answers.follow(
    () => people.say("Ada", "The budget is 4,000 euros.", { thread }),
    "Ada began with “The launch is on 14 March",
  );
  return thread;
}

async function goOnAfterRestart(tour: Tour, people: SlackPeople, thread: string): Promise<void> {
  tour.page.note("The bot is stopped, and started again.");
  const code = await tour.program.restart();
  if (code !== 0) throw new TourError(`The bot ended with exit code ${code}.`);
  await people.answers.follow(
    () => people.say("Ada", "When is the launch?", { thread }),
    "- Ada: “The launch is on 14 March",
  );
}

async function edit(tour: Tour, people: SlackPeople, thread: string): Promise<void> {
  tour.page.note("Ada edits a question while it is being answered. The answer follows.");
  await people.answers.follow(async () => {
    const question = await people.say("Ada", "Who books the band?", { thread });
    await people.answers.begin();
    await people.edit("Ada", question, "Who books the venue?");
  }, "Ada said “Who books the venue?”");
}

async function sumUp({ page }: Tour, people: SlackPeople, thread: string): Promise<void> {
  page.note("A summary is for the one who asks.");
  await people.say("Ada", "summary", { thread, mention: true });
  await people.privately("Ada", "- Ada: “Who books the venue?”");
}

async function joinIn({ page }: Tour, people: SlackPeople, thread: string): Promise<void> {
  page.note("Grace joins. From now on the bot listens, and answers when it is mentioned.");
  await people.say("Grace", "I have booked the Harbour Hall.", { thread });
  await people.answers.none(listenedForMs);
  await people.answers.follow(
    () => people.say("Grace", "Which hall is it?", { thread, mention: true }),
    "- Grace: “I have booked the Harbour Hall.”",
  );
}

async function startAfresh({ page }: Tour, people: SlackPeople, thread: string): Promise<void> {
  page.note("Another thread has a memory of its own.");
  await people.answers.follow(
    () => people.say("Grace", "When is the launch?", { mention: true }),
    knowsNothing,
  );
  page.note("A command typed in the channel offers its recent threads.");
  await people.command("Ada", "/reset");
  await people.choose("Ada", "The launch is on 14 March");
  page.note("Others take part there, so it asks first. The others are told.");
  await people.answers.follow(
    () => people.press("Ada", "This thread has 2 people", "Reset for everyone"),
    "Fresh start",
  );
  await people.answers.follow(
    () => people.say("Ada", "When is the launch?", { thread, mention: true }),
    knowsNothing,
  );
}
