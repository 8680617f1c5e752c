import type { PageRecord } from "@belay/sdk/sync";
import { describe, expect, test } from "vitest";
import type { PageAnswer, WalkPage } from "../syncs/index.ts";
import { PageKeeper } from "./keep-pages.ts";

const mapped = (externalId: string, raw = "{}"): PageRecord => ({ kind: "mapped", externalId, version: null, data: "{}", raw, keys: [] });
const pageOf = (cursor: string, ids: readonly string[] = [cursor]): WalkPage => ({
  records: ids.map((id) => mapped(id)),
  pages: 1,
  cursor,
  expected: null,
  yields: false,
});
const many = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => String(from + index));

/** A desk that keeps a page when it is told to. */
const openDesk = () => {
  const kept: { readonly page: WalkPage; readonly answer: PromiseWithResolvers<PageAnswer> }[] = [];
  const keeper = new PageKeeper((page) => {
    const answer = Promise.withResolvers<PageAnswer>();
    kept.push({ page, answer });
    return answer.promise;
  });
  const settle = async (index: number, goOn = true): Promise<void> => {
    kept[index]!.answer.resolve({ goOn });
    await kept[index]!.answer.promise;
    await Promise.resolve();
  };
  return { keeper, kept, settle, cursors: () => kept.map(({ page }) => page.cursor) };
};

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const still = Symbol("still");
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, still))])) === still;
};

describe("pages on their way to the disk", () => {
  test("two are on their way, and what comes meanwhile is kept together, where the last of it led", async () => {
    const { keeper, kept, settle, cursors } = openDesk();
    for (const cursor of ["a", "b", "c", "d", "e"]) keeper.add(pageOf(cursor));
    expect(cursors()).toEqual(["a", "b"]);
    await settle(0);
    expect(cursors()).toEqual(["a", "b", "e"]);
    expect(kept[2]!.page).toMatchObject({ pages: 3, cursor: "e" });
    expect(kept[2]!.page.records.map(({ externalId }) => externalId)).toEqual(["c", "d", "e"]);
    const all = keeper.all();
    await settle(1);
    expect(await isPending(all)).toBe(true);
    await settle(2);
    expect(await all).toBe(true);
  });

  test("pages that share a record are not kept as one", async () => {
    const { keeper, settle, cursors } = openDesk();
    keeper.add(pageOf("a"));
    keeper.add(pageOf("b"));
    keeper.add(pageOf("c", ["1", "2"]));
    keeper.add(pageOf("d", ["2", "3"]));
    keeper.add(pageOf("e", ["4"]));
    await settle(0);
    expect(cursors()).toEqual(["a", "b", "c"]);
    await settle(1);
    expect(cursors()).toEqual(["a", "b", "c", "e"]);
  });

  test("there is room until as much waits as is kept in one go", async () => {
    const { keeper, kept, settle } = openDesk();
    keeper.add(pageOf("a"));
    keeper.add(pageOf("b"));
    keeper.add(pageOf("c", many(0, 300)));
    expect(await keeper.room()).toBe(true);
    keeper.add(pageOf("d", many(300, 300)));
    const room = keeper.room();
    expect(await isPending(room)).toBe(true);
    await settle(0);
    expect(await room).toBe(true);
    // More than belongs together is not put together.
    expect(kept[2]!.page).toMatchObject({ cursor: "c", pages: 1 });
  });

  test("large records leave room for few of them", async () => {
    const { keeper } = openDesk();
    keeper.add(pageOf("a"));
    keeper.add(pageOf("b"));
    keeper.add({ ...pageOf("c"), records: [mapped("c", "x".repeat(2_000_000))] });
    expect(await isPending(keeper.room())).toBe(true);
  });

  test("a walk that is told to stop gives nothing more to be kept", async () => {
    const { keeper, settle, cursors } = openDesk();
    for (const cursor of ["a", "b", "c"]) keeper.add(pageOf(cursor));
    const all = keeper.all();
    await settle(0, false);
    expect(await all).toBe(false);
    await settle(1);
    expect(cursors()).toEqual(["a", "b"]);
  });

  test("what was behind a page that could not be kept is not kept either, and who waits is told", async () => {
    const { keeper, kept, cursors } = openDesk();
    for (const cursor of ["a", "b", "c"]) keeper.add(pageOf(cursor));
    const room = keeper.room();
    const all = keeper.all();
    kept[0]!.answer.reject(new Error("the disk is full"));
    await expect(all).rejects.toThrow("the disk is full");
    expect(await room).toBe(true);
    await expect(keeper.room()).rejects.toThrow("the disk is full");
    expect(cursors()).toEqual(["a", "b"]);
  });
});
