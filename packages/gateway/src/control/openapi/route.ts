import { version } from "@carapace/protocol";
import type { Route } from "../../http/route.ts";

/**
 * GET `/openapi.json`: what this gateway serves, as OpenAPI 3.1. It holds no secret, but tells strangers the surface:
 * programs on this machine read it as it is, others need the credential.
 * @param table The live one; asked at each request.
 */
export function openApiRoute(table: () => readonly Route[]): Route {
  let made: { readonly of: readonly Route[]; readonly text: string } | undefined;
  return {
    ...{ method: "GET", path: "/openapi.json", family: "local" },
    doc: {
      summary: "Describe every route of this gateway",
      tag: "control",
      answers: { 200: { say: "An OpenAPI 3.1 document." } },
    },
    handle: async () => {
      const of = table();
      if (made?.of !== of) {
        const { openApiDocument } = await import("./document.ts");
        made = { of, text: JSON.stringify(openApiDocument(of, version)) };
      }
      return new Response(made.text, { headers: { "Content-Type": "application/json" } });
    },
  };
}
