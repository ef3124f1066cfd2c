import { join, resolve } from "node:path";
import { agentIdentity, listAgents } from "@carapace/agent";
import type { Config } from "@carapace/config";
import type { IssuedCsrf } from "../http/csrf.ts";
import { mountPath } from "../http/mount-path.ts";
import { notFound } from "../http/pipeline.ts";
import type { Route, RouteSource, Visit } from "../http/route.ts";
import { type Asset, findAsset } from "./assets.ts";
import { findAvatar } from "./avatar.ts";
import { fillPage } from "./index-page.ts";

export interface ControlUiDeps {
  readonly stateDir: string;
  /** Where a relative `gateway.controlUi.path` begins. */
  readonly configFolder: string;
  readonly issueCsrf: (visit: Visit) => IssuedCsrf;
}

const avatarFolder = "__carapace_avatar__/";
const usualBase = "/ui";
/** The default of `gateway.controlUi.path`: the page that comes with the program. */
const ownPage = "dist/control-ui";
const ownFolder = join(import.meta.dir, "..", "..", "..", "ui", "dist");

/** The control page's files, below its base path while it is enabled (http.md §13). */
export function controlUiRoutes(deps: ControlUiDeps): RouteSource {
  return (config) => (config.gateway.controlUi.enabled ? pageRoutes(config, deps) : []);
}

interface Place extends ControlUiDeps {
  readonly config: Config;
  readonly base: string;
  readonly root: string;
}

function pageRoutes(config: Config, deps: ControlUiDeps): Route[] {
  const { path } = config.gateway.controlUi;
  const root = path === ownPage ? ownFolder : resolve(deps.configFolder, path);
  const place = { ...deps, config, base: mountPath(config.gateway.controlUi.basePath, usualBase), root };
  const route = (path: string, summary: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    family: "page",
    doc: { summary, tag: "control page", answers: { 200: { say: "The file", type: "*/*" } } },
    handle,
  });
  return [
    route(place.base, "Leads to the control page", () => redirect(`${place.base}/`)),
    route(`${place.base}/`, "The control page", (visit) => index(visit, place)),
    route(`${place.base}/*`, "A file of the control page", (visit) => file(visit, place)),
  ];
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location } });
}

async function file(visit: Visit, place: Place): Promise<Response> {
  const path = visit.params["*"] ?? "";
  if (path.startsWith(avatarFolder)) return await avatar(visit, path.slice(avatarFolder.length), place);
  const found = await findAsset(place.root, path);
  if (found.kind === "outside") return notFound();
  if (found.kind === "asset" && path !== "index.html") return send(visit, found.asset);
  // A script that is gone is not answered with a page.
  return path.startsWith("assets/") ? notFound() : await index(visit, place);
}

async function index(visit: Visit, { root, config, base, issueCsrf }: Place): Promise<Response> {
  const found = await findAsset(root, "index.html");
  if (found.kind !== "asset") {
    const say = "Control UI assets not found: gateway.controlUi.path names a folder without an index.html.";
    return new Response(say, { status: 503 });
  }
  const { defaultId } = listAgents(config);
  const identity = agentIdentity(config, defaultId);
  const { cookies, cookieName, headerName } = issueCsrf(visit);
  const html = fillPage(await Bun.file(found.asset.path).text(), {
    basePath: base,
    assistantName: identity?.name ?? "Carapace",
    assistantAvatar: config.agents.list.find(({ id }) => id === defaultId)?.identity?.avatar ?? "",
    csrfCookie: cookieName,
    csrfHeader: headerName,
  });
  const headers = new Headers({ "Content-Type": found.asset.type, "Cache-Control": "no-cache" });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  return new Response(html, { headers });
}

async function avatar(visit: Visit, id: string, { stateDir, config, base }: Place): Promise<Response> {
  const found = await findAvatar(id, stateDir, config);
  if (visit.url.searchParams.get("meta") === "1") {
    const own = found.kind === "file" ? `${base}/${avatarFolder}${id}` : null;
    const avatarUrl = found.kind === "address" ? found.url : own;
    const headers = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache" };
    return new Response(JSON.stringify({ avatarUrl }), { headers });
  }
  return found.kind === "file" ? await send(visit, found.asset) : notFound();
}

const oneYear = "public, max-age=31536000, immutable";

/** A file, or 304 for who has it; compressed where a compressed one lies beside it. */
async function send({ request }: Visit, { path, type, etag, isHashed }: Asset): Promise<Response> {
  const headers = new Headers({
    "Content-Type": type,
    "Cache-Control": isHashed ? oneYear : "no-cache",
    ETag: etag,
    Vary: "Accept-Encoding",
  });
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  const compressed = Bun.file(`${path}.br`);
  const takesBrotli = /\bbr\b/.test(request.headers.get("accept-encoding") ?? "");
  if (!takesBrotli || !(await compressed.exists())) return new Response(Bun.file(path), { headers });
  headers.set("Content-Encoding", "br");
  return new Response(compressed, { headers });
}
