import type { CreateOperation } from "../../connector/types.ts";
import type { Sync } from "../define-sync.ts";
import type { TwoWay, TwoWaySide } from "./define-two-way.ts";
import type { FieldOwner, MergeRules, SideName } from "./types.ts";

/** What is used of a mapping that goes both ways. */
export interface WritingMapping {
  /** In the place of the resource's own, where that wants what the model does not have. */
  readonly create?: CreateOperation<unknown> | undefined;
  readonly writable: readonly string[];
  /** The fields that it reads. */
  readonly lineage: Readonly<Record<string, unknown>>;
  readonly toProvider: (
    data: Readonly<Record<string, unknown>>,
    how: { readonly creating: boolean },
  ) => {
    readonly input: Readonly<Record<string, unknown>>;
    /** Which of the model's fields stands behind each of the provider's. */
    readonly fields: Readonly<Record<string, string>>;
  };
}

/** The mapping of a sync, where it goes both ways. */
export function mappingOf({ map }: Sync): WritingMapping | undefined {
  if (!("toProvider" in map) || !("writable" in map)) return undefined;
  return map as unknown as WritingMapping;
}

/** The fields that can be written to a side; undefined: all. */
function writableOf({ sync, write, writable }: TwoWaySide<never>): readonly string[] | undefined {
  return writable ?? (write === undefined ? mappingOf(sync)?.writable : undefined);
}

/** Whether records of a side can say anything of a field. A mapping that does not read it leaves it empty, which is no word on it. */
function reads({ sync }: TwoWaySide<never>, field: string): boolean {
  const mapping = mappingOf(sync);
  return mapping === undefined || Object.hasOwn(mapping.lineage, field);
}

/** The rules by which the sides of a two-way sync are merged. */
export function rulesOf({ a, b, own, conflict, deletes }: TwoWay): MergeRules {
  const writable = { a: writableOf(a), b: writableOf(b) };
  const canWrite = (side: SideName, field: string): boolean => writable[side]?.includes(field) !== false;
  return {
    canWrite,
    conflict,
    deletes,
    creates: typeof own === "string" ? own : "both",
    ownerOf: (field) => {
      const owner = (typeof own === "string" ? own : Object.hasOwn(own, field) ? own[field] : undefined) ?? "both";
      const canRead = { a: reads(a, field), b: reads(b, field) };
      return ownerAmong(owner, canRead.b && canWrite("a", field), canRead.a && canWrite("b", field));
    },
  };
}

/** A side that cannot be written to cannot be told, nor one whose other side knows nothing of the field: it is its own, or each side's. */
function ownerAmong(owner: FieldOwner, intoA: boolean, intoB: boolean): FieldOwner {
  if (owner === "both") return intoA && intoB ? "both" : intoA ? "b" : intoB ? "a" : "each";
  if (owner === "a") return intoB ? "a" : "each";
  if (owner === "b") return intoA ? "b" : "each";
  return "each";
}
