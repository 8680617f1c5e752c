import { BelayError, type Flow, isBelayError, type Reproduction, validate } from "@belay/sdk";
import { runInOperation } from "@belay/sdk/http";
import type { SkippedTime } from "./skipped-time.ts";

/** How an attempt ended. */
export interface Outcome {
  /** Of the failure; `null`: it went well. */
  readonly code: string | null;
  readonly error: string | null;
  /** The step that failed last; empty when none did. */
  readonly step: string;
}

/** Longest run of one message, as in a worker. */
const longestRunMs = 60_000;

/** Runs the flow once, with the codes that a worker gives to what goes wrong. Never rejects. */
export async function runAttempt(
  fixture: Reproduction,
  flow: Flow,
  clients: { readonly target: unknown; readonly connections: Readonly<Record<string, unknown>> },
  time: SkippedTime,
  signal: AbortSignal,
): Promise<Outcome> {
  let failedStep = "";
  const inOperation = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const context = {
      key: `${fixture.eventKey}/${name}`,
      suspect: fixture.suspect,
      leaseCheck: () => {},
      signal,
      deadlineAt: time.now() + longestRunMs,
      ...(fixture.firstAttemptAt !== null && { firstAttemptAt: Date.parse(fixture.firstAttemptAt) }),
    };
    try {
      return await runInOperation(context, work);
    } catch (error) {
      if (name !== "") failedStep = name;
      throw error;
    }
  };
  try {
    const event = await readPayload(fixture, flow);
    if (fixture.attempt === 0) readKeys(event, flow);
    const step = createSteps(fixture.steps, inOperation);
    const { tenant, attempt, eventType: type } = fixture;
    const context = { event, type, tenant, attempt: Math.max(1, attempt), signal, step, ...clients };
    await inOperation("", () => flow.run(context as never));
    return { code: null, error: null, step: "" };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { code: isBelayError(error) ? error.code : "FLOW_FAILED", error: text, step: failedStep };
  }
}

async function readPayload({ payload, eventType }: Reproduction, flow: Flow): Promise<unknown> {
  const schema = flow.on.find(({ type }) => type === eventType)?.schema;
  const value: unknown = JSON.parse(payload.replace(/^\uFEFF/, ""));
  if (schema === undefined) return value;
  const validation = await validate(schema, value);
  if ("value" in validation) return validation.value;
  throw new BelayError("CONTRACT_PAYLOAD_INVALID", validation.issues.map(({ path, message }) => `${path}: ${message}`).join("; "));
}

/** What ingress reads of an event before anything runs. */
function readKeys(event: unknown, { orderKey, version }: Flow): void {
  try {
    const key = orderKey?.(event as never);
    const at = version?.(event as never);
    const isKey = orderKey === undefined || (String(key ?? "") !== "" && String(key).length <= 512);
    const isVersion = version === undefined || !Number.isNaN(typeof at === "string" ? Date.parse(at) : Number(at));
    if (isKey && isVersion) return;
  } catch (cause) {
    throw new BelayError("CONTRACT_KEY_INVALID", "The flow's orderKey or version threw.", { cause });
  }
  throw new BelayError("CONTRACT_KEY_INVALID", "The flow's orderKey or version gave nothing that can be used.");
}

/** Steps as a worker has them: what an earlier attempt had finished is not run again, a result is JSON, a name is used once. */
function createSteps(
  known: Readonly<Record<string, string>>,
  inOperation: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>,
) {
  const used = new Set<string>();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    if (used.has(name)) throw new BelayError("FLOW_STEP_REPEATED", `Step "${name}" ran twice in one run.`);
    used.add(name);
    const result = Object.hasOwn(known, name) ? known[name] : toJson(name, await inOperation(name, work));
    return JSON.parse(result ?? "null") as Result;
  };
}

function toJson(name: string, result: unknown): string {
  try {
    const text: unknown = JSON.stringify(result ?? null);
    if (typeof text === "string") return text;
  } catch (cause) {
    throw new BelayError("FLOW_STEP_RESULT_INVALID", `The result of step "${name}" is not JSON.`, { cause });
  }
  throw new BelayError("FLOW_STEP_RESULT_INVALID", `The result of step "${name}" is not JSON.`);
}
