import { json } from "../json.ts";
import type { Route, Visit } from "../route.ts";

/** A route for tests; it answers with what it was told of its visit unless it says something else. */
export function testRoute(
  changes: Partial<Omit<Route, "doc">> & Pick<Route, "path">,
  answer: Route["handle"] = told,
): Route {
  return {
    ...{ method: "GET", family: "public" },
    doc: { summary: "For a test", tag: "test", answers: {} },
    handle: answer,
    ...changes,
  };
}

async function told(visit: Visit): Promise<Response> {
  const { caller, clientIp, requestId, params, isSecure } = visit;
  const read = await visit.body();
  if (!read.ok) return read.response;
  return json({ caller, clientIp, requestId, params, isSecure, body: read.text() });
}
