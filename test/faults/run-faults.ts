import { isMessageFault } from "./declare-connections.ts";
import type { Explanation, Fault, Observed } from "./fault.ts";
import { openWorld, type World } from "./world.ts";

export interface FaultRun {
  readonly observed: readonly Observed[];
  /** One sentence for each fault that was not explained as it should be. */
  readonly violations: readonly string[];
}

/** More would wait for each other in the one process longer than their time limits allow. */
const mostAtOnce = 16;

/** Brings all faults about in one running Belay, and asks it what happened: those that disturb others one after the other, the rest side by side. */
export async function runFaults(faults: readonly Fault[], onProgress: (text: string) => void = () => {}): Promise<FaultRun> {
  onProgress("starting Belay and its providers");
  await using world = await openWorld(faults);
  const results = new Map<Fault, Explanation | Error>();
  const observe = async (fault: Fault): Promise<void> => {
    const outcome = await explanationOf(world, fault).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    results.set(fault, outcome);
    onProgress(`${results.size} of ${faults.length}, ${fault.id}`);
  };
  const queue = faults.filter(({ alone }) => alone !== true);
  const work = async (): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) await observe(fault);
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  for (const fault of faults) if (fault.alone === true) await observe(fault);
  const observed: Observed[] = [];
  const violations: string[] = [];
  for (const fault of faults) {
    const result = results.get(fault);
    if (result === undefined || result instanceof Error) violations.push(`${fault.id}: ${result?.message ?? "was not observed"}`);
    else {
      observed.push({ fault, explanation: result });
      violations.push(...judge(fault, result).map((what) => `${fault.id}: ${what}`));
    }
  }
  return { observed, violations };
}

async function explanationOf(world: World, fault: Fault): Promise<Explanation> {
  if (!isMessageFault(fault)) return await fault.observe(world);
  for (let time = 1; time <= (fault.times ?? 1); time += 1) await world.sendEvent({ id: `${fault.id}-${time}`, ...fault.event }, fault.id);
  const { message, explanation } = await world.findStory(fault.id, fault.ends ?? "dead");
  if (explanation === null) throw new Error(`message ${message.id} is not explained`);
  const told = await world.belay.explain(message.id, "tenant");
  const told2 = JSON.stringify({ ...told, tenant: "", id: 0 });
  if (told.code !== null || told.error !== null || told2.includes(explanation.code))
    throw new Error("a tenant is told a code or an error's text");
  return explanation;
}

/** What is wrong with an explanation. */
function judge({ expects }: Fault, { code, class: name, owner, texts, actions }: Explanation): string[] {
  const wrong: string[] = [];
  if (code !== expects.code) wrong.push(`has code ${code}, not ${expects.code}`);
  if (name !== expects.class) wrong.push(`is of class ${name}, not ${expects.class}`);
  if (owner !== expects.owner) wrong.push(`is for ${owner}, not for ${expects.owner}`);
  if (actions.length === 0) wrong.push("offers no action");
  for (const [register, { happened, remedy }] of Object.entries(texts)) {
    if (happened.length < 20 || remedy.length < 20) wrong.push(`tells ${register} next to nothing`);
    if (/\{\w+\}|undefined/.test(happened + remedy)) wrong.push(`tells ${register} a name that was not filled in`);
  }
  if (/[A-Z]+_[A-Z]+/.test(texts.tenant.happened + texts.tenant.remedy)) wrong.push("tells the tenant a code");
  if (/unknown/.test(`${name} ${texts.tenant.happened}`) && name !== "outcome-unknown") wrong.push('says "unknown"');
  return wrong;
}
