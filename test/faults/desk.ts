import { defineConnector } from "@belay/sdk";
import { z } from "zod";

export const note = z.object({ id: z.string(), text: z.string() });
export const input = z.object({ text: z.string().min(1) });

/** A target without error rows of its own, so that Belay's own table speaks. */
export const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.invalid",
  auth: { kind: "bearer" },
  resources: {
    note: { path: "/notes", id: "id", schema: note, create: { input, safety: { kind: "natural" } } },
    letter: { path: "/letters", id: "id", schema: note, create: { input, safety: { kind: "once" } } },
    card: {
      path: "/cards",
      id: "id",
      schema: note,
      create: {
        input,
        safety: { kind: "natural" },
        response: () => {
          throw new Error("the connector's own code is wrong");
        },
      },
    },
  },
});
