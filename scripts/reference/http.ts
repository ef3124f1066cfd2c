import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "@carapace/gateway";
import { isRecord } from "@carapace/protocol";
import { code, heading, table } from "./page.ts";

/** All that can be switched on. */
const everything = {
  gateway: {
    control: { enabled: true },
    controlUi: { enabled: true },
    openai: { chatCompletions: true, responses: true },
    hooks: { enabled: true, token: "a-token-for-the-reference-pages" },
  },
};

let described: Promise<unknown> | undefined;

/** What a gateway with everything switched on says of its routes; asked once. */
function describe(): Promise<unknown> {
  described ??= ask();
  return described;
}

async function ask(): Promise<unknown> {
  const stateDir = mkdtempSync(join(tmpdir(), "carapace-reference-"));
  try {
    writeFileSync(join(stateDir, "carapace.json"), JSON.stringify(everything), { mode: 0o600 });
    const env = { HOME: stateDir, CARAPACE_STATE_DIR: stateDir, CARAPACE_CREDENTIAL_STORE: "off" };
    const started = await startGateway({ env, port: 0, embedded: true });
    if (!started.ok) throw new Error(started.say);
    const answer = await fetch(`http://127.0.0.1:${started.value.port}/openapi.json`);
    const document: unknown = await answer.json();
    await started.value.close("the reference pages are written");
    return document;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** The OpenAPI document, as programs take it. */
export async function openApiFile(): Promise<string> {
  return `${JSON.stringify(await describe(), null, 2)}\n`;
}

/** The same as a table of routes. */
export async function httpPage(): Promise<string> {
  const paths = fieldsOf(fieldsOf(await describe())["paths"]);
  const rows = Object.entries(paths).flatMap(([path, operations]) => rowsOf(path, fieldsOf(operations)));
  return [
    ...heading(
      "HTTP routes",
      "Of a gateway with everything switched on ([config](config.md): `gateway.control`, `gateway.controlUi`, `gateway.openai`, `gateway.hooks`). The same for programs, with every body and answer: [openapi.json](openapi.json); a running gateway serves its own at `/openapi.json`. GET routes answer HEAD too.",
    ),
    ...table(["Path", "Method", "Who is heard", "Query", "Answers", "What it does"], rows),
  ].join("\n");
}

/** One row for a path that takes any method. */
function rowsOf(path: string, operations: Readonly<Record<string, unknown>>): string[][] {
  const methods = Object.keys(operations);
  const isAny = methods.length >= 5;
  return (isAny ? methods.slice(0, 1) : methods).map((method) => {
    const { summary, security, parameters, responses } = fieldsOf(operations[method]);
    return [
      code(path),
      isAny ? "any" : method.toUpperCase(),
      heardOf(security),
      queryOf(parameters),
      Object.keys(fieldsOf(responses)).join(" "),
      String(summary),
    ];
  });
}

function heardOf(security: unknown): string {
  const needs = Array.isArray(security) ? security.map((one) => Object.keys(fieldsOf(one)).join()) : [];
  if (needs.length === 0) return "anybody";
  if (needs.includes("hooksToken")) return "the hooks token";
  return needs.includes("") ? "this machine; others with the credential" : "the credential";
}

function queryOf(parameters: unknown): string {
  const all = Array.isArray(parameters) ? parameters.map(fieldsOf) : [];
  const inQuery = all.filter((one) => one["in"] === "query");
  return inQuery
    .map(({ name, required }) => code(required === true ? String(name) : `${String(name)}?`))
    .join(" ");
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
