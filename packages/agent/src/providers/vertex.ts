import { ok, type Result, refuse } from "@carapace/protocol";
import { setUpText } from "./account.ts";
import { childEnvironment } from "./child/environment.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";
import type { AbsentVendor, ConfiguredVendor, Vendor, VendorDefinition } from "./vendor.ts";
import { type GlobalRule, isLocation, isProjectId, readGlobalRule } from "./vertex-target.ts";
import type { VertexTokenSettings } from "./vertex-token.ts";
import { whenAsked } from "./when-asked.ts";

/** Google's Vertex AI, with gcloud's sign-in or the account of a machine of Google's. */
export const vertex: VendorDefinition = {
  howToSetUp: setUpText("Vertex", { variables: ["VERTEX_PROJECT_ID"], path: "vertex.projectId" }),
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

/** A project at Vertex AI. */
export interface VertexSettings {
  readonly vendor: Vendor;
  readonly projectId: string;
  readonly location: string;
  /** What `vertex:default` stands for. */
  readonly model: string | undefined;
  readonly globalRules: readonly GlobalRule[];
  readonly token: VertexTokenSettings;
}

/** Where models are asked unless its owner says. */
export const usualLocation = "us-central1";
const usualGlobalModels = ["gemini-3*"];
const [minTokenTimeoutMs, usualTokenTimeoutMs, maxTokenTimeoutMs] = [500, 10_000, 60_000];

/** Reads Vertex's settings (agent.md §3, §4.5). @returns undefined without a project; refused for one that cannot be */
export function readVertexSettings(source: ProviderSource): Result<VertexSettings | undefined> {
  const project = find(source, ["VERTEX_PROJECT_ID"], "vertex.projectId");
  if (project === undefined) return ok(undefined);
  if (!isProjectId(project.text))
    return refuse("invalid_request", `${project.name} is not the id of a Google Cloud project`);
  const location = find(source, ["VERTEX_LOCATION"], "vertex.location");
  if (location !== undefined && !isLocation(location.text))
    return refuse(
      "invalid_request",
      `${location.name} is not a location: write it as us-central1, or global`,
    );
  const rules = globalRules(globalModels(source));
  if (!rules.ok) return rules;
  return ok({
    vendor: vertexVendor(project.name, location?.name),
    projectId: project.text,
    location: location?.text ?? usualLocation,
    model: find(source, ["VERTEX_MODEL"], "vertex.model")?.text,
    globalRules: rules.value,
    token: tokenSettings(source.lookup, valueAt(source, "vertex.gcloudTokenTimeoutMs")),
  });
}

/** Whom the words of a failure are about. */
function vertexVendor(projectName: string, locationName = "VERTEX_LOCATION or vertex.location"): Vendor {
  return {
    ...({ id: "vertex", label: "Vertex" } as const),
    ...{
      keyName: `the sign-in of gcloud and ${projectName}`,
      urlName: locationName,
      isLocal: false,
      secrets: [],
    },
  };
}

/** Reads the rules for the location `global`; refused if one of them fits nothing. */
export function globalRules(texts: readonly string[] = usualGlobalModels): Result<readonly GlobalRule[]> {
  const rules = texts.map(readGlobalRule);
  const read = rules.filter((rule) => rule !== undefined);
  if (read.length === rules.length) return ok(read);
  return refuse(
    "invalid_request",
    "VERTEX_GLOBAL_MODELS or vertex.globalModels holds something that is no model: write gemini-…, or the beginning " +
      "of one and a *",
  );
}

/** How a token is got: gcloud's time, and what of the environment it is run in. */
export function tokenSettings(lookup: ProviderSource["lookup"], timeoutMs: unknown): VertexTokenSettings {
  const told = Number(lookup("CARAPACE_GCLOUD_TOKEN_TIMEOUT_MS")?.trim() || timeoutMs);
  const wanted = Number.isFinite(told) ? told : usualTokenTimeoutMs;
  const isOnCloudRun =
    ["K_SERVICE", "K_REVISION", "K_CONFIGURATION"].every((name) => lookup(name)) ||
    ["CLOUD_RUN_JOB", "CLOUD_RUN_WORKER_POOL"].some((name) => lookup(name));
  const credentialsFile = lookup("GOOGLE_APPLICATION_CREDENTIALS")?.trim();
  return {
    ...(credentialsFile ? { credentialsFile } : {}),
    timeoutMs: Math.min(maxTokenTimeoutMs, Math.max(minTokenTimeoutMs, Math.trunc(wanted))),
    env: childEnvironment(lookup, gcloudNames),
    hasGcloud: !isOnCloudRun,
  };
}

const gcloudNames = [
  ...["CLOUDSDK_CONFIG", "CLOUDSDK_ACTIVE_CONFIG_NAME", "CLOUDSDK_CORE_ACCOUNT", "CLOUDSDK_CORE_PROJECT"],
  ...["CLOUDSDK_PYTHON", "CLOUDSDK_PYTHON_SITEPACKAGES"],
];

function globalModels(source: ProviderSource): readonly string[] | undefined {
  const text = source.lookup("VERTEX_GLOBAL_MODELS")?.trim();
  if (text) return text.split(",").flatMap((one) => one.trim() || []);
  const list = valueAt(source, "vertex.globalModels");
  return Array.isArray(list) ? list.map((one) => String(one).trim()) : undefined;
}
