import { expect, onTestFinished, test } from "vitest";

import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { OwnPosts } from "../../../src/platforms/slack/outbound/own-posts.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";

const channel = "C1";
const threadTs = "1.0";
const made = (count: number) => ({ channel, threadTs, ts: `2.${count}`, mark: { turn: "t1", part: count } });

/** Two replicas, and another workspace. */
function openReplicas() {
  const broadcast = new InProcessBroadcast();
  const announced: unknown[] = [];
  broadcast.listen("slack-own-posts", (news) => announced.push(news));
  const open = (teamId: string): OwnPosts =>
    new OwnPosts({ broadcast, clock, self: { botUserId: "UBOT", botId: "BBOT", teamId } });
  const [replica, other, stranger] = [open("T1"), open("T1"), open("T2")];
  onTestFinished(() => {
    for (const each of [replica, other, stranger]) each[Symbol.dispose]();
  });
  return { announced, broadcast, replica, other, stranger };
}

test("posts that are made at about the same time are announced together, to their workspace", async () => {
  const { announced, replica, other, stranger } = openReplicas();
  const posts = [made(0), made(1), made(2)];
  for (const post of posts) replica.publishSoon(post);
  replica.publishSoon(made(0));
  expect(replica.of({ channel, threadTs })).toEqual(posts);
  await expect.poll(() => other.of({ channel, threadTs })).toEqual(posts);
  replica.publishSoon(made(3));
  await expect.poll(() => other.of({ channel, threadTs })).toHaveLength(4);
  expect(announced).toHaveLength(2);
  expect(stranger.of({ channel, threadTs })).toEqual([]);
});

test("what is not announced yet is announced at the end", () => {
  const { replica, other } = openReplicas();
  replica.publishSoon(made(0));
  expect(other.of({ channel, threadTs })).toEqual([]);
  replica[Symbol.dispose]();
  expect(other.of({ channel, threadTs })).toEqual([made(0)]);
});

test("a post that is deleted before it is announced stays deleted", async () => {
  const { announced, replica, other } = openReplicas();
  replica.publishSoon(made(0));
  replica.publish({ ...made(0), isDeleted: true });
  await expect.poll(() => announced).toHaveLength(2);
  expect(other.of({ channel, threadTs })).toEqual([]);
});

test("an announcement of another form is ignored", () => {
  const { broadcast, replica } = openReplicas();
  for (const odd of [null, "x", { installation: "T1" }, { installation: "T1", posts: [{ ts: 1 }] }])
    broadcast.send("slack-own-posts", odd);
  expect(replica.of({ channel, threadTs })).toEqual([]);
});

test("the newest 10,000 posts are known, oldest first", () => {
  const { replica } = openReplicas();
  const posts = Array.from({ length: 10_002 }, (_, count) => made(count));
  for (const post of posts) replica.publish(post);
  // Its event comes later than its answer, and may hold more.
  replica.publish({ channel, threadTs, ts: made(2).ts });
  expect(replica.of({ channel, threadTs })).toEqual(posts.slice(2));
});
