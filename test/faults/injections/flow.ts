import type { MessageFault } from "../fault.ts";

/** The flow's own code is wrong. */
export const flowFaults: readonly MessageFault[] = [
  mistake("throws", "flow throws", "the flow throws a TypeError", "throw", "FLOW_FAILED"),
  mistake("own-code", "flow throws a code of its own", "the flow throws a BelayError that only it knows", "refuse", "SHOP_ORDER_CLOSED"),
  mistake(
    "no-json",
    "step returns what is no JSON",
    "a step returns an object that contains itself",
    "return a cycle",
    "FLOW_STEP_RESULT_INVALID",
  ),
  mistake("repeated-step", "repeated step name", "the flow uses a step name twice", "repeat a step", "FLOW_STEP_REPEATED"),
  mistake("bad-input", "input that the operation does not take", "the flow writes an empty text", "write nothing", "CLIENT_INPUT_INVALID"),
  runaway("never-ends", "run takes too long", "the flow waits for what never comes", "never end", "FLOW_TIMED_OUT", false),
  runaway("hangs", "flow hangs", "the flow loops for ever", "hang", "FLOW_THREAD_ENDED", true),
  runaway("exits", "flow exits", "the flow calls process.exit", "exit", "FLOW_THREAD_ENDED", true),
  runaway("leaks", "flow runs out of memory", "the flow keeps what it makes, without end", "leak", "FLOW_THREAD_ENDED", true),
];

function mistake(id: string, fault: string, injected: string, what: string, code: string): MessageFault {
  return {
    id,
    layer: "flow",
    fault,
    injected,
    event: { type: "to-desk", do: what },
    expects: { code, class: "flow-mistake", owner: "engineer" },
  };
}

function runaway(id: string, fault: string, injected: string, what: string, code: string, alone: boolean): MessageFault {
  return {
    id,
    layer: "flow",
    fault,
    injected,
    event: { type: "to-desk", do: what },
    alone,
    expects: { code, class: "flow-runaway", owner: "engineer" },
  };
}
