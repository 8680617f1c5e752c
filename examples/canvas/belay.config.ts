import { defineConfig, Secret } from "@belay/sdk";
import { app, classesToCourses } from "./flow.ts";
import { canvas } from "./index.ts";

export default defineConfig({
  connectors: [canvas],
  events: app,
  flows: [classesToCourses],
  connections: [
    {
      id: "acme-canvas",
      tenant: "acme",
      connector: "canvas",
      settings: { institution: "acme" },
      credential: { accessToken: new Secret(process.env["CANVAS_TOKEN"] ?? "") },
    },
  ],
});
