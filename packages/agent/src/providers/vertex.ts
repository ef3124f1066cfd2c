import { ok, type Result, refuse } from "@carapace/protocol";
import { setUpText } from "./account.ts";
import type { ProviderSource } from "./settings.ts";
import type { AbsentVendor, ConfiguredVendor, VendorDefinition } from "./vendor.ts";
import { readVertexSettings, type VertexSettings } from "./vertex-settings.ts";
import { whenAsked } from "./when-asked.ts";

/** Google's Vertex AI, with gcloud's sign-in or the account of a machine of Google's. */
export const vertex: VendorDefinition = {
  howToSetUp: setUpText({ label: "Vertex", variable: "VERTEX_PROJECT_ID", path: "vertex.projectId" }),
  headerTimeoutMs: 120_000,
  read: readVertex,
};

function readVertex(source: ProviderSource): Result<ConfiguredVendor | AbsentVendor | undefined> {
  const settings = readVertexSettings(source);
  if (!settings.ok) return ok({ absentBecause: settings.say });
  return ok(settings.value === undefined ? undefined : configuredVertex(settings.value));
}

function configuredVertex(settings: VertexSettings): ConfiguredVendor {
  const { vendor, ...parts } = settings;
  return {
    create: (deps) =>
      whenAsked(vendor.id, async () =>
        (await import("./vertex-provider.ts")).createVertexProvider(settings, deps),
      ),
    fingerprint: [JSON.stringify(parts)],
    defaultModel: () => (settings.model === undefined ? chooseOne : ok("vertex:default")),
  };
}

const chooseOne = refuse(
  "missing_model",
  "No model is chosen: set VERTEX_MODEL or vertex.model, for example gemini-2.5-flash, or: " +
    "cara config set agents.defaults.model vertex:gemini-2.5-flash",
);
