import { BelayError, type Connection, type Flow, isBelayError, type Reference, type Retry, validate } from "@belay/sdk";
import { type Attempt, runInOperation } from "@belay/sdk/http";
import type { FinishedStep, RunEnd, RunRequest } from "./protocol.ts";
import type { RunWatch } from "./run-report.ts";
import { StepContext } from "./step-context.ts";

export interface RunParts {
  readonly flow: Flow;
  readonly target: Connection;
  /** The typed client of the target. */
  readonly client: unknown;
  /** The typed clients of the further connections, by the names that the flow gave them. */
  readonly connections: Readonly<Record<string, unknown>>;
  readonly now: () => number;
  readonly watch: RunWatch;
  /** Calls the flow's code, and notes that it is in it. */
  readonly enter: <T>(code: () => T) => T;
  /** Told of every attempt of a call after it ended. */
  readonly onAttempt?: (attempt: Attempt) => void;
  readonly runTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Throws `LEASE_LOST`. */
  readonly leaseCheck: () => void;
  /** Resolves when the result is on disk. */
  readonly recordStep: (step: FinishedStep) => Promise<void>;
}

/**
 * Runs a flow once on one message. Never rejects: however it ends is the answer. A run whose lease was found gone before a write is suspended, also
 * when the flow caught the error: what it left out would count as done.
 *
 * The results of finished steps are on disk before a step begins, and before the run is said to have failed. The last step of a run needs no write of its own,
 * because the end of the message says the same.
 */
export async function runMessage(request: RunRequest, parts: RunParts): Promise<RunEnd> {
  const steps = new Steps(request, parts);
  try {
    const event = await readPayload(request, parts.flow);
    const context = {
      event,
      type: request.eventType,
      tenant: request.tenant,
      attempt: request.attempt,
      target: parts.client,
      connections: parts.connections,
      signal: parts.signal,
      step: steps.run,
    };
    // A call outside any step belongs to the run itself.
    await steps.inOperation("", () => parts.enter(() => parts.flow.run(context as never)));
    if (steps.leaseLost) return { run: request.run, kind: "suspended" };
    return { run: request.run, kind: "delivered", stepped: steps.recorded, ...steps.created(), ...parts.watch.report(false) };
  } catch (error) {
    // What has finished is not run again by the next attempt. If it cannot be stored, its idempotency key still covers it.
    await steps.record().catch(() => {});
    if (steps.leaseLost) return { run: request.run, kind: "suspended" };
    const end = toEnd(request.run, error, steps.recorded, parts.signal);
    return end.kind === "failed" ? { ...end, ...steps.created(), ...parts.watch.report(!end.waits) } : end;
  }
}

async function readPayload(request: RunRequest, flow: Flow): Promise<unknown> {
  const schema = flow.on.find(({ type }) => type === request.eventType)?.schema;
  // Ingress lets a byte order mark pass, as RFC 8259 allows.
  const value: unknown = JSON.parse(request.payload.replace(/^\uFEFF/, ""));
  if (schema === undefined) return value;
  const validation = await validate(schema, value);
  if ("value" in validation) return validation.value;
  const issues = validation.issues.map(({ path, message }) => `${path === "" ? "payload" : path}: ${message}`).join("; ");
  throw new BelayError("CONTRACT_PAYLOAD_INVALID", issues);
}

class Steps {
  /** The database holds results of this message. */
  recorded: boolean;
  leaseLost = false;
  readonly #request: RunRequest;
  readonly #parts: RunParts;
  readonly #names = new Set<string>();
  /** Results of steps that have finished since the last step began: several when steps run side by side. */
  #unrecorded: FinishedStep[] = [];
  #recording: Promise<void> = Promise.resolve();
  readonly #created: Reference[] = [];

  constructor(request: RunRequest, parts: RunParts) {
    this.#request = request;
    this.#parts = parts;
    this.recorded = Object.keys(request.steps).length > 0;
  }

  readonly run = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    if (this.#names.has(name))
      throw new BelayError("FLOW_STEP_REPEATED", `Step "${name}" ran twice in one run; give each step its own name.`);
    this.#names.add(name);
    // A step may be called "constructor".
    const known = Object.hasOwn(this.#request.steps, name) ? this.#request.steps[name] : undefined;
    if (known !== undefined) return JSON.parse(known) as Result;
    await this.record();
    let wrote = false;
    const result = toJson(
      name,
      await this.inOperation(
        name,
        () => this.#parts.enter(work),
        () => void (wrote = true),
      ),
    );
    this.#unrecorded.push({ name, result, wrote });
    // Read back, so that a date is a text in the first attempt as it is in every later one.
    return JSON.parse(result) as Result;
  };

  /** What records are known by that this run created. */
  created(): { readonly created?: readonly Reference[] } {
    return this.#created.length === 0 ? {} : { created: this.#created };
  }

  /** Resolves when the results of all finished steps are stored, whoever began to store them. */
  record(): Promise<void> {
    const finished = this.#unrecorded;
    if (finished.length > 0) {
      this.#unrecorded = [];
      this.recorded = true;
      this.#recording = Promise.all([this.#recording, ...finished.map((step) => this.#recordOne(step))]).then(() => {});
    }
    return this.#recording;
  }

  async #recordOne(step: FinishedStep): Promise<void> {
    try {
      await this.#parts.recordStep(step);
    } catch (cause) {
      throw new BelayError("FLOW_STEP_UNRECORDED", `The result of step "${step.name}" could not be stored.`, { retry: "backoff", cause });
    }
  }

  readonly #checkLease = (): void => {
    try {
      this.#parts.leaseCheck();
    } catch (error) {
      this.leaseLost = true;
      throw error;
    }
  };

  async inOperation<Result>(name: string, work: () => Promise<Result>, onWrite?: () => void): Promise<Result> {
    const { watch } = this.#parts;
    const step = watch.begin(name);
    const context = new StepContext(this.#request, {
      name,
      signal: this.#parts.signal,
      deadlineAt: this.#parts.now() + this.#parts.runTimeoutMs,
      traceparent: step.traceparent,
      leaseCheck: this.#checkLease,
      onWrite,
      onCreated: (references) => void this.#created.push(...references),
      onAttempt: (attempt) => {
        watch.sawAttempt(name, attempt);
        // One call for many is one call, however many runs see it.
        if (attempt.shared?.first !== false) this.#parts.onAttempt?.(attempt);
      },
    });
    try {
      const result = await runInOperation(context, work);
      step.end();
      return result;
    } catch (error) {
      step.end(isBelayError(error) ? error.code : "FLOW_FAILED");
      throw error;
    }
  }
}

/** A step without a result is kept as null, so that it is known to have run. */
function toJson(name: string, result: unknown): string {
  try {
    const text: unknown = JSON.stringify(result ?? null);
    if (typeof text === "string") return text;
  } catch (cause) {
    throw new BelayError("FLOW_STEP_RESULT_INVALID", `The result of step "${name}" is not JSON; return plain data.`, { cause });
  }
  throw new BelayError("FLOW_STEP_RESULT_INVALID", `The result of step "${name}" is not JSON; return plain data.`);
}

function toEnd(run: number, error: unknown, stepped: boolean, signal: AbortSignal): RunEnd {
  if (isBelayError(error) && error.code === "LEASE_LOST") return { run, kind: "suspended" };
  if (signal.aborted) {
    if (!isBelayError(signal.reason) || signal.reason.code === "LEASE_LOST") return { run, kind: "suspended" };
    return {
      run,
      kind: "failed",
      code: signal.reason.code,
      error: signal.reason.message,
      retry: signal.reason.retry,
      waits: false,
      stepped,
    };
  }
  const text = toText(error);
  // It crosses to another thread, and the flow may have thrown an imitation: nothing but texts and numbers goes along.
  if (!isBelayError(error) || typeof error.code !== "string")
    return { run, kind: "failed", code: "FLOW_FAILED", error: text, retry: "backoff", waits: false, stepped };
  const waits = readField(error.details, "waits") === true;
  return {
    run,
    kind: "failed",
    code: error.code,
    error: typeof error.message === "string" ? error.message : text,
    retry: toRetry(error.retry),
    waits,
    ...(readField(error.details, "outage") === true && { outage: true }),
    stepped: stepped || readField(error.details, "begun") === true,
  };
}

function toRetry(retry: Retry): Retry {
  if (retry === "never" || retry === "backoff") return retry;
  const afterMs = Number(readField(retry, "afterMs"));
  return Number.isFinite(afterMs) ? { afterMs } : "backoff";
}

function readField(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function toText(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `The flow threw ${String(error)}`;
  } catch {
    return "The flow threw something that cannot be written as a text.";
  }
}
