import type { FixtureName } from "./fixtures.ts";
import type { HttpScenario } from "./scenario.ts";

/** How a scenario is held against this gateway (http.md §18.3): as written, or only its status and headers. */
interface Verdict {
  readonly fixture?: FixtureName;
  /** Status and headers only. */
  readonly onlyHead?: true;
  /** What the contract has instead of the trace's input, or of its answer. */
  readonly adapt?: (scenario: HttpScenario) => HttpScenario;
  /** Not replayed, and why. */
  readonly leftOut?: string;
}

const obsolete =
  "the trace is of an older gateway's routes; webhooks of channels and plugins are not in this version";

/** A PNG of one pixel. */
const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function withBody(body: unknown) {
  return (scenario: HttpScenario): HttpScenario => ({
    ...scenario,
    request: { ...scenario.request, body },
  });
}

const underUi = (scenario: HttpScenario): HttpScenario => ({
  ...scenario,
  request: { ...scenario.request, path: `/ui${scenario.request.path}` },
});

/** Every scenario that is not simply replayed, by `file#name`; one that no file has fails the suite. */
export const verdicts: Readonly<Record<string, Verdict>> = {
  "connect.json#unauthorized_no_token": {
    onlyHead: true,
    // A refusal is JSON here (http.md §4.6).
    adapt: (scenario) => ({ ...scenario, response: { ...scenario.response, headers: {} } }),
  },
  "connect.json#unauthorized_wrong_token": { onlyHead: true },
  "connect.json#hooks_disabled": { fixture: "hooks-off" },
  "connect.json#custom_base_path": { fixture: "hooks-path" },

  "hooks-wake.json#wake_error_method_not_allowed": { onlyHead: true },
  "hooks-wake.json#wake_error_payload_too_large": { adapt: withBody({ text: "x".repeat(300_000) }) },

  "hooks-agent.json#agent_success_full_options": {
    adapt: (scenario) =>
      withBody({ ...Object(scenario.request.body), model: "openai:gpt-4.1-mini" })(scenario),
  },

  "hooks-mappings.json#transform_error": {
    // The trace has no configuration for it: its transform throws.
    adapt: (scenario) => ({
      ...scenario,
      config: {
        "hooks.mappings": [
          { match: { path: "error-transform" }, transform: { module: "./throwing-transform.js" } },
        ],
      },
    }),
  },

  "control-ui.json#ui_index_html": {
    // The placeholders are gone: what stands in their place does (http.md §18.3).
    adapt: (scenario) => ({
      ...scenario,
      response: {
        ...scenario.response,
        body_contains: [
          'content="/ui"',
          'content="Carapace"',
          'name="carapace-csrf-header" content="x-csrf-token"',
        ],
      },
    }),
  },
  "control-ui.json#ui_method_not_allowed": { onlyHead: true },
  "control-ui.json#ui_assets_not_found": { fixture: "ui-no-assets" },
  "control-ui.json#ui_disabled_fallthrough": { fixture: "ui-off" },
  ...Object.fromEntries(
    [
      "get_local_image",
      "get_metadata",
      "head_request",
      "not_found",
      "invalid_agent_id",
      "remote_returns_404",
    ].map((name): [string, Verdict] => [`control-ui.json#avatar_${name}`, { adapt: underUi }]),
  ),

  "openresponses.json#with_image_base64": {
    adapt: (scenario) =>
      withBody(JSON.parse(JSON.stringify(scenario.request.body).replace("<base64_data>", onePixel)))(
        scenario,
      ),
  },
};

/** Files none of whose scenarios is replayed. */
export const obsoleteFiles: Readonly<Record<string, string>> = { "channel-webhooks.json": obsolete };
