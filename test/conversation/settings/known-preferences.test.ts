import { expect, test } from "vitest";

import { KnownPreferences } from "../../../src/conversation/settings/known-preferences.ts";
import { defaultPreferences, type Preferences } from "../../../src/domain/preferences.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import type { Broadcast } from "../../../src/ports/broadcast.ts";
import type { PreferenceStore } from "../../../src/ports/preferences.ts";
import { HandClock } from "../../support/core/hand-clock.ts";

const { signal } = new AbortController();

/** A store that counts its reads, which may be held up. */
function openStore() {
  const kept = new Map<string, Preferences>();
  const store = {
    reads: 0,
    beforeAnswer: async (): Promise<void> => undefined,
    find: async (platform: string, person: string) => {
      store.reads += 1;
      const found = kept.get(`${platform}:${person}`) ?? defaultPreferences;
      await store.beforeAnswer();
      return found;
    },
    change: async (platform: string, person: string, change: Partial<Preferences>) => {
      kept.set(`${platform}:${person}`, { ...defaultPreferences, ...change });
    },
    drop: async (platform: string, person: string) => void kept.delete(`${platform}:${person}`),
  } satisfies PreferenceStore & Record<string, unknown>;
  return store;
}

function openReplica(store: PreferenceStore, broadcast: Broadcast, clock = new HandClock()) {
  return new KnownPreferences({ store, broadcast, clock });
}

test("preferences are read once, until they change on any replica", async () => {
  const store = openStore();
  const broadcast = new InProcessBroadcast();
  const one = openReplica(store, broadcast);
  const other = openReplica(store, broadcast);
  for (let turn = 0; turn < 5; turn += 1) await one.find("fake", "ada", signal);
  expect(store.reads).toBe(1);
  await other.change("fake", "ada", { language: "de", atMs: 1 }, signal);
  expect(await one.find("fake", "ada", signal)).toMatchObject({ language: "de" });
  await other.drop("fake", "ada", 2, signal);
  expect(await one.find("fake", "ada", signal)).toEqual(defaultPreferences);
  expect(store.reads).toBe(3);
});

test("a read that a change overtakes is not remembered", async () => {
  const store = openStore();
  const known = openReplica(store, new InProcessBroadcast());
  store.beforeAnswer = async () => {
    store.beforeAnswer = async () => undefined;
    await known.change("fake", "ada", { language: "de", atMs: 1 }, signal);
  };
  expect(await known.find("fake", "ada", signal)).toEqual(defaultPreferences);
  expect(await known.find("fake", "ada", signal)).toMatchObject({ language: "de" });
});

test("after an outage of the broadcasts, and after ten minutes, preferences are read again", async () => {
  const store = openStore();
  const clock = new HandClock();
  const onGap: (() => void)[] = [];
  const listen = () => ({ [Symbol.dispose]: () => undefined });
  const known = openReplica(
    store,
    { send: () => undefined, listen, onGap: (each) => void onGap.push(each) },
    clock,
  );
  await known.find("fake", "ada", signal);
  for (const each of onGap) each();
  await known.find("fake", "ada", signal);
  expect(store.reads).toBe(2);
  clock.pass(9 * 60_000);
  await known.find("fake", "ada", signal);
  expect(store.reads).toBe(2);
  clock.pass(2 * 60_000);
  await known.find("fake", "ada", signal);
  expect(store.reads).toBe(3);
});
