import { isRecord } from "@carapace/protocol";
import { parseJson } from "../../database/stored.ts";
import { authProfile } from "../../profiles/types.ts";
import { type NodeToken, nodeRequest, nodeToken, pairedNode, remoteGateway } from "../../registries/types.ts";
import { maxBytes } from "../paths.ts";
import { valuesOf } from "./devices.ts";
import { parseAll } from "./parsed.ts";
import { corrupt, type SmallStore } from "./small.ts";

/** Paired nodes (state.md §8). */
export const nodeStore: SmallStore = {
  path: "node-pairing.json",
  store: "nodes",
  maxBytes: maxBytes.nodes,
  *read(text, context) {
    const file = parseJson(text);
    if (!isRecord(file) || file["version"] !== 1) {
      return yield corrupt(context, "The file is not a registry of version 1.");
    }
    const nodes = parseAll(context, valuesOf(file["pairedNodes"]), {
      schema: pairedNode(),
      what: "a paired node",
      idOf: (node) => node.nodeId,
    });
    const requests = parseAll(context, valuesOf(file["pendingRequests"]), {
      schema: nodeRequest(),
      what: "a request of a node",
      idOf: (request) => request.requestId,
    });
    // The field for the token itself is always empty; should it not be, it is not kept.
    const tokens = parseAll(context, valuesOf(file["tokens"]), {
      schema: nodeToken().transform(({ token: _token, ...rest }): NodeToken => rest),
      what: "a node token",
      idOf: (token) => token.tokenHash,
    });
    yield* [...nodes.problems, ...requests.problems, ...tokens.problems];
    const registry = { nodes: nodes.records, requests: requests.records, tokens: tokens.records };
    yield { kind: "nodes", file: context.file, registry };
  },
};

/** Gateways this one links to (state.md §8). */
export const gatewayStore: SmallStore = {
  path: "gateways.json",
  store: "gateways",
  maxBytes: maxBytes.gateways,
  *read(text, context) {
    const file = parseJson(text);
    if (!isRecord(file) || file["version"] !== 1 || !Array.isArray(file["gateways"])) {
      return yield corrupt(context, "The file is not a list of gateways of version 1.");
    }
    const { records, problems } = parseAll(context, file["gateways"], {
      schema: remoteGateway(),
      what: "a gateway",
      idOf: (gateway) => gateway.id,
    });
    yield* problems;
    yield { kind: "gateways", file: context.file, gateways: records };
  },
};

/** Subscription logins (state.md §11.1): sealed values as they are, entries of an unknown form too. */
export const profileStore: SmallStore = {
  path: "auth_profiles.json",
  store: "profiles",
  maxBytes: maxBytes.profiles,
  *read(text, context) {
    const file = parseJson(text);
    if (!isRecord(file) || file["version"] !== 2 || !Array.isArray(file["profiles"])) {
      return yield corrupt(context, "The file is not a list of profiles of version 2.");
    }
    const { records, problems } = parseAll(context, file["profiles"], {
      schema: authProfile(),
      what: "a login profile",
      idOf: (profile) => profile.id,
    });
    yield* problems;
    yield { kind: "profiles", file: context.file, profiles: records };
  },
};

/** The owner's rules for commands (state.md §7), verbatim. */
export const approvalStore: SmallStore = {
  path: "exec-approvals.json",
  store: "approvals",
  maxBytes: maxBytes.approvals,
  *read(text, context) {
    yield { kind: "approvals", file: context.file, text };
    // The reference denies everything then, and so does who reads the text here.
    if (!isRecord(parseJson(text)))
      yield corrupt(context, "The rules are no JSON object: all commands are denied.");
  },
};

/** What names the installation (state.md §12). */
export const installationStore: SmallStore = {
  path: "installation_id",
  store: "installation",
  maxBytes: maxBytes.installation,
  *read(text, context) {
    const id = text.trim();
    if (/^[0-9a-f]{64}$/.test(id)) yield { kind: "installation", file: context.file, id };
    else yield corrupt(context, "The file does not hold an id.");
  },
};
