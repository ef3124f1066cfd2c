// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is written
import { expect } from "bun:test";
import { secrets } from "../support/ground.ts";
import { down, enter } from "../support/keys.ts";
import type { PathsOn, Turn } from "../support/path.ts";
import { signInPaths } from "./sign-ins.ts";
import { everyStep, hidden, model, noCheck, pick, quick, typedKey, usualRest, write } from "./talk.ts";

const proven = ["local-chat works."] as const;
const proves = ["local-chat"] as const;

/** Providers with a key, and none at all. */
const keyPaths: PathsOn = ({ models, found }) => [
  {
    name: "skip: the built-in assistant, in four key presses",
    talk: [quick, pick("Skip", found), write],
    config: { agents: { defaults: { model: "offline:basic" } } },
    ...{ says: [...proven, "cara chat"], proves },
  },
  {
    name: "Anthropic, key typed",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      quick,
      pick("Anthropic", found),
      ["How do you sign in", enter],
      model,
      typedKey("Anthropic", "anthropic"),
      write,
    ],
    config: {
      anthropic: { apiKey: secrets.anthropic },
      agents: { defaults: { model: "anthropic:claude-sonnet-4-6" } },
    },
    ...{ says: [...proven, "Anthropic takes the key"], proves },
  },
  {
    name: "Anthropic, key of the environment, sealed answers",
    env: {
      ANTHROPIC_BASE_URL: models,
      ANTHROPIC_API_KEY: secrets.anthropic,
      CARAPACE_CONFIG_PASSWORD: secrets.configPassword,
    },
    talk: [
      quick,
      ["Who answers?", enter],
      ["How do you sign in", enter],
      model,
      ["where does it come from?", enter],
      write,
    ],
    config: { anthropic: { apiKey: "${ANTHROPIC_API_KEY}" } },
    ...{ says: [...proven, "ANTHROPIC_API_KEY is set"] },
  },
  {
    name: "Anthropic, key typed though there is one in the environment, sealed",
    env: {
      ANTHROPIC_BASE_URL: models,
      ANTHROPIC_API_KEY: secrets.refused,
      CARAPACE_CONFIG_PASSWORD: secrets.configPassword,
    },
    talk: [
      ...[quick, ["Who answers?", enter] as Turn, ["How do you sign in", enter] as Turn, model],
      ["where does it come from?", `${down(1)}${enter}`],
      ["Anthropic API key", `${secrets.anthropic}${enter}`],
      write,
    ],
    config: { anthropic: { apiKey: expect.stringMatching(/^enc:v2:/) } },
  },
  {
    name: "Anthropic with a setup token",
    env: { CARAPACE_CONFIG_PASSWORD: secrets.configPassword },
    talk: [
      ...[everyStep, hidden, pick("Anthropic", found)],
      ["How do you sign in", `${down(1)}${enter}`],
      model,
      ["Token that", `sk-ant-oat01-short${enter}`],
      ["Token that", `${secrets.setupToken}${enter}`],
      ...usualRest,
    ],
    config: { anthropic: { authProfile: "anthropic:default" }, auth: { profiles: { enabled: true } } },
  },
  {
    name: "OpenAI, key typed",
    env: { OPENAI_BASE_URL: models },
    talk: [
      quick,
      pick("OpenAI", found),
      ["How do you sign in", enter],
      model,
      typedKey("OpenAI", "openai"),
      write,
    ],
    config: { openai: { apiKey: secrets.openai } },
    ...{ says: proven, proves },
  },
  {
    name: "OpenAI, key of the environment, another model",
    env: { OPENAI_BASE_URL: models, OPENAI_API_KEY: secrets.openai },
    talk: [
      ...[quick, ["Who answers?", enter] as Turn, ["How do you sign in", enter] as Turn],
      ["Which model", `gpt-4.1-mini${enter}`],
      ["where does it come from?", enter],
      write,
    ],
    config: {
      openai: { apiKey: "${OPENAI_API_KEY}" },
      agents: { defaults: { model: "openai:gpt-4.1-mini" } },
    },
    says: proven,
  },
];

/** Providers at an address of the owner's choice. */
const addressPaths: PathsOn = ({ models, found }) => [
  {
    name: "Ollama of the environment, one of its models",
    env: { OLLAMA_BASE_URL: models },
    talk: [quick, ["Who answers?", enter], ["Which model", `${down(1)}${enter}`], write],
    config: {
      providers: { ollama: { baseUrl: "${OLLAMA_BASE_URL}" } },
      agents: { defaults: { model: "ollama:llama3.3:70b" } },
    },
    saysNot: ["ollama:evil", "\x1b]0", "\u202e"],
    ...{ says: proven, proves },
  },
  {
    name: "Ollama elsewhere, with a key",
    talk: [
      ...[everyStep, hidden, pick("Ollama", found)],
      ["Where does Ollama listen?", `${models}${enter}`],
      ["llama3.3:70b", `\x1b[A${enter}`],
      ["Which model of", `qwen3:8b${enter}`],
      ["Does this Ollama want a key?", "y"],
      ["Ollama API key", `${secrets.ollama}${enter}`],
      ["now whether this works?", enter],
      ...usualRest,
    ],
    config: { providers: { ollama: { baseUrl: models, apiKey: secrets.ollama } } },
    saysNot: ["\x1b]0", "\u202e"],
    proves,
  },
  {
    name: "NEAR AI Cloud, key and address of the environment",
    env: { NEARAI_API_KEY: secrets.nearai, NEARAI_BASE_URL: models },
    talk: [
      ...[everyStep, hidden],
      ["Who answers?", enter],
      ["own address", enter],
      ["Address of the NEAR AI Cloud API", enter],
      model,
      ["where does it come from?", enter],
      noCheck,
      ...usualRest,
    ],
    config: { nearai: { apiKey: "${NEARAI_API_KEY}", baseUrl: "${NEARAI_BASE_URL}" } },
    proves,
  },
  {
    name: "Venice, key typed",
    env: { VENICE_BASE_URL: models },
    talk: [quick, pick("Venice", found), model, typedKey("Venice", "venice"), write],
    config: { venice: { apiKey: secrets.venice } },
    says: proven,
  },
];

/** Providers of a cloud account, and the Claude CLI. */
const cloudPaths: PathsOn = ({ found }) => [
  {
    name: "Vertex, the default route",
    talk: [
      ...[everyStep, hidden, pick("Vertex", found)],
      ["Which model", enter],
      ["Google Cloud project", `my-project-123${enter}`],
      ["Location", enter],
      ["stands behind vertex:default", `gemini-3-flash${enter}`],
      noCheck,
      ...usualRest,
    ],
    config: {
      vertex: { projectId: "my-project-123", location: "us-central1", model: "gemini-3-flash" },
      agents: { defaults: { model: "vertex:default" } },
    },
  },
  {
    name: "Vertex, a model of its own, project of the environment",
    env: { VERTEX_PROJECT_ID: "env-project", VERTEX_LOCATION: "europe-west4" },
    talk: [
      ...[everyStep, hidden],
      ["Who answers?", enter],
      ["Which model", `${down(1)}${enter}`],
      ["Which model of Vertex", `gemini-3-pro${enter}`],
      ["Google Cloud project", enter],
      ["Location", enter],
      noCheck,
      ...usualRest,
    ],
    config: { vertex: { projectId: "${VERTEX_PROJECT_ID}", location: "${VERTEX_LOCATION}" } },
  },
  {
    name: "Bedrock, keys typed",
    talk: [
      ...[everyStep, hidden, pick("Bedrock", found), model],
      ["AWS region", `eu-central-1${enter}`],
      ["AWS access key id", `${secrets.awsId}${enter}`],
      ["AWS secret access key", `${secrets.awsSecret}${enter}`],
      ["AWS session token", `${secrets.awsSession}${enter}`],
      noCheck,
      ...usualRest,
    ],
    config: {
      bedrock: { region: "eu-central-1", accessKeyId: secrets.awsId, sessionToken: secrets.awsSession },
    },
  },
  {
    name: "Bedrock, keys of the environment",
    env: {
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: secrets.awsId,
      AWS_SECRET_ACCESS_KEY: secrets.awsSecret,
    },
    talk: [
      ...[everyStep, hidden],
      ["Who answers?", enter],
      model,
      ["AWS region", enter],
      ["AWS access key id: where", enter],
      ["AWS secret access key: where", enter],
      ["AWS session token", enter],
      noCheck,
      ...usualRest,
    ],
    config: { bedrock: { region: "${AWS_REGION}", accessKeyId: "${AWS_ACCESS_KEY_ID}" } },
  },
  {
    name: "the Claude CLI, which is not there, all the same",
    talk: [...[quick, pick("Claude CLI", found), model], ["Write it anyway?", `${down(1)}${enter}`], write],
    config: { agents: { defaults: { model: "claude-cli:default" } } },
  },
];

/** Every provider and every way to sign in, quick or in every step. */
export const providerPaths: PathsOn = (ground) =>
  [keyPaths, signInPaths, addressPaths, cloudPaths].flatMap((paths) => paths(ground));
