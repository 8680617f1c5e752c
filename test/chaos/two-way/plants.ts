import type { SyncPlant } from "../sync/plants.ts";

const twoWay = "server/src/two-way";

/** Bugs of two-way syncs. As in `../sync/plants.ts`, each is a slip that a careful engineer could make. */
export const twoWayPlants = {
  "echo-pumped": {
    meaning: "what a side has made of what it was given counts as its own change, and goes back to where it came from",
    transforms: [
      {
        file: "server/src/flow/run-write.ts",
        find: "settleWrite(result.state, side, write, written.after)",
        replace:
          'settleWrite(result.state, side, write, write.kind === "delete" ? written.after : { ...written.after, data: { ...written.after.data, ...write.data } })',
      },
    ],
  },
  "link-overwritten": {
    meaning: "what was merged is written without looking whether somebody else has merged it meanwhile",
    transforms: [
      {
        file: `${twoWay}/keep-merge.ts`,
        find: "link?.revision !== request.revision || (plan",
        replace: "link === undefined || (plan",
      },
    ],
  },
  "created-unlooked": {
    meaning: "what is new at one side is created at the other without waiting for a walk of it",
    transforms: [
      {
        file: `${twoWay}/plan-turn.ts`,
        find: "return { side: otherSide(alone), awaits: otherSide(alone) };",
        replace: "return { side: otherSide(alone), awaits: null };",
      },
      {
        file: "server/src/flow/run-write.ts",
        find: 'const mayCreate = creation === "looked" ||',
        replace: 'const mayCreate = creation !== "sent" ||',
      },
    ],
  },
  "expected-forgotten": {
    meaning: "nobody remembers what is about to be created: should the process die, a walk takes it for a new thing",
    transforms: [
      {
        file: `${twoWay}/write-desk.ts`,
        find: "if (!(await expectRecord(tx, { tenant, connection, resource, record }, sent))) return false;",
        replace: "",
      },
    ],
  },
  "deleted-as-never-there": {
    meaning: "a record that is deleted at a side counts as one that the side never had, and is created anew",
    transforms: [
      {
        file: "server/src/flow/merged-thing.ts",
        find: "if (record === null) return undefined;",
        replace: "if (record === null || record.data === null) return undefined;",
      },
    ],
  },
} as const satisfies Readonly<Record<string, SyncPlant>>;

export type TwoWayPlantName = keyof typeof twoWayPlants;

export function isTwoWayPlant(name: string): name is TwoWayPlantName {
  return Object.hasOwn(twoWayPlants, name);
}
