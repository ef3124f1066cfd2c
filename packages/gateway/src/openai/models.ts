import { json } from "../http/json.ts";
import type { Visit } from "../http/route.ts";
import type { OpenAiDeps } from "./deps.ts";
import { errorAnswer } from "./errors.ts";

interface Model {
  readonly id: string;
  readonly object: "model";
  /** Unix seconds. */
  readonly created: number;
  readonly owned_by: string;
}

type Deps = Pick<OpenAiDeps, "config" | "models">;

/** `GET /v1/models`: agents, routes, and the models that the configuration names. */
export async function listModels(deps: Deps): Promise<Response> {
  return json({ object: "list", data: await modelsOf(deps) });
}

/** `GET /v1/models/{id}`; the id may hold slashes. */
export async function oneModel(visit: Visit, deps: Deps): Promise<Response> {
  const id = visit.params["*"] ?? "";
  const found = (await modelsOf(deps)).find((model) => model.id === id);
  if (found !== undefined) return json(found);
  return errorAnswer({
    status: 404,
    type: "invalid_request_error",
    message: "This model is not in the configuration; one that its provider knows may be asked all the same.",
    param: "model",
    code: "model_not_found",
  });
}

async function modelsOf({ config, models }: Deps): Promise<Model[]> {
  const { agents, routes, models: sources } = config.current().config;
  const current = await models.current();
  const named = [
    ...(current.ok ? [current.value] : []),
    ...[agents.defaults.model, ...agents.list.map(({ model }) => model)].filter((id) => id !== undefined),
    ...Object.values(routes).flatMap((route) => (route?.model === undefined ? [] : [route.model])),
    ...Object.entries(sources.providers).flatMap(([provider, source]) =>
      Object.keys(source?.models ?? {}).map((model) => `${provider}:${model}`),
    ),
  ];
  const own = [
    "carapace",
    ...agents.list.flatMap(({ id }) => (id === undefined ? [] : [`carapace:${id}`])),
    ...Object.keys(routes).map((id) => `route:${id}`),
  ];
  return [
    ...own.map((id) => modelOf(id, "carapace")),
    ...[...new Set(named)].map((id) => modelOf(id, id.slice(0, Math.max(0, id.indexOf(":"))))),
  ];
}

/** Nobody knows when a model was made; clients want a number. */
function modelOf(id: string, ownedBy: string): Model {
  return { id, object: "model", created: 0, owned_by: ownedBy };
}
