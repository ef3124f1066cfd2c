import { ok, type Result, refuse } from "@carapace/protocol";

/** Whose models Vertex serves, and by which wire they are asked (agent.md §4.2). */
const publishers = ["google", "anthropic", "meta", "mistral", "nvidia"] as const;
type Publisher = (typeof publishers)[number];

/** A model of Vertex. */
export interface VertexModel {
  readonly publisher: Publisher;
  readonly id: string;
}

/** Where it is asked. */
export interface VertexTarget extends VertexModel {
  readonly location: string;
}

const modelId = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,199}$/;

/** Whether a text can be the id of a Google Cloud project: it becomes part of a path. */
export function isProjectId(text: string): boolean {
  return /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(text);
}

/** Whether a text can be a location: it becomes part of a host's name. */
export function isLocation(text: string): boolean {
  return /^(global|[a-z]{2,20}(-[a-z]{2,20}){1,3}\d{1,2})$/.test(text);
}

/**
 * Reads a model's name: `gemini-…`, `google/gemini-…`, or `publishers/{publisher}/models/{id}` of another publisher
 * than Google (agent.md §4.5).
 */
export function readVertexModel(text: string): Result<VertexModel> {
  const name = text.trim().replace(/^vertex:/i, "");
  const google = /^(?:google\/)?(gemini-.+)$/.exec(name)?.[1];
  if (google !== undefined && modelId.test(google)) return ok({ publisher: "google", id: google });
  const [, publisher, id = ""] = /^publishers\/([a-z]+)\/models\/(.+)$/.exec(name) ?? [];
  const known = publishers.find((one) => one === publisher && one !== "google");
  if (known !== undefined && modelId.test(id)) return ok({ publisher: known, id });
  return refuse(
    "invalid_request",
    "Vertex has no model of that name: write vertex:gemini-…, or vertex:publishers/anthropic/models/… (or meta, " +
      "mistral, nvidia in place of anthropic)",
  );
}

/** Models that the location `global` serves: a whole path, or the beginning of one. */
export interface GlobalRule {
  readonly path: string;
  readonly isPrefix: boolean;
}

/** Reads a rule of `vertex.globalModels`; undefined for one that cannot fit any model. */
export function readGlobalRule(text: string): GlobalRule | undefined {
  const isPrefix = text.endsWith("*");
  const name = isPrefix ? text.slice(0, -1) : text;
  const google = /^(?:google\/|publishers\/google\/models\/)?(gemini-[A-Za-z0-9._@-]*)$/.exec(name)?.[1];
  const path =
    google === undefined
      ? /^publishers\/(?:google|anthropic|meta|mistral|nvidia)\/models\/[A-Za-z0-9._@-]+$/.exec(name)?.[0]
      : pathOf({ publisher: "google", id: google });
  return path === undefined || (!isPrefix && path.endsWith("gemini-")) ? undefined : { path, isPrefix };
}

/** Where a model is asked: in the location of the settings, unless a rule makes it `global`. */
export function locate(model: VertexModel, location: string, rules: readonly GlobalRule[]): VertexTarget {
  const path = pathOf(model);
  const isGlobal = rules.some((rule) => (rule.isPrefix ? path.startsWith(rule.path) : path === rule.path));
  return { ...model, location: isGlobal ? "global" : location };
}

/** Where Vertex answers for a location. */
export function vertexUrl(location: string): string {
  return location === "global"
    ? "https://aiplatform.googleapis.com"
    : `https://${location}-aiplatform.googleapis.com`;
}

/** The path of a publisher's models, below the version of the API. */
export function publisherPath(projectId: string, { publisher, location }: VertexTarget): string {
  return `projects/${projectId}/locations/${location}/publishers/${publisher}`;
}

function pathOf({ publisher, id }: VertexModel): string {
  return `publishers/${publisher}/models/${id}`;
}
