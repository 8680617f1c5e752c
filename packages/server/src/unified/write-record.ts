import { BelayError, isBelayError, valueAt } from "@belay/sdk";
import { askProvider } from "./ask-provider.ts";
import type { Covered } from "./find-mapping.ts";
import { refuseDropped } from "./refuse-dropped.ts";
import { type LiveParts, notCovered, type Place, viewer } from "./read-live.ts";
import type { UnifiedView } from "./view.ts";

export interface UnifiedWrite {
  readonly tenant: string;
  /** Of the request; the provider's key is made of it. */
  readonly key: string;
  /** An earlier request with this key has left no answer, and may have had its effect. */
  readonly suspect: boolean;
  readonly place: Place;
  /** The fields to be written, by the model's names; others are left alone. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Creates a record at the provider. It comes back as the provider has it then.
 *
 * @throws `UNIFIED_FIELD_REFUSED` naming fields that are wrong or cannot be written, `UNIFIED_NOT_COVERED`, and what `askProvider` throws.
 */
export async function createUnified(parts: LiveParts, covered: Covered, write: UnifiedWrite): Promise<UnifiedView> {
  const { mapping, connector, connection } = covered;
  const declared = mapping.create ?? connector.resources[mapping.resource]?.create;
  const { input, fields } = inputOf(covered, write, true);
  // A look before the write tells whether an earlier request has made it already; where nobody can look, it is sent.
  const suspect = write.suspect || declared?.safety.kind === "readBack";
  const view = await viewer(parts, covered);
  return await askProvider(parts, { connection, key: keyOf(covered, write), suspect, fields }, async () => {
    const calls = await parts.providers(covered, write.place);
    if (calls.create === undefined) throw notCovered(covered, "cannot be created");
    const made = view(await asItIs(covered, calls, await calls.create(input)));
    if (made === undefined) throw notCovered(covered, "become none of this model");
    return made;
  });
}

/** Changes fields of a record at the provider. @throws as `createUnified`; `API_NOT_FOUND` where the provider has no such record. */
export async function updateUnified(parts: LiveParts, covered: Covered, id: string, write: UnifiedWrite): Promise<UnifiedView> {
  const { connection } = covered;
  const { input, fields } = inputOf(covered, write, false);
  const view = await viewer(parts, covered);
  return await askProvider(parts, { connection, key: keyOf(covered, write), suspect: write.suspect, fields }, async () => {
    const calls = await parts.providers(covered, write.place);
    if (calls.update === undefined) throw notCovered(covered, "cannot be changed");
    const answer = await calls.update(id, input);
    const record = calls.get === undefined ? answer : await readAgain(calls.get, id, answer);
    const changed = record === undefined ? undefined : view(record);
    if (changed === undefined) throw new BelayError("API_NOT_FOUND", `The provider has no record "${id}" of this model.`);
    return changed;
  });
}

type Calls = Awaited<ReturnType<LiveParts["providers"]>>;

/** Answers to writes do not have all fields everywhere: the record is read once more, where that can be done. */
async function asItIs({ connector, mapping }: Covered, calls: Calls, answer: unknown): Promise<unknown> {
  const id = valueAt(answer, connector.resources[mapping.resource]?.id ?? "id");
  return calls.get === undefined ? answer : ((await readAgain(calls.get, String(id), answer)) ?? answer);
}

/** Where it cannot be read now, the answer to the write has to do: told that it has failed, whoever asks again would have it written twice. */
async function readAgain(get: NonNullable<Calls["get"]>, id: string, answer: unknown): Promise<unknown> {
  try {
    return await get(id);
  } catch (error) {
    if (answer === undefined) throw error;
    return answer;
  }
}

function inputOf({ mapping }: Covered, { data }: UnifiedWrite, creating: boolean): ReturnType<Covered["mapping"]["toProvider"]> {
  try {
    refuseDropped(mapping, data, { creating });
    return mapping.toProvider(data, { creating });
  } catch (error) {
    if (isBelayError(error) && error.code === "UNIFIED_FIELD_REFUSED") throw error;
    throw new BelayError("UNIFIED_FIELD_REFUSED", error instanceof Error ? error.message : "A field cannot be written.", { cause: error });
  }
}

/** Connection and model are in it, so that nobody's key is ever another's. */
function keyOf({ connection, mapping }: Covered, { tenant, key }: UnifiedWrite): string {
  return `unified/${tenant}/${connection.id}/${mapping.resource}/${key}`;
}
