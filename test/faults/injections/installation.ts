import type { OtherFault } from "../fault.ts";
import { send } from "./webhook.ts";

const expected = { class: "installation", owner: "operator" } as const;
const layer = "installation";
const body = JSON.stringify({ id: "w-2", type: "to-desk", do: "write a note" });

/** Belay itself is disturbed. */
export const installationFaults: readonly OtherFault[] = [
  {
    id: "database-down-ingress",
    layer,
    fault: "database down when a webhook comes",
    injected: "PostgreSQL is stopped under a running Belay; a signed webhook is sent",
    expects: { code: "INGRESS_UNAVAILABLE", ...expected },
    observe: async (world) => await world.explainRefusal(await send({ url: (await world.disturbed()).url }, { body })),
  },
  {
    id: "database-down-api",
    layer,
    fault: "database down when the API is asked",
    injected: "PostgreSQL is stopped under a running Belay; its messages are asked for",
    expects: { code: "API_UNAVAILABLE", ...expected },
    observe: async (world) => {
      const { url } = await world.disturbed();
      return await world.explainRefusal(await world.request("/v1/messages", {}, url));
    },
  },
  {
    id: "no-worker",
    layer,
    fault: "nobody works",
    injected: "a webhook is stored in an installation without workers; its health is asked",
    expects: { code: "HEALTH_OVERDUE_MAILBOX", class: "overload", owner: "operator" },
    observe: async (world) => {
      const [threat] = (await world.disturbed()).threats;
      if (threat === undefined) throw new Error("Nothing threatens, it says.");
      return { ...(await world.explainCode(threat.code)), class: threat.class, owner: threat.owner };
    },
  },
];
