/** An event that Belay has acknowledged and that asks for a write at a target. */
export interface AcknowledgedEvent {
  /** What the event is about: tenant, flow and order key in one text. */
  readonly entity: string;
  /** The entity's version that the event speaks of; larger is newer. */
  readonly version: number;
}

/** A record at a target, with its whole history of writes in the order in which the target committed them. */
export interface TargetRecord {
  readonly entity: string;
  readonly id: string;
  readonly writes: readonly TargetWrite[];
}

export interface TargetWrite {
  /** The version that was written. */
  readonly version: number;
  readonly operation: "create" | "update" | "delete";
  readonly idempotencyKey: string | undefined;
  /** False when the record already held exactly what was written. */
  readonly changed: boolean;
}

export interface Evidence {
  readonly acknowledged: readonly AcknowledgedEvent[];
  readonly records: readonly TargetRecord[];
  /** The entities of the dead letters, one entry for each. */
  readonly deadLetters: readonly string[];
}

export interface Violation {
  readonly kind: "lost" | "doubled" | "out-of-order" | "unasked";
  readonly entity: string;
  readonly message: string;
}

export interface Verdict {
  /** Acknowledged events whose write the targets have. */
  readonly delivered: number;
  readonly violations: readonly Violation[];
}

/**
 * Compares what was acknowledged with what the targets hold.
 *
 * - lost: the newest acknowledged version is not what the target shows, and there are fewer dead letters than missing versions.
 * - doubled: a second record for one entity, or a second effect of one event on a record. A repeated update is the same effect
 *   when it changes nothing and carries no other key.
 * - out of order: a version was written to a record after a newer one.
 * - unasked: a write that no acknowledged event asked for, such as the effect of a forged one.
 */
export function check({ acknowledged, records, deadLetters }: Evidence): Verdict {
  const versionsOf = new Map<string, Set<number>>();
  for (const { entity, version } of acknowledged) versionsOf.set(entity, (versionsOf.get(entity) ?? new Set()).add(version));
  const recordsOf = Map.groupBy(records, (record) => record.entity);
  const deadOf = Map.groupBy(deadLetters, (entity) => entity);
  const violations = [
    ...[...versionsOf].flatMap(([entity, versions]) =>
      lost(entity, versions, recordsOf.get(entity) ?? [], deadOf.get(entity)?.length ?? 0),
    ),
    ...[...recordsOf].flatMap(([entity, own]) => secondRecords(entity, own)),
    ...records.flatMap((record) => [...secondEffects(record), ...outOfOrder(record), ...unasked(record, versionsOf.get(record.entity))]),
  ];
  const written = new Set(records.flatMap(({ entity, writes }) => writes.map(({ version }) => `${entity}@${version}`)));
  const asked = new Set(acknowledged.map(({ entity, version }) => `${entity}@${version}`));
  return { delivered: [...written].filter((write) => asked.has(write)).length, violations };
}

function lost(entity: string, versions: ReadonlySet<number>, records: readonly TargetRecord[], deadLetters: number): Violation[] {
  const shown = Math.max(...records.map((record) => record.writes.at(-1)?.version ?? -Infinity));
  const missing = [...versions].filter((version) => version > shown);
  if (missing.length <= deadLetters) return [];
  const state = shown === -Infinity ? "has no record" : `shows version ${shown}`;
  return [
    {
      kind: "lost",
      entity,
      message: `acknowledged up to version ${Math.max(...versions)}, but the target ${state}, and ${deadLetters} dead letters do not explain it`,
    },
  ];
}

function secondRecords(entity: string, records: readonly TargetRecord[]): Violation[] {
  return records.slice(1).map((record) => ({ kind: "doubled", entity, message: `record ${record.id} stands beside ${records[0]?.id}` }));
}

function secondEffects({ entity, id, writes }: TargetRecord): Violation[] {
  return writes.flatMap((write, index) => {
    const earlier = writes.slice(0, index).findLast((other) => other.version === write.version);
    if (earlier === undefined) return [];
    const sameEffect = earlier.operation === write.operation && earlier.idempotencyKey === write.idempotencyKey && !write.changed;
    return sameEffect ? [] : [{ kind: "doubled" as const, entity, message: `version ${write.version} took effect on record ${id} twice` }];
  });
}

function outOfOrder({ entity, id, writes }: TargetRecord): Violation[] {
  let newest = -Infinity;
  return writes.flatMap(({ version }) => {
    const before = newest;
    newest = Math.max(newest, version);
    return version < before
      ? [{ kind: "out-of-order" as const, entity, message: `version ${version} was written to record ${id} after ${before}` }]
      : [];
  });
}

function unasked({ entity, id, writes }: TargetRecord, asked: ReadonlySet<number> | undefined): Violation[] {
  return writes
    .filter(({ version }) => asked?.has(version) !== true)
    .map(({ version }) => ({ kind: "unasked", entity, message: `no acknowledged event asked for version ${version} of record ${id}` }));
}
