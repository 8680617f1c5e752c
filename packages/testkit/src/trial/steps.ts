import type { FlowContext } from "@belay/sdk";

/** Results of finished steps, as JSON, by name. */
export type StepResults = Map<string, string>;

/**
 * `step` as the worker has it: a step that has finished in an earlier attempt is not run again, a name is used once per run, and what comes back has been
 * through JSON, so that a date is a text in a test as it is in production.
 */
export function createSteps(
  results: StepResults,
  inOperation: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>,
): FlowContext<unknown, unknown>["step"] {
  const used = new Set<string>();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    if (used.has(name)) throw new TypeError(`Step "${name}" ran twice in one run; give each step its own name.`);
    used.add(name);
    const known = results.get(name) ?? toJson(name, await inOperation(name, work));
    results.set(name, known);
    return JSON.parse(known) as Result;
  };
}

function toJson(name: string, result: unknown): string {
  const text: unknown = JSON.stringify(result ?? null);
  if (typeof text !== "string") throw new TypeError(`The result of step "${name}" is not JSON; return plain data.`);
  return text;
}
