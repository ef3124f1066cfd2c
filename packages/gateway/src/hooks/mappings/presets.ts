import type { HookMappingConfig, HookPresetName } from "@carapace/config";

/** What a mapping says without naming a preset. */
export type MappingFields = Omit<HookMappingConfig, "preset">;

/** Built-in mappings (http.md §8.4); the strings of `gmail` are those of the golden. */
export const hookPresets: Readonly<Record<HookPresetName, MappingFields>> = {
  gmail: {
    match: { path: "gmail" },
    action: "agent",
    name: "Gmail",
    sessionKey: "hook:gmail:{{messages[0].id}}",
    messageTemplate:
      "New email from {{messages[0].from}}\nSubject: {{messages[0].subject}}\n{{messages[0].snippet}}\n{{messages[0].body}}",
  },
  github: {
    match: { path: "github" },
    action: "agent",
    name: "GitHub",
    sessionKey: "hook:github:{{repository.full_name}}",
    messageTemplate: lines(
      "GitHub {{headers.x-github-event}} {{action}} in {{repository.full_name}} by {{sender.login}}",
      "{{ref}} {{compare}}",
      "{{head_commit.message}}",
      "{{pull_request.title}} {{pull_request.html_url}}",
      "{{pull_request.body}}",
      "{{issue.title}} {{issue.html_url}}",
      "{{issue.body}}",
      "{{comment.body}}",
      "{{workflow_run.name}} {{workflow_run.conclusion}} {{workflow_run.html_url}}",
      "{{release.name}} {{release.html_url}}",
      "{{zen}}",
    ),
  },
  stripe: {
    match: { path: "stripe" },
    action: "agent",
    name: "Stripe",
    sessionKey: "hook:stripe:{{type}}",
    messageTemplate: lines(
      "Stripe {{type}} ({{id}}, live: {{livemode}})",
      "{{data.object.object}} {{data.object.id}} {{data.object.status}}",
      "Amount: {{data.object.amount}}{{data.object.amount_total}} {{data.object.currency}} (smallest unit)",
      "Customer: {{data.object.customer}} {{data.object.customer_email}}",
      "{{data.object.description}}",
    ),
  },
  grafana: {
    match: { path: "grafana" },
    action: "agent",
    name: "Grafana",
    sessionKey: "hook:grafana:{{groupKey}}",
    messageTemplate: lines("Grafana {{status}}: {{title}}", "{{message}}", "{{externalURL}}"),
  },
  alertmanager: {
    match: { path: "alertmanager" },
    action: "agent",
    name: "Alertmanager",
    sessionKey: "hook:alertmanager:{{groupKey}}",
    messageTemplate: lines(
      "Alertmanager {{status}}: {{commonLabels.alertname}} ({{commonLabels.severity}})",
      "{{commonAnnotations.summary}}",
      "{{commonAnnotations.description}}",
      "{{alerts}}",
    ),
  },
  text: { match: { path: "text" }, action: "agent", name: "Text", messageTemplate: "{{text}}" },
  json: { match: { path: "json" }, action: "agent", name: "JSON", messageTemplate: "{{payload}}" },
};

/** Whether a template is one of ours, and not the owner's. */
export function isPresetTemplate(template: string): boolean {
  return Object.values(hookPresets).some(({ messageTemplate }) => messageTemplate === template);
}

function lines(...all: readonly string[]): string {
  return all.join("\n");
}
