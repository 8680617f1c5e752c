import type { Catalog } from "./catalog.ts";

/** Which fields tell of a person, as the contracts declare it; dotted paths. */
export interface PersonalFields {
  /** Of a request and its answer, by the label of the call: `hubspot.contact.create`. */
  ofCall(label: string): readonly string[];
  /** Of an event's payload. */
  ofEvent(flow: string, eventType: string): readonly string[];
  /** Of what a flow makes of an event and of the records of the connection that it writes to: the results of its steps. */
  ofResults(flow: string, eventType: string, target: string): readonly string[];
}

const none: readonly string[] = [];

/** Asks the catalog anew each time, and so follows when another one comes into force. */
export function personalFields(catalog: Catalog): PersonalFields {
  const ofEvent: PersonalFields["ofEvent"] = (flow, eventType) =>
    catalog.flows.get(flow)?.on.find(({ type }) => type === eventType)?.personal ?? none;
  return {
    ofEvent,
    ofCall: (label) => {
      const [connector = "", resource = ""] = label.split(".");
      return catalog.connectors.get(connector)?.resources[resource]?.personal ?? none;
    },
    ofResults: (flow, eventType, target) => {
      const connector = catalog.connectors.get(catalog.connections.get(target)?.connector ?? "");
      const ofRecords = Object.values(connector?.resources ?? {}).flatMap(({ personal = none }) => personal);
      return [...new Set([...ofRecords, ...ofEvent(flow, eventType)])];
    },
  };
}
